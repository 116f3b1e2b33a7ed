"""Ask the processor: the landing page about one attempt, the sweep about all left open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import give
from service.contributions.model import Attempt, Contribution, PaymentFact
from service.contributions.states import OPEN, FactKind, Status
from service.contributions.taking import take_in
from service.db import end_reading, transaction
from service.errors import NotFound, ProcessorRefused, ProcessorUnavailable
from service.processors.base import Happening, Processor
from service.wiring import Wiring

log = structlog.get_logger()

_SETTLE_IN = timedelta(seconds=60)  # an attempt younger than this is left to its webhook
_FEE_WITHIN = timedelta(days=30)  # for how long a fee that is not known yet is asked for
_LATE = timedelta(minutes=5)  # after its end, a page that tells nothing is closed by us
_DISPUTE_EVERY = timedelta(hours=6)
_AT_A_TIME = 200


@dataclass(slots=True)
class Swept:
    """What one sweep did: attempts asked about, facts applied, and what went wrong."""

    asked: int = 0
    applied: int = 0
    failed: list[str] = field(default_factory=list)


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
        attempt.asked_at = clock.now()
        return take_in(session, processor, told, "unapplied_fact", attempt.contribution_id)


def sweep(session: Session, wiring: Wiring, everything: bool = False) -> Swept:
    """Ask about every attempt whose end is not known, every payment without its fee, and, a few
    times a day, every dispute that is open.

    The job leaves out what is younger than a minute or was asked a moment ago;
    ``everything`` asks about all, whatever their age. A processor that is away ends the
    asking for this time.
    """
    began, swept, away = clock.now(), Swept(), set[str]()
    while batch := _next_batch(session, everything, began, away):
        for attempt_id, processor in batch:
            if processor in away:
                continue
            swept.asked += 1
            try:
                swept.applied += ask(session, attempt_id, wiring)
            except ProcessorRefused:
                # This one only: it goes to the end of the line and the others are asked.
                swept.failed.append(attempt_id)
                log.warning("sweep_refused", processor=processor, attempt=attempt_id)
                with transaction(session):
                    session.get_one(Attempt, attempt_id).asked_at = clock.now()
            except (ProcessorUnavailable, NotFound) as error:
                swept.failed.append(attempt_id)
                away.add(processor)
                log.warning("sweep_stopped", processor=processor, reason=error.code)
    return swept


def _next_batch(session: Session, everything: bool, began: datetime, away: set[str]) -> list[tuple[str, str]]:
    settled = select(PaymentFact.id).where(
        PaymentFact.attempt_id == Attempt.id, PaymentFact.kind == FactKind.SETTLED
    )
    query = (
        select(Attempt.id, Attempt.processor)
        .join(Contribution, Contribution.id == Attempt.contribution_id)
        .where(
            or_(
                Attempt.state.in_([str(state) for state in OPEN]),
                (Attempt.state == Status.PAID)
                & (Attempt.created_at > began - _FEE_WITHIN)
                & ~settled.exists(),
                (Attempt.state == Status.PAID)
                & (Contribution.status == Status.DISPUTED)
                & (
                    everything or func.coalesce(Attempt.asked_at, Attempt.created_at) < began - _DISPUTE_EVERY
                ),
            )
        )
        .order_by(func.coalesce(Attempt.asked_at, Attempt.created_at), Attempt.id)
        .limit(_AT_A_TIME)
    )
    if away:
        query = query.where(Attempt.processor.not_in(away))
    asked_before = began if everything else began - _SETTLE_IN
    query = query.where(or_(Attempt.asked_at.is_(None), Attempt.asked_at < asked_before))
    if not everything:
        query = query.where(Attempt.created_at < began - _SETTLE_IN)
    return [(attempt_id, processor) for attempt_id, processor in session.execute(query)]
