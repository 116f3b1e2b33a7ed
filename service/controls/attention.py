"""What the administration's home says about the switch."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.controls.model import Switch
from service.controls.settings import CLOSED, state_at
from service.staff.attention import FINE, NOTICE, Notice

_PATH = "/desk/switch"


def closings(session: Session) -> list[Notice]:
    """Whether contributions are open everywhere."""
    now = clock.now()
    closed = [switch for switch in session.scalars(select(Switch)) if state_at(switch, now) == CLOSED]
    if not closed:
        return [Notice(_("Contributions are open everywhere."), _PATH, FINE)]
    return [
        Notice(_("Contributions are closed: %(count)s closings in force.", count=len(closed)), _PATH, NOTICE)
    ]
