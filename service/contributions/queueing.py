"""Let a message into the moderators' queue, and keep its place there true.

Whatever changes what a place depends on (payment, state, flags, reports) ends in `place`.
"""

import hashlib
import logging
import re
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import clock
from service.contributions.history import note
from service.contributions.model import Contribution, Message, MessageFlag
from service.contributions.states import MessageState
from service.screening import screen as screening
from service.screening.folding import plain_letters

# Shorter thanks are said by many in the same words.
_SHORTEST_FINGERPRINT = 25  # letters
_MANY = 3  # messages with the same text
_WITHIN_DAYS = 30

_log = logging.getLogger(__name__)


def enqueue(session: Session, contribution: Contribution, message: Message) -> None:
    """A paid message begins to wait: screened, ranked and placed. Inside a transaction."""
    message.state, message.received_at = MessageState.PENDING, clock.now()
    message.section = contribution.article_section
    note(session, contribution.id, "message_queued")
    rescreen(session, message, contribution.article_key, contribution.display_name)
    place(message, takes_part=contribution.takes_part)


def rescreen(session: Session, message: Message, article_key: str, name: str | None) -> None:
    """Find the flags of a message again; those that a moderator dismissed stay so."""
    known = {flag.kind: flag for flag in flags_of(session, message.id)}
    found = {flag.kind: flag.evidence for flag in _screen(session, message, article_key, name)}
    for kind, flag in known.items():
        if kind not in found and flag.dismissed_by is None:
            session.delete(flag)
    for kind, evidence in found.items():
        if kind not in known:
            session.add(
                MessageFlag(message_id=message.id, kind=kind, evidence=(evidence or "")[:100] or None)
            )
    session.flush()
    rank(session, message)


def rank(session: Session, message: Message) -> None:
    """Order by what is urgent: reports of readers, what waits for somebody else, then flags (they
    decide nothing)."""
    kinds = {flag.kind for flag in flags_of(session, message.id) if flag.dismissed_by is None}
    kinds |= {
        kind
        for kind, holds in (
            ("reported", message.reports),
            ("escalated", message.escalated),
            ("second_eyes", message.proposed_by),
        )
        if holds
    }
    message.rank = -screening.priority(kinds)


def place(message: Message, *, takes_part: bool) -> None:
    """In which list of the desk a message stands. What readers reported waits again, and stays
    public meanwhile: a report decides nothing."""
    if not takes_part or message.state in (MessageState.HELD, MessageState.ERASED):
        message.queue = None
    elif message.state == MessageState.PUBLISHED and message.reports:
        message.queue = MessageState.PENDING
    else:
        message.queue = str(message.state)


def flags_of(session: Session, message_id: str) -> list[MessageFlag]:
    """A message's flags, dismissed ones included."""
    return list(session.scalars(select(MessageFlag).where(MessageFlag.message_id == message_id)))


def _screen(session: Session, message: Message, article_key: str, name: str | None) -> list[screening.Flag]:
    host = urlsplit(article_key).hostname or ""
    try:
        found = screening.screen(message.text, name, host)
    except Exception as bug:  # a fault in a word list must not stop money from being booked
        _log.error("a message could not be screened: %s", type(bug).__name__)
        found = []
    message.fingerprint = fingerprint(message.text)
    if message.fingerprint and _is_said_by_many(session, message):
        found.append(screening.Flag("same_text"))
    return found


def fingerprint(text: str) -> str | None:
    """The same for texts that differ only in case, marks, digits and spaces; None for short ones."""
    letters = re.sub(r"[\W\d_]+", "", plain_letters(text))
    if len(letters) < _SHORTEST_FINGERPRINT:
        return None
    return hashlib.sha256(letters.encode()).hexdigest()


def _is_said_by_many(session: Session, message: Message) -> bool:
    since = clock.now() - timedelta(days=_WITHIN_DAYS)
    others = (
        select(Message.id)
        .where(
            Message.fingerprint == message.fingerprint, Message.received_at >= since, Message.id != message.id
        )
        .limit(_MANY - 1)
        .subquery()
    )
    return (session.scalar(select(func.count()).select_from(others)) or 0) >= _MANY - 1
