"""Withhold: restrict what is done with somebody's data, lift that again, take a consent back."""

from collections import Counter

from sqlalchemy import select, update

from service import clock
from service.contributions import forgetting, queueing
from service.contributions.history import note
from service.contributions.model import Contribution, Message
from service.contributions.states import MessageState
from service.moderation import decide
from service.moderation.forgetting import end_claims, forget_notes
from service.moderation.transitions import Moderator
from service.privacy import subjects
from service.privacy.case import Case
from service.privacy.forgetting import forget_requests


def restrict(case: Case) -> Counter[str]:
    """Keep the data, and do nothing else with it: the message leaves wall and queue. Inside the
    caller's transaction."""
    return _mark(case, restricted=True)


def lift(case: Case) -> Counter[str]:
    """End a restriction: the message stands again where its state says."""
    return _mark(case, restricted=False)


def withdraw(case: Case) -> Counter[str]:
    """The consent is taken back: address and name are removed, a published message leaves the wall
    as ``removed`` (its text goes with the retention), any other is erased at once."""
    session, ids = case.session, forgetting.lock(case.session, case.ids)
    indexes = subjects.indexes_of(session, ids)
    addresses = forgetting.forget_emails(session, ids)
    forget_requests(session, ids, indexes)  # before the audit trail that a message's removal writes
    published = list(
        session.scalars(
            select(Message).where(Message.contribution_id.in_(ids), Message.state == MessageState.PUBLISHED)
        )
    )
    for message in published:
        decide.take_back(session, message, Moderator(case.actor))
    session.flush()
    removed = Counter[str](contributions=len(ids), taken_down=len(published)) + addresses
    kept = {message.contribution_id for message in published}
    others = [id_ for id_ in ids if id_ not in kept]
    removed += forgetting.forget_messages(session, others)
    removed += forget_notes(session, others)
    removed += forgetting.forget_names(session, ids)
    session.execute(
        update(Contribution)
        .where(Contribution.id.in_(ids), Contribution.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    for id_ in ids:
        note(session, id_, "consent_withdrawn")
    session.flush()
    session.expire_all()
    return removed


def _mark(case: Case, *, restricted: bool) -> Counter[str]:
    session, ids = case.session, forgetting.lock(case.session, case.ids)
    counts = Counter[str](contributions=0, messages=0)
    for contribution in session.scalars(select(Contribution).where(Contribution.id.in_(ids))):
        if (contribution.restricted_at is not None) is restricted:
            continue
        contribution.restricted_at = clock.now() if restricted else None
        note(session, contribution.id, "restricted" if restricted else "restriction_lifted")
        counts["contributions"] += 1
        message = contribution.message
        if message is not None:
            queueing.place(message, takes_part=contribution.takes_part)
            counts["messages"] += 1
    session.flush()
    end_claims(session, ids)
    return counts
