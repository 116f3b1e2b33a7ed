"""Record an event once, apply it in the same transaction, keep what cannot be applied."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service import clock
from service.contributions import settle
from service.contributions.model import Attempt
from service.contributions.settle import CannotApply, NotYet, Outcome
from service.db import transaction
from service.errors import NotFound
from service.finance import ledger
from service.processors.base import Happening, PayoutMade, ProcessorEvent
from service.webhooks.model import ReceivedEvent
from service.wiring import Wiring

log = structlog.get_logger()

APPLIED, DUPLICATE, UNUSED, QUARANTINED, WAITING = (
    "applied",
    "duplicate",
    "unused",
    "quarantined",
    "waiting",
)
STATUSES = (APPLIED, DUPLICATE, UNUSED, QUARANTINED, WAITING)
_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(hours=6)
_AT_A_TIME = 500


def receive(session: Session, processor: str, event: ProcessorEvent, body: bytes, wiring: Wiring) -> str:
    """Record and apply a verified event, in one transaction; the status that it has now.

    An event that came before only counts its delivery. One that cannot be applied is
    quarantined and stops nothing. What waited for this payment is tried again at once.
    """
    with transaction(session):
        row = _record(session, processor, event, body)
        if row is None:
            return DUPLICATE
        _apply(session, row, event.happenings, wiring)
        status = row.status
        attempt_id = row.attempt_id
    if status == APPLIED and attempt_id is not None:
        _retry(session, wiring, ReceivedEvent.attempt_id == attempt_id)
    return status


def retry_waiting(session: Session, wiring: Wiring, everything: bool = False) -> int:
    """Try the waiting events again whose time has come (or all); how many were applied."""
    due = ReceivedEvent.next_try_at <= clock.now()
    return _retry(session, wiring, true() if everything else due)


def _retry(session: Session, wiring: Wiring, which: ColumnElement[bool]) -> int:
    query = (
        select(ReceivedEvent.id)
        .where(ReceivedEvent.status == WAITING, which)
        .order_by(ReceivedEvent.next_try_at, ReceivedEvent.id)
        .limit(_AT_A_TIME)
    )
    return sum(replay(session, row_id, wiring) == APPLIED for row_id in session.scalars(query).all())


def replay(session: Session, row_id: int, wiring: Wiring) -> str:
    """Apply a kept event again, from its projection; the status that it has now."""
    with transaction(session):
        row = session.scalars(select(ReceivedEvent).where(ReceivedEvent.id == row_id).with_for_update()).one()
        if row.status in (QUARANTINED, WAITING):
            _apply(session, row, None, wiring)
        return row.status


def list_events(session: Session, status: str | None, limit: int) -> Sequence[ReceivedEvent]:
    """Events newest first, of one status or all."""
    query = select(ReceivedEvent).order_by(ReceivedEvent.id.desc()).limit(limit)
    if status:
        query = query.where(ReceivedEvent.status == status)
    return session.scalars(query).all()


def _record(session: Session, processor: str, event: ProcessorEvent, body: bytes) -> ReceivedEvent | None:
    """The new row of an event, or None for one that is known, whose delivery is counted."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values: Mapping[str, Any] = {
        "processor": processor,
        "event_id": event.id,
        "type": event.type,
        "status": WAITING,
        "deliveries": 1,
        "tries": 0,
        "received_at": clock.now(),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "projection": dict(event.projection),
        "attempt_id": next(
            (told.attempt_id for told in event.happenings if not isinstance(told, PayoutMade)), None
        ),
    }
    statement = dialect.insert(ReceivedEvent).values(**values).on_conflict_do_nothing()
    row_id = session.scalar(statement.returning(ReceivedEvent.id))
    if row_id is None:
        session.execute(
            update(ReceivedEvent)
            .where(ReceivedEvent.processor == processor, ReceivedEvent.event_id == event.id)
            .values(deliveries=ReceivedEvent.deliveries + 1)
        )
        return None
    return session.get_one(ReceivedEvent, row_id)


def _apply(session: Session, row: ReceivedEvent, told: Sequence[Happening] | None, wiring: Wiring) -> None:
    """Apply all that an event tells, or none of it, and note what came of it.

    ``told`` is what a fresh event says; a kept one is read again from its projection.
    """
    row.tries += 1
    row.reason, row.next_try_at = None, None
    try:
        with settle.guarded(session):
            if told is None:
                told = wiring.processors.get(row.processor).read_projection(row.projection)
            live = wiring.settings.in_production
            outcomes = [settle.apply(session, row.processor, happening, live) for happening in told]
    except NotYet as early:
        row.status, row.reason = WAITING, str(early)
        row.next_try_at = clock.now() + min(_FIRST_WAIT * 2 ** min(row.tries, 20), _LONGEST_WAIT)
    except (CannotApply, NotFound) as refused:
        row.status, row.reason = QUARANTINED, str(refused)[:200]
        attempt = session.get(Attempt, row.attempt_id) if row.attempt_id else None
        owner = attempt.contribution_id if attempt else None
        ledger.raise_exception(session, "unapplied_event", f"{row.processor}:{row.event_id}"[:100], owner)
        log.error("event_quarantined", processor=row.processor, event_id=row.event_id, reason=row.reason)
    else:
        row.status = _status_of(outcomes)


def _status_of(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return UNUSED
    return APPLIED if Outcome.APPLIED in outcomes else DUPLICATE
