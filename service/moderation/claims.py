"""Claims: leases on messages, so that two moderators never read the same one at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service import clock
from service.contributions.model import Message
from service.moderation.model import Claim
from service.moderation.queries import Filters, in_order, in_queue
from service.moderation.transitions import Moderator

# So many one moderator can hold, whatever is asked for.
MOST_HELD = 100


def take(
    session: Session,
    moderator: Moderator,
    count: int,
    lifetime: timedelta,
    filters: Filters,
    *,
    has_leads: bool,
) -> list[str]:
    """Lease up to ``count`` waiting messages, those first that stand first in the queue; their
    ids. Inside a transaction. On PostgreSQL rows that others are taking are skipped, on SQLite
    there is one writer; a lease that another holds is never overwritten on either.
    """
    now = clock.now()
    count = min(count, MOST_HELD - len(held_by(session, moderator.id)))
    taken: list[str] = []
    passed: set[str] = set()
    while len(taken) < count:
        query = (
            select(Message.id)
            .where(*in_queue("pending", filters, session), _is_free(now), Message.id.not_in(passed))
            .where(*_own_turn(moderator, has_leads))
            .order_by(*in_order("pending"))
            .limit(count - len(taken))
            .with_for_update(of=Message, skip_locked=True)
        )
        found = session.scalars(query).all()
        if not found:
            break
        passed.update(found)
        leased = _lease(session, moderator.id, found, now, lifetime)
        taken += [id_ for id_ in found if id_ in leased]
    return taken


def is_held_by_other(session: Session, message_id: str, holder: str) -> bool:
    """Whether somebody else's lease on a message still runs. The row stays locked, so that it is
    not renewed in the last moment."""
    claim = session.scalar(select(Claim).where(Claim.message_id == message_id).with_for_update())
    return claim is not None and claim.holder != holder and claim.until > clock.now()


def held_by(session: Session, holder: str) -> Sequence[str]:
    """The messages that somebody holds."""
    return session.scalars(
        select(Claim.message_id).where(Claim.holder == holder, Claim.until > clock.now())
    ).all()


def renew(session: Session, holder: str, lifetime: timedelta) -> None:
    """Somebody who is at work keeps what is held. Inside a transaction of its own: rows that
    are being worked on are left out, so that nobody waits here."""
    now = clock.now()
    own = (
        select(Claim.message_id)
        .where(Claim.holder == holder, Claim.until > now)
        .with_for_update(skip_locked=True)
    )
    session.execute(update(Claim).where(Claim.message_id.in_(own)).values(until=now + lifetime))


def release(session: Session, holder: str) -> None:
    """Give everything back at once. Inside a transaction. Rows that somebody is taking
    over are left out: waiting for them, with others of ours locked, is how two calls block each
    other for good."""
    own = select(Claim.message_id).where(Claim.holder == holder).with_for_update(skip_locked=True)
    session.execute(delete(Claim).where(Claim.message_id.in_(own)))


def drop(session: Session, message_id: str) -> None:
    """A decided message is nobody's any more."""
    session.execute(delete(Claim).where(Claim.message_id == message_id))


def _is_free(now: datetime) -> ColumnElement[bool]:
    return ~select(Claim.message_id).where(Claim.message_id == Message.id, Claim.until > now).exists()


def _own_turn(moderator: Moderator, has_leads: bool) -> list[ColumnElement[bool]]:
    """`transitions.is_for_another` as conditions."""
    rules = [func.coalesce(Message.proposed_by, "") != moderator.id]
    if has_leads and not moderator.leads:
        rules.append(Message.escalated.is_(False))
    return rules


def _lease(session: Session, holder: str, ids: Sequence[str], now: datetime, lifetime: timedelta) -> set[str]:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    until = now + lifetime
    rows = [{"message_id": id_, "holder": holder, "claimed_at": now, "until": until} for id_ in ids]
    statement = dialect.insert(Claim).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=[Claim.message_id],
        set_={name: statement.excluded[name] for name in ("holder", "claimed_at", "until")},
        where=Claim.until <= now,
    )
    return set(session.scalars(statement.returning(Claim.message_id)))
