"""What moderators see: messages and their articles; never an amount, address or payment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from service import clock
from service.articles.registry import find_titles
from service.contributions.model import Contribution, Message, MessageFlag
from service.contributions.queries import make_cursor, read_cursor
from service.contributions.states import MessageState
from service.errors import N_, NotFound, ValidationFailed
from service.moderation.model import Claim, Decision, Report
from service.moderation.search import matching
from service.screening.screen import KINDS

PENDING = str(MessageState.PENDING)
STATES = (
    PENDING,
    *(str(state) for state in (MessageState.PUBLISHED, MessageState.REJECTED, MessageState.REMOVED)),
)
# Lists are counted so far, and "more" is said after that (a count of everything is slow).
COUNTED = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages of a list: ``moderator`` decided them; ``since`` and ``until`` bound when
    they came in, or were decided; ``holder`` has claimed them; ``text`` is in them."""

    section: str | None = None
    article: str | None = None
    flag: str | None = None
    reason: str | None = None
    moderator: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    holder: str | None = None


NO_FILTERS = Filters()
# What can be filtered by like a flag, and is none of the text.
_OF_THE_DESK: dict[str, ColumnElement[bool]] = {
    "reported": Message.reports > 0,
    "escalated": Message.escalated.is_(True),
    "second_eyes": Message.proposed_by.is_not(None),
}
FLAGS = (*_OF_THE_DESK, *KINDS)


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
    priority: int
    escalated: bool
    proposed_by: str | None
    reports: int
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    claimed_by: str | None
    claimed_until: datetime | None
    flags: Sequence[tuple[str, str | None]] = field(default=())
    report_reasons: Sequence[str] = field(default=())


def _items() -> Select[*tuple[Any, ...]]:
    now = clock.now()
    return (
        select(
            Message.id,
            Message.revision,
            Message.state,
            Message.text.label("message"),
            Contribution.display_name,
            Message.name_hidden,
            Contribution.article_key.label("article_url"),
            Contribution.article_title_hint.label("article_title"),
            Contribution.article_section,
            Message.received_at,
            (-Message.rank).label("priority"),
            Message.escalated,
            Message.proposed_by,
            Message.reports,
            Message.decided_by,
            Message.decided_at,
            Message.reason,
            Claim.holder.label("claimed_by"),
            Claim.until.label("claimed_until"),
        )
        .join(Contribution, Contribution.id == Message.contribution_id)
        .outerjoin(Claim, (Claim.message_id == Message.id) & (Claim.until > now))
    )


def queue(
    session: Session, state: str, limit: int, cursor: str | None = None, filters: Filters = NO_FILTERS
) -> tuple[Sequence[QueueItem], str | None]:
    """A page of one list and where the next page begins. What waits: the most urgent first, then
    those that wait longest. What is decided: the newest decision first.

    Raises ValidationFailed for a cursor that is not one of ours.
    """
    query = _items().where(*in_queue(state, filters, session)).order_by(*in_order(state)).limit(limit + 1)
    if cursor:
        query = query.where(_beyond(state, cursor))
    rows = session.execute(query).all()
    items = _complete(session, rows[:limit])
    return items, _place(state, items[-1]) if len(rows) > limit else None


def by_ids(session: Session, ids: Sequence[str]) -> Sequence[QueueItem]:
    """These messages in this order, without those that cannot be decided."""
    seen = _items().where(Message.id.in_(ids), Message.queue.is_not(None))
    found = {row.id: row for row in session.execute(seen)}
    return _complete(session, [found[id_] for id_ in ids if id_ in found])


def get_item(session: Session, message_id: str) -> QueueItem:
    """One message as moderators see it. Raises NotFound, also for what cannot be decided."""
    rows = session.execute(_items().where(Message.id == message_id, Message.queue.is_not(None))).all()
    if not rows:
        raise NotFound
    return _complete(session, rows)[0]


def in_queue(state: str, filters: Filters, session: Session) -> list[ColumnElement[bool]]:
    """Conditions for the messages of a list."""
    conditions = [Message.queue == state]
    for column, wanted in (
        (Message.section, filters.section),
        (Message.reason, filters.reason),
        (Message.decided_by, filters.moderator),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    if filters.article is not None:
        of_article = select(Contribution.id).where(Contribution.article_key == filters.article)
        conditions.append(Message.contribution_id.in_(of_article))
    if filters.flag in _OF_THE_DESK:
        conditions.append(_OF_THE_DESK[filters.flag])
    elif filters.flag is not None:
        conditions.append(_has_flag(filters.flag))
    if filters.holder is not None:
        held = select(Claim.message_id).where(Claim.holder == filters.holder, Claim.until > clock.now())
        conditions.append(Message.id.in_(held))
    at = Message.received_at if state == PENDING else Message.decided_at
    if filters.since is not None:
        conditions.append(at >= filters.since)
    if filters.until is not None:
        conditions.append(at < filters.until)
    return conditions + (matching(session, filters.text) if filters.text else [])


def in_order(state: str) -> list[ColumnElement[Any]]:
    """The order of a list, along one of its indexes."""
    if state == PENDING:
        return [Message.rank, Message.received_at, Message.id]  # type: ignore[list-item]  # mapped columns
    return [Message.decided_at.desc(), Message.id.desc()]


def arrivals(session: Session, after: datetime) -> int:
    """How many messages and reports came into the queue after a moment; at most `COUNTED`."""
    came = select(Message.id).where(Message.queue == PENDING, Message.received_at > after)
    said = select(Report.message_id).where(Report.answered_at.is_(None), Report.reported_at > after)
    some = came.union(said).limit(COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def waiting(session: Session) -> int:
    """How many messages wait; at most `COUNTED`."""
    some = select(Message.id).where(Message.queue == PENDING).limit(COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def history(session: Session, message_id: str) -> Sequence[Decision]:
    """Every decision on a message, oldest first. Raises NotFound for an unknown message."""
    if session.get(Message, message_id) is None:
        raise NotFound
    return session.scalars(
        select(Decision).where(Decision.message_id == message_id).order_by(Decision.revision)
    ).all()


def _has_flag(kind: str) -> ColumnElement[bool]:
    return (
        select(MessageFlag.message_id)
        .where(
            MessageFlag.message_id == Message.id,
            MessageFlag.kind == kind,
            MessageFlag.dismissed_by.is_(None),
        )
        .exists()
    )


def _place(state: str, item: QueueItem) -> str:
    if state == PENDING:
        return f"{-item.priority}.{make_cursor(item.received_at, item.id)}"
    return make_cursor(item.decided_at or item.received_at, item.id)


def _beyond(state: str, cursor: str) -> ColumnElement[bool]:
    if state != PENDING:
        at, id_ = read_cursor(cursor)
        return tuple_(Message.decided_at, Message.id) < tuple_(at, id_)
    rank, _, rest = cursor.partition(".")
    if not rank.removeprefix("-").isdecimal() or len(rank) > 4:
        raise ValidationFailed({"cursor": ("invalid", N_("This value is not possible here."))})
    at, id_ = read_cursor(rest)
    return tuple_(Message.rank, Message.received_at, Message.id) > tuple_(int(rank), at, id_)


def _complete(session: Session, rows: Sequence[Row[Any]]) -> list[QueueItem]:
    """Rows with what belongs to them, in two or three queries for all."""
    titles = find_titles(session, {row.article_url for row in rows})
    ids = [row.id for row in rows]
    flags: dict[str, list[tuple[str, str | None]]] = {id_: [] for id_ in ids}
    for id_, kind, evidence in session.execute(
        select(MessageFlag.message_id, MessageFlag.kind, MessageFlag.evidence).where(
            MessageFlag.message_id.in_(ids), MessageFlag.dismissed_by.is_(None)
        )
    ):
        flags[id_].append((kind, evidence))
    said = _report_reasons(session, [row.id for row in rows if row.reports])
    return [_item(row, titles, flags[row.id], said.get(row.id, [])) for row in rows]


def _report_reasons(session: Session, ids: Sequence[str]) -> Mapping[str, list[str]]:
    said: dict[str, list[str]] = {}
    if ids:
        query = select(Report.message_id, Report.reason).distinct()
        wanted = query.where(Report.message_id.in_(ids), Report.answered_at.is_(None))
        for id_, reason in session.execute(wanted.order_by(Report.reason)):
            if reason:
                said.setdefault(id_, []).append(reason)
    return said


def _item(
    row: Row[Any], titles: Mapping[str, str], flags: list[tuple[str, str | None]], said: Sequence[str]
) -> QueueItem:
    values = dict(row._mapping)
    values["article_title"] = titles.get(row.article_url, row.article_title)
    return QueueItem(**values, flags=flags, report_reasons=said)
