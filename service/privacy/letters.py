"""The letter that asks whoever reads an address to confirm a request."""

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from service.errors import N_
from service.mail.letter import Letter
from service.privacy import link
from service.privacy.kinds import AWAITING
from service.privacy.model import PrivacyRequest
from service.web.language import moment
from service.wiring import Wiring

WHAT = {
    "export": N_("a copy of all data about you"),
    "correct": N_("a correction of your data"),
    "restrict": N_("a restriction: your data is kept, and nothing else is done with it"),
    "withdraw": N_(
        "taking back your consent: your message leaves the public wall, your name and address are removed"
    ),
    "erase": N_("erasing your name, your message and your e-mail address, for ever"),
}


def confirmation(session: Session, request_id: str, wiring: Wiring) -> Letter | None:
    """The letter for a request that still awaits its confirmation, else None. The address is
    opened here and kept nowhere."""
    row = session.get(PrivacyRequest, request_id)
    if row is None or row.state != AWAITING or row.email_sealed is None:
        return None
    address = wiring.settings.public_url
    told = {
        "publisher": wiring.settings.publisher_name,
        "link": f"{address}/privacy/confirm/{link.make(row.id, wiring.settings.secret_key)}?lang={row.locale}",
        "told_until": moment(row.deadline, row.locale),
        "language": row.locale,
    }
    with force_locale(row.locale):
        told["what"] = _(WHAT[row.kind])
        told["subject"] = _("Please confirm your request to %(publisher)s", publisher=told["publisher"])
        return Letter(
            to=wiring.sealer.unseal(row.email_sealed, row.id),
            subject=told["subject"],
            text=render_template("privacy/confirmation.txt", **told),
            html=render_template("privacy/confirmation.mail.html", **told),
            ref=f"privacy:{row.id}",
            at=row.received_at,
            locale=row.locale,
        )
