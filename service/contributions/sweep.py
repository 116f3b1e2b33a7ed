"""Sweep: ask about all that is left open, in case a webhook was lost."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import asking, queries
from service.contributions.model import Attempt, Contribution, PaymentFact
from service.contributions.states import OPEN, FactKind, Status
from service.db import transaction
from service.errors import NotFound, ProcessorRefused, ProcessorUnavailable
from service.wiring import Wiring

log = structlog.get_logger()

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# How often an open attempt is asked about, by its age: its webhook comes in seconds as a rule.
_YOUNG, _OLDER = timedelta(minutes=15), timedelta(hours=3)
_FEE_WITHIN = timedelta(days=30)  # for how long a fee that is not known yet is asked for, hourly
_DISPUTE_EVERY = timedelta(hours=6)
_LONGEST = timedelta(minutes=4)  # of the job, after which the next run goes on
_AT_A_TIME = 200


@dataclass(slots=True)
class Swept:
    """What one sweep did: attempts asked about, facts applied, and what went wrong."""

    asked: int = 0
    applied: int = 0
    failed: list[str] = field(default_factory=list)


def sweep(session: Session, wiring: Wiring, everything: bool = False) -> Swept:
    """Ask about every attempt whose end is not known, every payment without its fee, and every
    dispute that is open, the oldest question first.

    The job leaves out what is younger than a minute or was asked lately, and ends after some
    minutes; ``everything`` asks about all, whatever their age. A processor that is away ends
    the asking at it for this time; what goes wrong with one attempt stops none of the others.
    """
    began, swept, away = clock.now(), Swept(), set[str]()
    while batch := _next_batch(session, wiring, everything, began, away):
        for attempt_id, processor in batch:
            if processor in away:
                continue
            if not everything and clock.now() > began + _LONGEST:
                return swept
            swept.asked += 1
            try:
                swept.applied += asking.ask(session, attempt_id, wiring)
            except ProcessorRefused:
                swept.failed.append(attempt_id)
                _put_last(session, attempt_id, "refused")
            except (ProcessorUnavailable, NotFound) as error:
                swept.failed.append(attempt_id)
                away.add(processor)
                log.warning("sweep_stopped", processor=processor, reason=error.code)
            except Exception as bug:  # one attempt must not stop the asking for all others
                swept.failed.append(attempt_id)
                _put_last(session, attempt_id, type(bug).__name__)
    return swept


def _put_last(session: Session, attempt_id: str, reason: str) -> None:
    """This one only: it goes to the end of the line and the others are asked."""
    log.warning("sweep_passed_over", attempt=attempt_id, reason=reason)
    with transaction(session):
        attempt = session.get_one(Attempt, attempt_id)
        queries.lock(session, attempt.contribution_id)
        attempt.asked_at = clock.now()


def _next_batch(
    session: Session, wiring: Wiring, everything: bool, began: datetime, away: set[str]
) -> list[tuple[str, str]]:
    query = (
        select(Attempt.id, Attempt.processor)
        .join(Contribution, Contribution.id == Attempt.contribution_id)
        .where(or_(*_questions(wiring, everything, began)))
        .where(or_(Attempt.asked_at.is_(None), Attempt.asked_at < began))
        .order_by(_asked(), Attempt.id)
        .limit(_AT_A_TIME)
    )
    if away:
        query = query.where(Attempt.processor.not_in(away))
    return [(attempt_id, processor) for attempt_id, processor in session.execute(query)]


def _asked() -> ColumnElement[datetime]:
    return func.coalesce(Attempt.asked_at, Attempt.created_at)


def _questions(wiring: Wiring, everything: bool, began: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is worth asking about now."""
    open_ = Attempt.state.in_([str(state) for state in OPEN])
    paid = Attempt.state == Status.PAID
    settled = select(PaymentFact.id).where(
        PaymentFact.attempt_id == Attempt.id, PaymentFact.kind == FactKind.SETTLED
    )
    # Where the books cannot be listed, fees come as a file, and asking tells nothing of them.
    listing = [processor.name for processor in wiring.processors.all() if processor.lists_books]
    without_fee = and_(
        paid, Attempt.processor.in_(listing), Attempt.created_at > began - _FEE_WITHIN, ~settled.exists()
    )
    disputed = and_(paid, Contribution.status == Status.DISPUTED)
    if everything:
        return open_, without_fee, disputed
    return (
        and_(open_, _is_due(began)),
        and_(without_fee, or_(_asked() < began - _HOUR, _just_paid(began))),
        and_(disputed, _asked() < began - _DISPUTE_EVERY),
    )


def _is_due(began: datetime) -> ColumnElement[bool]:
    """An open attempt is asked about every minute while it is young, then ever more seldom."""
    age, ten = Attempt.created_at, timedelta(minutes=10)
    return or_(
        and_(age > began - _YOUNG, _asked() < began - _MINUTE),
        and_(or_(age > began - _OLDER, Attempt.expires_at < began), _asked() < began - ten),
        _asked() < began - _HOUR,
    )


def _just_paid(began: datetime) -> ColumnElement[bool]:
    return and_(Attempt.created_at > began - _YOUNG, _asked() < began - _MINUTE)
