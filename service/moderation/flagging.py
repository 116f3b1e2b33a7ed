"""Flags on messages after they came in: dismissed by a moderator, or found anew."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.contributions import queueing
from service.contributions.model import Contribution, Message, MessageFlag
from service.errors import NotFound
from service.moderation.decide import lock
from service.moderation.queries import PENDING
from service.screening.screen import KINDS
from service.staff import audit


def dismiss(session: Session, message_id: str, kind: str, actor: str) -> None:
    """Take a flag off inside a transaction; it does not come back. Raises NotFound."""
    message, _ = lock(session, message_id)
    flag = session.get(MessageFlag, (message_id, kind)) if kind in KINDS else None
    if message.queue is None or flag is None or flag.dismissed_by is not None:
        raise NotFound
    flag.dismissed_by = actor
    session.flush()
    queueing.rank(session, message)
    audit.record(session, actor, "message.flag_dismissed", message_id, {"kind": kind})


def waiting_after(session: Session, last: str, count: int) -> list[str]:
    """The next waiting messages by id, to be screened again."""
    query = select(Message.id).where(Message.queue == PENDING, Message.id > last)
    return list(session.scalars(query.order_by(Message.id).limit(count)))


def rescreen(session: Session, message_id: str) -> None:
    """Screen a message again inside a transaction, after the word lists have changed."""
    message, _ = lock(session, message_id)
    about = select(Contribution.article_key, Contribution.display_name)
    article_key, name = session.execute(about.where(Contribution.id == message.contribution_id)).one()
    queueing.rescreen(session, message, article_key, name)
