"""What the administration's home says about privacy requests."""

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import clock
from service.privacy.kinds import AWAITING
from service.privacy.model import PrivacyRequest
from service.staff.attention import FINE, NOTICE, URGENT, Notice
from service.web.language import current, moment

_PATH = "/desk/admin/privacy"


def waiting(session: Session) -> list[Notice]:
    """How many requests wait, and until when the first has to be answered."""
    query = select(func.count(), func.min(PrivacyRequest.deadline)).where(PrivacyRequest.state == AWAITING)
    count, deadline = session.execute(query).one()
    if not count:
        return [Notice(_("No privacy request waits."), _PATH, FINE)]
    first = moment(deadline, current())
    text = _(
        "Privacy requests that wait: %(count)s. The first deadline: %(moment)s.", count=count, moment=first
    )
    return [Notice(text, _PATH, URGENT if deadline <= clock.now() else NOTICE)]
