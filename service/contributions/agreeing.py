"""Which terms a contribution is made under (clause 6.1): recorded once, and judged again before
another checkout opens."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service import clock
from service.contributions.model import Contribution
from service.contributions.states import Status
from service.errors import TermsOutdated
from service.terms import check
from service.terms.model import Acceptance
from service.terms.texts import TermsText
from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Agreement:
    """Terms that come with an attempt; ``locale`` is the language in which they were shown, that
    of the contribution where it is not known."""

    version: str | None
    accepted: bool
    locale: str | None = None


def accept(session: Session, contribution_id: str, text: TermsText, at: datetime) -> None:
    """Record which exact text was agreed to by sending (clause 6.1)."""
    session.add(
        Acceptance(
            contribution_id=contribution_id,
            version=text.version,
            locale=text.locale,
            sha256=text.sha256,
            agreement=text.agreement,
            accepted_at=at,
        )
    )


def is_outdated(contribution: Contribution, wiring: Wiring) -> bool:
    """Whether other terms are in force than those that were accepted."""
    return contribution.terms_version != wiring.terms.version_in_force(clock.now())


def require_terms(
    session: Session, contribution: Contribution, agreement: Agreement | None, wiring: Wiring
) -> None:
    """The terms in force were accepted, or are by what came along, inside a transaction that holds
    the contribution. What was accepted for an attempt that is still to be opened is not accepted
    twice. Raises TermsOutdated and TermsNotAccepted (clause 6.1), and ValidationFailed
    where newer terms have other limits."""
    now = clock.now()
    in_force = wiring.terms.version_in_force(now)
    if agreement is not None:
        locale = agreement.locale or contribution.locale
        text = check.accepted_text(wiring.terms, now, locale, agreement.version, agreement.accepted)
        check.require_amount_within(text.limits, contribution.amount)
        message = contribution.message.text if contribution.message else None
        check.require_texts_within(text.limits, message, contribution.display_name)
        if contribution.status != Status.CREATED or contribution.terms_version != in_force:
            accept(session, contribution.id, text, now)
            contribution.terms_version = in_force
    elif contribution.terms_version != in_force:
        raise TermsOutdated(in_force)
