"""What must hold for people's rights; each returns the ids that break it."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from service.contributions.model import Contribution, Message, MessageFlag
from service.contributions.states import MessageState
from service.moderation.model import Decision, Report
from service.privacy import certificates
from service.privacy.kinds import AWAITING
from service.privacy.model import PrivacyRequest


def erased_people_are_gone(session: Session) -> list[str]:
    """Of an erased contribution neither name, address, hint nor words are left."""
    query = (
        select(Contribution.id)
        .outerjoin(Message, Message.contribution_id == Contribution.id)
        .where(
            Contribution.erased_at.is_not(None),
            or_(
                Contribution.display_name.is_not(None),
                Contribution.email_sealed.is_not(None),
                Contribution.email_index.is_not(None),
                Contribution.article_title_hint.is_not(None),
                Message.state != MessageState.ERASED,
            ),
        )
    )
    return list(session.scalars(query))


def erased_messages_are_empty(session: Session) -> list[str]:
    """An erased message has no words, and neither flags, notes nor reports are left of it."""
    flagged = select(MessageFlag.kind).where(MessageFlag.message_id == Message.id).exists()
    noted = select(Decision.id).where(Decision.message_id == Message.id, Decision.note.is_not(None)).exists()
    reported = select(Report.id).where(Report.message_id == Message.id).exists()
    kept = or_(Message.text != "", Message.fingerprint.is_not(None), Message.queue.is_not(None))
    left = or_(kept, flagged, noted, reported)
    return list(session.scalars(select(Message.id).where(Message.state == MessageState.ERASED, left)))


def withdrawn_have_no_address(session: Session) -> list[str]:
    """Who took the consent back has neither name nor address here, and nothing on the wall."""
    query = (
        select(Contribution.id)
        .outerjoin(Message, Message.contribution_id == Contribution.id)
        .where(
            Contribution.withdrawn_at.is_not(None),
            or_(
                Contribution.email_sealed.is_not(None),
                Contribution.display_name.is_not(None),
                Message.state.in_((MessageState.PUBLISHED, MessageState.PENDING, MessageState.HELD)),
            ),
        )
    )
    return list(session.scalars(query))


def requests_keep_no_address(session: Session) -> list[str]:
    """A request that is over holds neither address nor corrections."""
    held = or_(PrivacyRequest.email_sealed.is_not(None), PrivacyRequest.changes_sealed.is_not(None))
    return list(session.scalars(select(PrivacyRequest.id).where(PrivacyRequest.state != AWAITING, held)))


def certificates_verify(session: Session) -> list[str]:
    """Every certificate has the hash of what it says."""
    return [it.number for it in certificates.every(session) if not certificates.describe(it)["verified"]]


INVARIANTS = (
    erased_people_are_gone,
    erased_messages_are_empty,
    withdrawn_have_no_address,
    requests_keep_no_address,
    certificates_verify,
)
