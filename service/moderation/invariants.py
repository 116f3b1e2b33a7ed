"""What must hold for the moderation desk; each returns the message ids that break it."""

from sqlalchemy import case, null, select, text
from sqlalchemy.orm import Session

from service.contributions.model import Contribution, Message
from service.contributions.queries import takes_part
from service.contributions.states import MessageState
from service.moderation.model import Decision


def published_by_a_moderator(session: Session) -> list[str]:
    """What is public was published by a decision, the last one on its message (clause 3.2)."""
    query = (
        select(Message.id)
        .outerjoin(Decision, (Decision.message_id == Message.id) & (Decision.revision == Message.revision))
        .where(Message.state == MessageState.PUBLISHED)
        .where(Decision.state_after.is_distinct_from(str(MessageState.PUBLISHED)))
    )
    return list(session.scalars(query))


def messages_stand_where_they_belong(session: Session) -> list[str]:
    """Each message is in the list of the desk that its payment, state and reports call for."""
    place = case(
        (~takes_part(), null()),
        (Message.state.in_((MessageState.HELD, MessageState.ERASED)), null()),
        ((Message.state == MessageState.PUBLISHED) & (Message.reports > 0), MessageState.PENDING),
        else_=Message.state,
    )
    query = (
        select(Message.id)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(Message.queue.is_distinct_from(place))
    )
    return list(session.scalars(query))


def search_follows_messages(session: Session) -> list[str]:
    """On SQLite triggers keep the index of texts; a migration that rebuilds the table loses them."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    found = set(session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    wanted = {f"message_search_{act}" for act in ("added", "changed", "deleted")}
    return sorted(wanted - found)


INVARIANTS = (published_by_a_moderator, messages_stand_where_they_belong, search_follows_messages)
