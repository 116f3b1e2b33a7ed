"""Ask the processor about one attempt, and apply what it tells."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from service import clock
from service.contributions import give, queries
from service.contributions.model import Attempt
from service.contributions.states import OPEN
from service.contributions.taking import take_in
from service.db import end_reading, transaction
from service.errors import NotFound
from service.processors.base import Happening, Processor
from service.wiring import Wiring

_LATE = timedelta(minutes=5)  # after its end, a page that tells nothing is closed by us


def ask(session: Session, attempt_id: str, wiring: Wiring) -> int:
    """Ask about one attempt and apply what is new; how many facts were.

    Raises ProcessorUnavailable, NotFound for a processor that is not set up any more.
    """
    attempt = session.get(Attempt, attempt_id, populate_existing=True)
    if attempt is None:
        raise NotFound
    processor = wiring.processors.get(attempt.processor)
    found = 0
    if attempt.checkout_ref is None:
        found = give.look_for_checkout(session, attempt_id, processor)
        attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
    ref = attempt.checkout_ref
    if ref is None:
        return found
    over = attempt.state in OPEN and attempt.expires_at + _LATE <= clock.now()
    end_reading(session)
    told = processor.ask(ref)
    if not told and over and processor.expires_silently:
        told = processor.expire_checkout(ref)
    return found + take(session, attempt_id, processor, told)


def expire(session: Session, attempt_id: str, wiring: Wiring) -> int:
    """Close an attempt's checkout at the processor and apply what that made known.

    Raises ProcessorUnavailable, NotFound. Nothing happens where no checkout is known.
    """
    attempt = session.get(Attempt, attempt_id, populate_existing=True)
    if attempt is None:
        raise NotFound
    processor, ref = wiring.processors.get(attempt.processor), attempt.checkout_ref
    if ref is None:
        return 0
    end_reading(session)
    return take(session, attempt_id, processor, processor.expire_checkout(ref))


def take(session: Session, attempt_id: str, processor: Processor, told: Sequence[Happening]) -> int:
    """Apply what a processor told of an attempt; how many facts were new."""
    with transaction(session):
        attempt = session.get_one(Attempt, attempt_id)
        queries.lock(session, attempt.contribution_id)  # before its attempt, as everywhere
        attempt.asked_at = clock.now()
        return take_in(session, processor, told, "unapplied_fact", attempt.contribution_id)
