"""Readers report a public message: it comes back before a moderator, and stays where it is."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service import clock
from service.contributions import queries, queueing
from service.contributions.model import Contribution, Message
from service.db import insert_new
from service.errors import N_, NotFound, ValidationFailed
from service.moderation.model import Decision, Report

# What a reader may say is wrong; each is a reason of the terms.
REASONS = ("offensive", "hate_speech", "personal_data", "advertising", "unlawful")
# What is never left to a count.
_GRAVE = frozenset({"hate_speech", "personal_data", "unlawful"})
# A message that a moderator has looked at comes back for anything else when that many object.
_AFTER_KEPT = 3


def report(session: Session, message_id: str, reporter: str, reason: str | None) -> bool:
    """Note a report inside a transaction; False for one that this reader had made before.

    ``reporter``: a keyed hash that stands for the reader on this message. Raises NotFound for
    what is not public, and ValidationFailed for a reason that is none of `REASONS`.
    """
    if reason is not None and reason not in REASONS:
        raise ValidationFailed({"reason": ("unknown_reason", N_("This is no reason of the terms."))})
    message = _lock_public(session, message_id)
    known = _open(session, message.id)
    reported = {"message_id": message.id, "reporter": reporter, "reason": reason, "reported_at": clock.now()}
    insert_new(session, Report, [reported])
    now_open = _open(session, message.id)
    lightly = reason not in _GRAVE and _was_answered(session, message.id)
    if message.reports or now_open >= (_AFTER_KEPT if lightly else 1):
        message.reports = now_open
    queueing.rank(session, message)
    queueing.place(message, takes_part=True)
    return now_open > known


def answer(session: Session, message: Message, at: datetime) -> None:
    """A moderator looked at what was reported."""
    session.execute(
        update(Report)
        .where(Report.message_id == message.id, Report.answered_at.is_(None))
        .values(answered_at=at)
    )
    message.reports = 0


def reopen(session: Session, message: Message, undone: Decision) -> None:
    """The decision that answered the reports is taken back."""
    session.execute(
        update(Report)
        .where(Report.message_id == message.id, Report.answered_at == undone.decided_at)
        .values(answered_at=None)
    )
    message.reports = _open(session, message.id)


def _lock_public(session: Session, message_id: str) -> Message:
    owner = session.scalar(select(Message.contribution_id).where(Message.id == message_id))
    if owner is None or not queries.lock_standing(session, owner):
        raise NotFound
    message = session.scalar(
        select(Message)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(Message.id == message_id, queries.is_public())
        .with_for_update(of=Message)
        .execution_options(populate_existing=True)
    )
    if message is None:
        raise NotFound
    return message


def _open(session: Session, message_id: str) -> int:
    query = select(func.count()).select_from(Report)
    return session.scalar(query.where(Report.message_id == message_id, Report.answered_at.is_(None))) or 0


def _was_answered(session: Session, message_id: str) -> bool:
    answered = select(Report.id).where(Report.message_id == message_id, Report.answered_at.is_not(None))
    return session.scalar(answered.limit(1)) is not None
