"""Forget what moderators noted on messages, and readers' reports of them; that it was decided,
when and why stays."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.contributions.model import Message
from service.moderation.model import Claim, Decision, Report


def forget_notes(session: Session, contribution_ids: Sequence[str]) -> Counter[str]:
    """Remove the notes of all decisions and the reports of readers, inside a transaction, and end
    the claims."""
    of_them = select(Message.id).where(Message.contribution_id.in_(contribution_ids))
    notes = session.execute(
        update(Decision)
        .where(Decision.message_id.in_(of_them), Decision.note.is_not(None))
        .values(note=None)
        .returning(Decision.id)
        .execution_options(synchronize_session=False)
    ).all()
    reports = session.execute(
        delete(Report)
        .where(Report.message_id.in_(of_them))
        .returning(Report.id)
        .execution_options(synchronize_session=False)
    ).all()
    end_claims(session, contribution_ids)
    return Counter(notes=len(notes), reports=len(reports))


def end_claims(session: Session, contribution_ids: Sequence[str]) -> None:
    """Nobody holds these messages any more."""
    of_them = select(Message.id).where(Message.contribution_id.in_(contribution_ids))
    session.execute(
        delete(Claim).where(Claim.message_id.in_(of_them)).execution_options(synchronize_session=False)
    )
