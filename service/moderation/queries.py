"""What moderators see: messages and their articles; never an amount, address or payment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from service.articles.registry import find_titles
from service.contributions.model import Contribution, Message
from service.contributions.queries import keeps_payment, make_cursor, read_cursor
from service.contributions.states import MessageState
from service.errors import NotFound
from service.moderation.model import Decision

STATES = tuple(
    str(state)
    for state in (
        MessageState.PENDING,
        MessageState.PUBLISHED,
        MessageState.REJECTED,
        MessageState.REMOVED,
    )
)


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A message before a moderator. ``article_title`` may be a reader's hint."""

    id: str
    revision: int
    state: str
    message: str
    display_name: str | None
    name_hidden: bool
    article_url: str
    article_title: str | None
    article_section: str | None
    received_at: datetime


def _items(state: str | None = None) -> Select[*tuple[Any, ...]]:
    """Only paid, not reversed contributions have a message that can be decided."""
    query = (
        select(
            Message.id,
            Message.revision,
            Message.state,
            Message.text,
            Contribution.display_name,
            Message.name_hidden,
            Contribution.article_key,
            Contribution.article_title_hint,
            Contribution.article_section,
            Message.received_at,
        )
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(keeps_payment())
    )
    return query.where(Message.state == state) if state else query


def queue(
    session: Session, state: str, limit: int, cursor: str | None
) -> tuple[Sequence[QueueItem], str | None]:
    """A page of one state, those that wait longest first, and where the next page begins."""
    query = _items(state).order_by(Message.received_at, Message.id).limit(limit + 1)
    if cursor:
        at, id_ = read_cursor(cursor)
        query = query.where(or_(Message.received_at > at, and_(Message.received_at == at, Message.id > id_)))
    rows = session.execute(query).all()
    titles = find_titles(session, {row.article_key for row in rows})
    items = [_item(row, titles) for row in rows[:limit]]
    more = len(rows) > limit
    return items, make_cursor(items[-1].received_at, items[-1].id) if more else None


def get_item(session: Session, message_id: str) -> QueueItem:
    """One message as moderators see it. Raises NotFound."""
    row = session.execute(_items().where(Message.id == message_id)).first()
    if row is None:
        raise NotFound
    return _item(row, find_titles(session, {row.article_key}))


def history(session: Session, message_id: str) -> Sequence[Decision]:
    """Every decision on a message, oldest first. Raises NotFound for an unknown message."""
    if session.get(Message, message_id) is None:
        raise NotFound
    return session.scalars(
        select(Decision).where(Decision.message_id == message_id).order_by(Decision.revision)
    ).all()


def _item(row: Row[Any], titles: Mapping[str, str]) -> QueueItem:
    return QueueItem(
        id=row.id,
        revision=row.revision,
        state=row.state,
        message=row.text,
        display_name=row.display_name,
        name_hidden=row.name_hidden,
        article_url=row.article_key,
        article_title=titles.get(row.article_key, row.article_title_hint),
        article_section=row.article_section,
        received_at=row.received_at,
    )
