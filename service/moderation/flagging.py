"""Flags on messages after they came in: dismissed by a moderator, or found anew."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.contributions import queueing
from service.contributions.model import Contribution, Message, MessageFlag
from service.errors import NotFound
from service.moderation.queries import PENDING
from service.staff import audit


def dismiss(session: Session, message_id: str, kind: str, actor: str) -> None:
    """Take a flag off inside a transaction; it does not come back. Raises NotFound."""
    message = session.get(Message, message_id, with_for_update=True)
    flag = session.get(MessageFlag, (message_id, kind))
    if message is None or message.queue is None or flag is None or flag.dismissed_by is not None:
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
    found = session.execute(
        select(Message, Contribution.article_key, Contribution.display_name)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(Message.id == message_id)
        .with_for_update(of=Message)
    ).one()
    queueing.rescreen(session, found[0], found[1], found[2])
