"""Forget whom contributions are from and what they said; amounts and facts stay (clause 5.1).

Rows of the books name contributions by id, so they stay whole. Each function works inside the
caller's transaction on contributions that it has locked, and counts what it removed.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, insert, null, or_, select, update
from sqlalchemy.orm import Session

from service import clock
from service.contributions.model import (
    Contribution,
    ContributionEvent,
    IdempotencyKey,
    Message,
    MessageFlag,
)
from service.contributions.states import MessageState
from service.db import in_parts


def lock(
    session: Session, ids: Sequence[str], *still: ColumnElement[bool], waiting: bool = True
) -> list[str]:
    """Those of these contributions for which the conditions hold, locked in their order. Without
    ``waiting``, rows that somebody works on are left for the next time."""
    found: list[str] = []
    for part in in_parts(sorted(ids)):
        query = select(Contribution.id).where(Contribution.id.in_(part), *still).order_by(Contribution.id)
        locked = query.with_for_update(of=Contribution, skip_locked=not waiting)
        found += session.scalars(locked)
    return found


def forget_people(session: Session, ids: Sequence[str]) -> Counter[str]:
    """Remove name, address and what a client called the article, and what idempotency keys know
    of the bodies that were sent: repeating such a key is a conflict from now on."""
    own = Contribution.id.in_(ids)
    names = session.execute(
        select(
            func.count(Contribution.display_name).label("names"),
            func.count(Contribution.email_sealed).label("emails"),
            func.count(Contribution.article_title_hint).label("title_hints"),
        ).where(own)
    ).one()
    now = clock.now()
    session.execute(
        update(Contribution)
        .where(own)
        .values(
            display_name=None,
            email_sealed=None,
            email_index=None,
            article_title_hint=None,
            erased_at=func.coalesce(Contribution.erased_at, now),
        )
        .execution_options(synchronize_session=False)
    )
    _note(session, ids, "person_erased")
    return Counter(names._asdict()) + Counter(saved_answers=_forget_answers(session, ids))


def _forget_answers(session: Session, ids: Sequence[str]) -> int:
    known = or_(IdempotencyKey.body_hash != "", IdempotencyKey.answer.is_not(None))
    forgotten = session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.contribution_id.in_(ids), known)
        .values(body_hash="", answer=null(), holder=None, leased_until=None)
        .returning(IdempotencyKey.key_hash)
        .execution_options(synchronize_session=False)
    )
    return len(forgotten.all())


def forget_emails(session: Session, ids: Sequence[str]) -> Counter[str]:
    """Remove the addresses of contributions, sealed and indexed."""
    removed = session.execute(
        update(Contribution)
        .where(Contribution.id.in_(ids), Contribution.email_sealed.is_not(None))
        .values(email_sealed=None, email_index=None)
        .returning(Contribution.id)
        .execution_options(synchronize_session=False)
    )
    return Counter(emails=len(removed.all()))


def forget_names(session: Session, ids: Sequence[str]) -> Counter[str]:
    """Remove the names that stand beside messages, and what clients called the articles."""
    removed = session.execute(
        update(Contribution)
        .where(
            Contribution.id.in_(ids),
            or_(Contribution.display_name.is_not(None), Contribution.article_title_hint.is_not(None)),
        )
        .values(display_name=None, article_title_hint=None)
        .returning(Contribution.id)
        .execution_options(synchronize_session=False)
    )
    return Counter(names=len(removed.all()))


def forget_messages(session: Session, ids: Sequence[str]) -> Counter[str]:
    """Remove the texts of messages with all that was made of them. Their state is ``erased`` for
    ever: they stand in no list, and no decision on them is possible."""
    owners = session.scalars(
        update(Message)
        .where(Message.contribution_id.in_(ids), Message.state != MessageState.ERASED)
        .values(
            text="",
            state=MessageState.ERASED,
            revision=Message.revision + 1,
            queue=None,
            rank=0,
            fingerprint=None,
            escalated=False,
            proposed_by=None,
            reports=0,
        )
        .returning(Message.contribution_id)
        .execution_options(synchronize_session=False)
    ).all()
    of_them = select(Message.id).where(Message.contribution_id.in_(ids))
    flags = session.execute(
        delete(MessageFlag)
        .where(MessageFlag.message_id.in_(of_them))
        .returning(MessageFlag.kind)
        .execution_options(synchronize_session=False)
    )
    _note(session, owners, "message_erased")
    return Counter(messages=len(owners), flags=len(flags.all()))


def _note(session: Session, ids: Sequence[str], kind: str) -> None:
    rows = [{"contribution_id": id_, "at": clock.now(), "kind": kind, "data": {}} for id_ in ids]
    if rows:
        session.execute(insert(ContributionEvent), rows)
