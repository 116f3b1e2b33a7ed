"""What a correction writes: checked as a gift is, and sealed until it is carried out."""

import json
from collections.abc import Mapping

from service import clock
from service.errors import N_, LinkEnded, ValidationFailed
from service.privacy.kinds import CORRECT
from service.sealing import CannotUnseal, Sealer
from service.terms import check
from service.wiring import Wiring

FIELDS = ("display_name", "email")
Changes = Mapping[str, str | None]


def require(kind: str, changes: Changes, wiring: Wiring) -> None:
    """Raises ValidationFailed for a correction of nothing, a name that is too long, or changes
    that come with another kind; PaymentDetailsRefused for a card number (clause 5.2)."""
    if (kind == CORRECT) is not bool(changes):
        text = (
            N_("Write what is to be corrected.") if kind == CORRECT else N_("Only a correction changes this.")
        )
        raise ValidationFailed({"display_name": ("required" if kind == CORRECT else "unknown", text)})
    limits = wiring.terms.limits_in_force(clock.now())
    check.require_texts_within(limits, None, changes.get("display_name"))
    check.refuse_payment_details(dict(changes))


def seal(changes: Changes, request_id: str, sealer: Sealer) -> str | None:
    """The changes as they wait for a confirmation."""
    return sealer.seal(json.dumps(dict(changes)), request_id) if changes else None


def unseal(sealed: str | None, request_id: str, sealer: Sealer) -> dict[str, str | None]:
    """The changes again. Raises LinkEnded where their key is gone: what was to be written is known
    to nobody, and the person has to ask again."""
    try:
        return dict(json.loads(sealer.unseal(sealed, request_id))) if sealed else {}
    except CannotUnseal as error:
        raise LinkEnded from error
