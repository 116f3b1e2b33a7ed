"""What waits in the outbox for too long, and what fails there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import clock
from service.outbox.model import OutboxRow
from service.outbox.take import due

PATIENCE = timedelta(minutes=5)


def oldest_due(session: Session) -> datetime | None:
    """Since when the row that has waited for longest is due; None where none waits."""
    return session.scalar(select(func.min(OutboxRow.due_at)).where(due(clock.now())))


def failing(session: Session) -> Sequence[tuple[str, int]]:
    """The kinds whose rows failed and are still to be done, with how many of each."""
    rows = session.execute(
        select(OutboxRow.kind, func.count())
        .where(OutboxRow.done_at.is_(None), OutboxRow.last_error.is_not(None))
        .group_by(OutboxRow.kind)
        .order_by(OutboxRow.kind)
    )
    return [(kind, count) for kind, count in rows]


def outbox_is_worked_off(session: Session) -> list[str]:
    """An invariant: no row has been due for minutes without anybody at work on it."""
    late = select(OutboxRow).where(due(clock.now()), OutboxRow.due_at < clock.now() - PATIENCE)
    return [f"{row.kind} {row.subject}" for row in session.scalars(late.order_by(OutboxRow.id).limit(100))]
