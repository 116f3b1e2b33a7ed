"""Correct a name or an address; a published message goes on without its name until a moderator
has seen the new one (clause 3.2)."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select

from service.contributions import forgetting, queueing
from service.contributions.history import note
from service.contributions.model import Contribution
from service.contributions.states import MessageState
from service.moderation import decide
from service.moderation.transitions import Moderator
from service.privacy import subjects
from service.privacy.case import Case
from service.privacy.forgetting import forget_requests


def correct(case: Case) -> Counter[str]:
    """Write what was asked for, inside the caller's transaction. What was withdrawn or erased
    stays without name and address."""
    session, ids = case.session, forgetting.lock(case.session, case.ids)
    kept = Contribution.withdrawn_at.is_(None) & Contribution.erased_at.is_(None)
    found = session.scalars(select(Contribution).where(Contribution.id.in_(ids), kept)).all()
    counts = Counter[str](contributions=len(found))
    if found and "email" in case.changes:  # before the audit trail that a name may write
        counts["emails"] = _readdress(case, found, case.changes["email"])
    for contribution in found:
        if "display_name" in case.changes:
            counts["names"] += _rename(case, contribution, case.changes["display_name"])
        note(session, contribution.id, "corrected", fields=sorted(case.changes))
    session.flush()
    return counts


def _readdress(case: Case, found: Sequence[Contribution], email: str | None) -> int:
    """Write the new address; earlier requests under the old one lead to nobody any more."""
    session, sealer, ids = case.session, case.wiring.sealer, [it.id for it in found]
    indexes = subjects.indexes_of(session, ids)
    for contribution in found:
        contribution.email_sealed = sealer.seal(email, contribution.id) if email else None
        contribution.email_index = sealer.index(email) if email else None
    session.flush()
    forget_requests(session, ids, indexes)
    return len(found)


def _rename(case: Case, contribution: Contribution, name: str | None) -> bool:
    if contribution.display_name == name:
        return False
    contribution.display_name = name
    message = contribution.message
    if message is None or message.state == MessageState.ERASED:
        return True
    if message.state != MessageState.PUBLISHED:
        message.revision += 1  # whoever reads it now must read it again
        if message.state == MessageState.PENDING:
            queueing.rescreen(case.session, message, contribution.article_key, name)
    elif name is not None:
        decide.show_nameless(case.session, message, Moderator(case.actor))
    return True
