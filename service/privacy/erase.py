"""Erase a person: name, address and words in every store; amounts, books and hashes stay."""

from collections import Counter

from service.contributions import forgetting
from service.moderation.forgetting import forget_notes
from service.privacy import subjects
from service.privacy.case import Case
from service.privacy.forgetting import forget_requests
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
    forget_requests(session, ids, indexes)
    session.expire_all()
    return removed
