"""Give movements their gapless numbers: by a job, and again before each export."""

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from service.finance.model import Movement, MovementSequence

_LOCK = 724_002  # any number that no other advisory lock here uses


def assign(session: Session) -> int:
    """Number every movement that has none, oldest first; how many there were.

    Call inside a transaction: only one at a time gives numbers (an advisory lock on
    PostgreSQL, the write lock on SQLite), so that none is skipped or used twice.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.scalar(select(func.max(MovementSequence.sequence))) or 0
    unnumbered = session.scalars(
        select(Movement.id)
        .outerjoin(MovementSequence, MovementSequence.movement_id == Movement.id)
        .where(MovementSequence.sequence.is_(None))
        .order_by(Movement.recorded_at, Movement.id)
    ).all()
    rows = [
        {"sequence": last + place, "movement_id": movement_id}
        for place, movement_id in enumerate(unnumbered, start=1)
    ]
    if rows:
        session.execute(insert(MovementSequence), rows)
    return len(rows)
