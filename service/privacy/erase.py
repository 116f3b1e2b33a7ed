"""Erase a person: name, address and words in every store; amounts, books and hashes stay."""

from collections import Counter

from sqlalchemy import update

from service.contributions import forgetting
from service.moderation.forgetting import forget_notes
from service.privacy import subjects
from service.privacy.case import Case
from service.privacy.kinds import AWAITING, DONE, EXPIRED
from service.privacy.model import PrivacyRequest
from service.webhooks import forgetting as events


def erase(case: Case) -> Counter[str]:
    """Remove what is personal, inside the caller's transaction; how much in each store."""
    session, ids = case.session, forgetting.lock(case.session, case.ids)
    indexes = subjects.indexes_of(session, ids)
    removed = Counter[str](contributions=len(ids))
    removed += forgetting.forget_messages(session, ids)
    removed += forgetting.forget_people(session, ids)
    removed += forget_notes(session, ids)
    removed += events.of_contributions(session, ids)
    session.expire_all()
    for index in indexes:
        _forget_requests(case, index)
    return removed


def _forget_requests(case: Case, index: str) -> None:
    """Earlier requests of the same address cannot be told to be that person's any more. One that
    still awaits its confirmation has nothing left to be carried out on, unless other contributions
    of that address stay."""
    values = {"email_index": None, "email_sealed": None, "changes_sealed": None}
    own = PrivacyRequest.email_index == index
    ended = PrivacyRequest.state.in_((DONE, EXPIRED))
    case.session.execute(update(PrivacyRequest).where(own, ended).values(values))
    if not subjects.by_index(case.session, index):
        waits = PrivacyRequest.state == AWAITING
        case.session.execute(update(PrivacyRequest).where(own, waits).values(state=EXPIRED, **values))
