"""Take due rows one at a time, under a lease that a crash frees."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, and_, or_, select, update
from sqlalchemy.orm import Session

from service import clock
from service.db import transaction
from service.outbox.model import OutboxRow

LEASE = timedelta(minutes=2)  # longer than any effect may take
_LONGEST_PAUSE = timedelta(minutes=10)


def take(session: Session) -> OutboxRow | None:
    """The row that has been tried least and due for longest, leased to the caller and detached; None
    without one. What fails again and again comes after what was never tried."""
    if not _is_any_due(session):
        return None
    with transaction(session):
        now = clock.now()
        row = session.scalar(
            select(OutboxRow)
            .where(due(now))
            .order_by(OutboxRow.attempts, OutboxRow.due_at, OutboxRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is not None:
            row.leased_until, row.attempts = now + LEASE, row.attempts + 1
            session.flush()
            session.expunge(row)
    return row


def finish(session: Session, row: OutboxRow) -> None:
    """The effect is done; nothing where the lease was lost to another worker."""
    with transaction(session):
        session.execute(_held(row).values(done_at=clock.now(), leased_until=None, last_error=None))


def put_off(session: Session, row: OutboxRow, error: str) -> None:
    """The effect failed: later again, ever more seldom. ``error`` is a type's name only."""
    pause = min(timedelta(seconds=2 ** min(row.attempts, 20)), _LONGEST_PAUSE)
    with transaction(session):
        session.execute(
            _held(row).values(due_at=clock.now() + pause, leased_until=None, last_error=error[:100])
        )


def release(session: Session, row: OutboxRow) -> None:
    """Nobody goes on with a row that was begun: it is due again at once."""
    with transaction(session):
        session.execute(_held(row).values(leased_until=None))


def _is_any_due(session: Session) -> bool:
    """A look without a lock, so that waiting for work disturbs nobody."""
    found = session.scalar(select(OutboxRow.id).where(due(clock.now())).limit(1))
    session.rollback()
    return found is not None


def due(now: datetime) -> ColumnElement[bool]:
    free = or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= now)
    return and_(OutboxRow.done_at.is_(None), OutboxRow.due_at <= now, free)


def _held(row: OutboxRow) -> Update:
    return update(OutboxRow).where(OutboxRow.id == row.id, OutboxRow.attempts == row.attempts)
