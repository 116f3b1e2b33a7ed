"""Read contributions: one by id or reference, the wall, the counts of an article."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Subquery, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from service.contributions.model import Contribution, Message, PaymentFact
from service.contributions.states import AttemptState, FactKind, KnownFact, MessageState, Status
from service.errors import N_, NotFound, ValidationFailed
from service.identifiers import ID_PATTERN


@dataclass(frozen=True, slots=True)
class WallItem:
    """A public message: no amount, no address, and a name only if it is shown."""

    id: str
    display_name: str | None
    message: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Wall:
    """A page of public messages and the place where the next page begins."""

    items: Sequence[WallItem]
    next_cursor: str | None


def get(session: Session, contribution_id: str) -> Contribution:
    """One contribution. Raises NotFound."""
    contribution = session.get(Contribution, contribution_id)
    if contribution is None:
        raise NotFound
    return contribution


def find_by_reference(session: Session, reference: str) -> Contribution | None:
    """The contribution of a canonical reference, or None."""
    return session.scalar(select(Contribution).where(Contribution.reference == reference))


def lock(session: Session, contribution_id: str) -> Contribution:
    """One contribution, read afresh and locked until the transaction ends. Raises NotFound."""
    contribution = session.scalar(_LOCKED, {"id": contribution_id})
    if contribution is None:
        raise NotFound
    return contribution


def lock_standing(session: Session, contribution_id: str) -> bool:
    """Lock a contribution and tell whether it takes part, reading nothing else: for those who
    must not see amounts. Raises NotFound."""
    kept = session.scalar(_LOCKED_STANDING, {"id": contribution_id})
    if kept is None:
        raise NotFound
    return bool(kept)


_LOCKED = (
    select(Contribution)
    .where(Contribution.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def known_facts(session: Session, contribution_id: str) -> list[KnownFact]:
    """Every recorded fact of a contribution, as the status is derived from them."""
    rows = session.execute(_KNOWN_FACTS, {"contribution_id": contribution_id})
    return [KnownFact(attempt_id, FactKind(kind), ref, minor) for attempt_id, kind, ref, minor in rows]


_KNOWN_FACTS = select(
    PaymentFact.attempt_id, PaymentFact.kind, PaymentFact.ref, PaymentFact.amount_minor
).where(PaymentFact.contribution_id == bindparam("contribution_id"))


def attempt_states(contribution: Contribution) -> list[AttemptState]:
    """A contribution's attempts, as the status is derived from them, in order."""
    return [
        AttemptState(attempt.id, attempt.number, attempt.checkout_ref is not None)
        for attempt in contribution.attempts
    ]


def keeps_payment() -> ColumnElement[bool]:
    """`Contribution.keeps_payment` as a condition."""
    return and_(Contribution.paid_at.is_not(None), Contribution.status != Status.REVERSED)


def takes_part() -> ColumnElement[bool]:
    """`Contribution.takes_part` as a condition."""
    return and_(keeps_payment(), Contribution.restricted_at.is_(None), Contribution.withdrawn_at.is_(None))


_LOCKED_STANDING = (
    select(takes_part()).where(Contribution.id == bindparam("id")).with_for_update(of=Contribution)
)


def is_public() -> ColumnElement[bool]:
    """Clause 3.2: published by a moderator, paid, not reversed, and not withheld by whom it is
    about (clause 5.1). The one definition."""
    return and_(Message.state == MessageState.PUBLISHED, takes_part())


def wall(session: Session, article_key: str, limit: int, cursor: str | None) -> Wall:
    """The public messages of an article, newest first: by time, never by amount (clause 1.2).

    Raises ValidationFailed for a cursor that is not one of ours.
    """
    query = (
        select(Message.id, Contribution.display_name, Message.name_hidden, Message.text, Message.published_at)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(Contribution.article_key == article_key, is_public())
        .order_by(Message.published_at.desc(), Message.id.desc())
        .limit(limit + 1)
    )
    if cursor:
        at, id_ = read_cursor(cursor)
        query = query.where(
            or_(Message.published_at < at, and_(Message.published_at == at, Message.id < id_))
        )
    rows = session.execute(query).all()
    items = [
        WallItem(id_, None if hidden else name, text, at)
        for id_, name, hidden, text, at in rows[:limit]
        if at is not None
    ]
    more = len(rows) > limit
    return Wall(items, make_cursor(items[-1].published_at, items[-1].id) if more else None)


def get_public(session: Session, message_id: str) -> tuple[WallItem, str]:
    """One public message and its article's key. Raises NotFound for any other."""
    row = session.execute(
        select(
            Contribution.display_name,
            Message.name_hidden,
            Message.text,
            Message.published_at,
            Contribution.article_key,
        )
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(Message.id == message_id, is_public())
    ).first()
    if row is None or row.published_at is None:
        raise NotFound
    name = None if row.name_hidden else row.display_name
    return WallItem(message_id, name, row.text, row.published_at), row.article_key


def summary(session: Session, article_key: str) -> tuple[int, int]:
    """How many paid, not reversed contributions and how many public messages an article has."""
    contributions = session.scalar(
        select(func.count()).where(Contribution.article_key == article_key, keeps_payment())
    )
    messages = session.scalar(
        select(func.count())
        .select_from(Message)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(Contribution.article_key == article_key, is_public())
    )
    return contributions or 0, messages or 0


def standing() -> Subquery:
    """Each contribution's status and message state, for finance's rows."""
    return (
        select(
            Contribution.id.label("contribution_id"),
            Contribution.status.label("status"),
            func.coalesce(Message.state, MessageState.NONE.value).label("message_state"),
        )
        .outerjoin(Message, Message.contribution_id == Contribution.id)
        .subquery("standing")
    )


def make_cursor(at: datetime, id_: str) -> str:
    """An opaque place in a list that is ordered by time and id."""
    return base64.urlsafe_b64encode(f"{at.astimezone(UTC).isoformat()} {id_}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """The place again. Raises ValidationFailed for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, id_ = base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii").split(" ")
        at = datetime.fromisoformat(moment).astimezone(UTC)
        if not re.fullmatch(ID_PATTERN, id_):
            raise ValueError("not a place of ours")
        return at, id_
    except (ValueError, binascii.Error, OverflowError, OSError) as error:
        raise ValidationFailed({"cursor": ("invalid", N_("This value is not possible here."))}) from error
