"""Record an event once, apply it in the same transaction, keep what cannot be applied."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service import clock
from service.contributions import settle
from service.contributions.model import Attempt
from service.contributions.settle import CannotApply, NotYet, Outcome
from service.db import end_reading, transaction
from service.errors import NotFound, ProcessorRefused, ProcessorUnavailable
from service.finance import exceptions, ledger
from service.processors.base import Happening, PaymentHappening, ProcessorEvent
from service.processors.shape import UNREADABLE
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
_QUARANTINE_WAIT = timedelta(minutes=30)
_LONGEST_QUARANTINE = timedelta(days=1)
_RETRIED_FOR = timedelta(days=30)
_WAITS_FOR = timedelta(days=4)  # longer than any processor goes on sending
_PATIENCE = 8  # tries, of about four minutes in all, before what a processor does not tell is set aside
_AWAY = "the processor is away"
_AT_A_TIME = 500


def receive(session: Session, processor: str, event: ProcessorEvent, body: bytes, wiring: Wiring) -> str:
    """Record and apply a verified event; the status that it has now.

    What its body tells is applied in the transaction that records it. Where the processor
    must be asked, the event is recorded as waiting, the processor is asked outside any
    transaction, and a second one applies. An event that came before only counts its
    delivery; one that still waits is tried again. One that cannot be applied is quarantined
    and stops nothing. What waited for this payment is tried again at once.
    """
    with transaction(session):
        row, new = _record(session, processor, event, body)
        row_id = row.id
        if new and event.happenings is not None:
            _apply(session, row, event.happenings, wiring)
        elif not new and row.status != WAITING:
            return DUPLICATE
        status, attempt_id = row.status, row.attempt_id
    if status == WAITING and (event.happenings is None or not new):
        _retry(session, wiring, ReceivedEvent.id == row_id)
        status = session.get_one(ReceivedEvent, row_id, populate_existing=True).status
    elif status == APPLIED and attempt_id is not None:
        _retry(session, wiring, _waits_for(attempt_id))
    return status if new else DUPLICATE


def retry_waiting(session: Session, wiring: Wiring, everything: bool = False) -> int:
    """Try the kept events again whose time has come (or all that wait); how many were applied."""
    due = ReceivedEvent.next_try_at <= clock.now()
    waiting = ReceivedEvent.status == WAITING
    return _retry(session, wiring, waiting if everything else due)


def _retry(session: Session, wiring: Wiring, which: ColumnElement[bool]) -> int:
    """Try kept events again; a processor that is away is asked once and left in peace."""
    query = (
        select(ReceivedEvent.id, ReceivedEvent.processor)
        .where(
            ReceivedEvent.status.in_((WAITING, QUARANTINED)), ReceivedEvent.next_try_at.is_not(None), which
        )
        .order_by(ReceivedEvent.next_try_at, ReceivedEvent.id)
        .limit(_AT_A_TIME)
    )
    applied, away = 0, set[str]()
    for row_id, processor in session.execute(query).all():
        if processor in away:
            continue
        try:
            status, problem = _replay(session, row_id, wiring)
        except SQLAlchemyError:
            raise
        except Exception as bug:  # a poison event must not stop the next
            log.error("event_retry_failed", row=row_id, kind=type(bug).__name__)
            with transaction(session):
                _wait(session.get_one(ReceivedEvent, row_id), f"bug: {type(bug).__name__}", tried=True)
            continue
        applied += status == APPLIED
        if problem == _AWAY:
            away.add(processor)
    return applied


def replay(session: Session, row_id: int, wiring: Wiring) -> str:
    """Apply a kept event again, asking the processor where its projection does not tell all;
    the status that it has now."""
    return _replay(session, row_id, wiring)[0]


def _replay(session: Session, row_id: int, wiring: Wiring) -> tuple[str, str | None]:
    row = session.get_one(ReceivedEvent, row_id, populate_existing=True)
    name, projection, status = row.processor, dict(row.projection), row.status
    end_reading(session)
    if status not in (QUARANTINED, WAITING):
        return status, None
    told, problem = _ask(name, projection, wiring)
    with transaction(session):
        row = session.scalars(select(ReceivedEvent).where(ReceivedEvent.id == row_id).with_for_update()).one()
        if row.status not in (QUARANTINED, WAITING):
            return row.status, None
        if problem is None:
            row.attempt_id = row.attempt_id or _attempt_of(told)
            _apply(session, row, told, wiring)
        elif problem == _AWAY or row.tries < _PATIENCE:
            _wait(row, problem, tried=True)
        else:
            row.tries += 1
            _quarantine(session, row, problem)
        status, attempt_id = row.status, row.attempt_id
    if status == APPLIED and attempt_id is not None:
        _retry(session, wiring, _waits_for(attempt_id))
    return status, problem


def _ask(
    processor: str, projection: Mapping[str, Any], wiring: Wiring
) -> tuple[Sequence[Happening], str | None]:
    """What an event tells, or why that is not known now. Outside any transaction."""
    try:
        found = wiring.processors.get(processor)
        if found.refusal(projection) is not None:
            return (), None  # not worth asking: it is set aside when it is applied
        return found.complete(projection), None
    except ProcessorRefused:
        return (), "the processor does not tell"
    except ProcessorUnavailable:
        return (), _AWAY
    except NotFound:
        return (), "no such processor is set up"
    except UNREADABLE as error:
        return (), f"unreadable: {type(error).__name__}"


def _waits_for(attempt_id: str) -> ColumnElement[bool]:
    return (ReceivedEvent.attempt_id == attempt_id) & (ReceivedEvent.status == WAITING)


def list_events(session: Session, status: str | None, limit: int) -> Sequence[ReceivedEvent]:
    """Events newest first, of one status or all."""
    query = select(ReceivedEvent).order_by(ReceivedEvent.id.desc()).limit(limit)
    if status:
        query = query.where(ReceivedEvent.status == status)
    return session.scalars(query).all()


def _record(
    session: Session, processor: str, event: ProcessorEvent, body: bytes
) -> tuple[ReceivedEvent, bool]:
    """The row of an event, and whether it is new; each further delivery is counted."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    now = clock.now()
    values: Mapping[str, Any] = {
        "processor": processor,
        "event_id": event.id,
        "type": event.type,
        "status": WAITING,
        "deliveries": 1,
        "tries": 0,
        "received_at": now,
        "next_try_at": now + _FIRST_WAIT,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "projection": dict(event.projection),
        "attempt_id": _attempt_of(event.happenings or ()),
    }
    statement = dialect.insert(ReceivedEvent).values(**values).on_conflict_do_nothing()
    row_id = session.scalar(statement.returning(ReceivedEvent.id))
    if row_id is not None:
        return session.get_one(ReceivedEvent, row_id), True
    known = (ReceivedEvent.processor == processor, ReceivedEvent.event_id == event.id)
    session.execute(update(ReceivedEvent).where(*known).values(deliveries=ReceivedEvent.deliveries + 1))
    return session.scalars(select(ReceivedEvent).where(*known)).one(), False


def _attempt_of(told: Sequence[Happening]) -> str | None:
    return next((it.attempt_id for it in told if isinstance(it, PaymentHappening)), None)


def _apply(session: Session, row: ReceivedEvent, told: Sequence[Happening], wiring: Wiring) -> None:
    """Apply all that an event tells, or none of it, and note what came of it."""
    was_aside = row.status == QUARANTINED
    row.tries += 1
    row.reason, row.next_try_at = None, None
    try:
        processor = wiring.processors.get(row.processor)
        refusal = processor.refusal(row.projection)
        if refusal is not None:
            raise CannotApply(refusal)
        with settle.guarded(session):
            live = processor.live
            outcomes = [settle.apply(session, row.processor, happening, live) for happening in told]
    except NotYet as early:
        if row.received_at > clock.now() - _WAITS_FOR:
            _wait(row, str(early))
        else:
            _quarantine(session, row, f"waited too long: {early}")
    except (CannotApply, NotFound) as refused:
        _quarantine(session, row, str(refused))
    else:
        row.status = _status_of(outcomes)
        if was_aside:
            exceptions.resolve(session, "unapplied_event", _subject(row), "The event could be applied later.")


def _wait(row: ReceivedEvent, reason: str, tried: bool = False) -> None:
    """Try again later, and later each time."""
    row.status, row.reason = WAITING, reason[:200]
    row.tries += tried
    row.next_try_at = clock.now() + min(_FIRST_WAIT * 2 ** min(row.tries, 20), _LONGEST_WAIT)


def _quarantine(session: Session, row: ReceivedEvent, reason: str) -> None:
    """Set an event aside and show it to finance. It is tried again, in case a mended program
    or a processor that was set up meanwhile can apply it."""
    row.status, row.reason = QUARANTINED, reason[:200]
    wait = min(_QUARANTINE_WAIT * 2 ** min(row.tries, 10), _LONGEST_QUARANTINE)
    row.next_try_at = clock.now() + wait if row.received_at > clock.now() - _RETRIED_FOR else None
    attempt = session.get(Attempt, row.attempt_id) if row.attempt_id else None
    owner = attempt.contribution_id if attempt else None
    ledger.raise_exception(session, "unapplied_event", _subject(row), owner, row.received_at)
    log.error("event_quarantined", processor=row.processor, event_id=row.event_id, reason=row.reason)


def _subject(row: ReceivedEvent) -> str:
    """What an exception about an event is called by."""
    return f"{row.processor}:{row.event_id}"[:100]


def _status_of(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return UNUSED
    return APPLIED if Outcome.APPLIED in outcomes else DUPLICATE
