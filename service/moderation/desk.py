"""What API and pages of the desk do alike: claim, decide, and keep the leases of who is at work."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from service.db import transaction
from service.errors import Refusal
from service.moderation import claims, queries
from service.moderation.decide import Verdict, decide
from service.moderation.queries import Filters, QueueItem
from service.moderation.transitions import Moderator
from service.staff import accounts
from service.staff.permissions import DECIDE_ESCALATED, LEAD
from service.web.access import Caller
from service.wiring import Wiring


def moderator(caller: Caller) -> Moderator:
    """The caller as one who decides."""
    return Moderator(caller.id, DECIDE_ESCALATED in caller.permissions)


def lifetime(wiring: Wiring) -> timedelta:
    """How long a lease runs after the holder's last call."""
    return timedelta(seconds=wiring.settings.claim_seconds)


def claim(
    session: Session, caller: Caller, count: int, filters: Filters, wiring: Wiring
) -> Sequence[QueueItem]:
    """Lease messages to the caller and read them."""
    with transaction(session):
        has_leads = accounts.is_filled(session, LEAD)
        who = moderator(caller)
        ids = claims.take(session, who, count, lifetime(wiring), filters, has_leads=has_leads)
    return queries.by_ids(session, ids)


def carry_out(
    session: Session, items: Sequence[tuple[str, Verdict]], caller: Caller, wiring: Wiring
) -> list[Refusal | None]:
    """Decide several messages, each in a transaction of its own; what was refused, in order."""
    outcomes: list[Refusal | None] = []
    for message_id, verdict in items:
        try:
            with transaction(session):
                decide(session, message_id, verdict, moderator(caller), wiring)
            outcomes.append(None)
        except Refusal as refusal:
            outcomes.append(refusal)
    return outcomes


def keep_leases(session: Session, caller: Caller, wiring: Wiring) -> None:
    """Any call of a holder renews what it holds."""
    if claims.held_by(session, caller.id):
        with transaction(session):
            claims.renew(session, caller.id, lifetime(wiring))
