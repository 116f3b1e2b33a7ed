"""Correct a name or an address; a published message goes on without its name until a moderator
has seen the new one (clause 3.2)."""

from collections import Counter

from sqlalchemy import select

from service.contributions import forgetting, queueing
from service.contributions.history import note
from service.contributions.model import Contribution
from service.contributions.states import MessageState
from service.moderation import decide
from service.moderation.transitions import Moderator
from service.privacy.case import Case


def correct(case: Case) -> Counter[str]:
    """Write what was asked for, inside the caller's transaction. What was withdrawn or erased
    stays without name and address."""
    session, ids = case.session, forgetting.lock(case.session, case.ids)
    kept = Contribution.withdrawn_at.is_(None) & Contribution.erased_at.is_(None)
    counts = Counter[str](contributions=0)
    for contribution in session.scalars(select(Contribution).where(Contribution.id.in_(ids), kept)):
        counts["contributions"] += 1
        if "display_name" in case.changes:
            counts["names"] += _rename(case, contribution, case.changes["display_name"])
        if "email" in case.changes:
            counts["emails"] += _readdress(case, contribution, case.changes["email"])
        note(session, contribution.id, "corrected", fields=sorted(case.changes))
    session.flush()
    return counts


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


def _readdress(case: Case, contribution: Contribution, email: str | None) -> bool:
    sealer = case.wiring.sealer
    contribution.email_sealed = sealer.seal(email, contribution.id) if email else None
    contribution.email_index = sealer.index(email) if email else None
    return True
