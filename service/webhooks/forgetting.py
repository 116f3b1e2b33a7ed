"""Reduce events that are done with to their names, times and the hash of their bodies."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from service import clock
from service.contributions.model import Attempt
from service.webhooks import inbox
from service.webhooks.model import ReceivedEvent

_DONE = (inbox.APPLIED, inbox.DUPLICATE, inbox.UNUSED)


def of_contributions(session: Session, ids: Sequence[str]) -> Counter[str]:
    """Reduce the events of these contributions, inside a transaction. Those that still wait to be
    applied are needed for that: they hold codes and amounts only."""
    attempts = select(Attempt.id).where(Attempt.contribution_id.in_(ids))
    return Counter(events=_reduce(session, ReceivedEvent.attempt_id.in_(attempts)))


def before(session: Session, at: datetime, count: int) -> int:
    """Reduce up to ``count`` events that came before a moment, inside a transaction; how many."""
    old = (
        select(ReceivedEvent.id)
        .where(_is_whole(), ReceivedEvent.received_at < at)
        .order_by(ReceivedEvent.received_at)
        .limit(count)
    )
    return _reduce(session, ReceivedEvent.id.in_(session.scalars(old).all()))


def due(session: Session, at: datetime) -> int:
    """How many events wait to be reduced."""
    query = select(func.count()).where(_is_whole(), ReceivedEvent.received_at < at)
    return session.scalar(query) or 0


def _is_whole() -> ColumnElement[bool]:
    return ReceivedEvent.reduced_at.is_(None) & ReceivedEvent.status.in_(_DONE)


def _reduce(session: Session, which: ColumnElement[bool]) -> int:
    reduced = session.execute(
        update(ReceivedEvent)
        .where(_is_whole(), which)
        .values(projection={}, reduced_at=clock.now())
        .returning(ReceivedEvent.id)
        .execution_options(synchronize_session=False)
    )
    return len(reduced.all())
