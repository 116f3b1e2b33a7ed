"""Go on paying: the open checkout again, or a new attempt after one that ended."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service import clock
from service.contributions import asking, give, queries
from service.contributions.model import Contribution
from service.contributions.settle import refresh_status
from service.contributions.states import RETRYABLE, Status
from service.controls import switches
from service.db import transaction
from service.errors import NotFound, ProcessorUnavailable, TermsOutdated
from service.processors import patience
from service.terms import check
from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Agreement:
    """Terms that come with a new attempt; ``locale`` is the language in which they were shown,
    that of the contribution where it is not known."""

    version: str | None
    accepted: bool
    locale: str | None = None


def go_on(session: Session, contribution_id: str, agreement: Agreement | None, wiring: Wiring) -> bool:
    """Make sure that there is an open checkout to pay at; True when it is a new attempt.

    The processor is asked first, so that nothing is opened for money that is there
    already. After ``failed`` or ``expired`` a new attempt needs the feature open and the
    accepted terms in force: raises FeatureClosed (4.3), TermsOutdated or TermsNotAccepted
    (6.1), ValidationFailed where newer terms have other limits. Raises NotFound,
    ProcessorUnavailable.
    """
    with patience.limited():
        return _go_on(session, contribution_id, agreement, wiring)


def _go_on(session: Session, contribution_id: str, agreement: Agreement | None, wiring: Wiring) -> bool:
    attempt = queries.get(session, contribution_id).latest_attempt
    # One that was never opened is opened below by the same key, unless its time is over.
    shortest = wiring.processors.get(attempt.processor).shortest_checkout
    if attempt.checkout_ref is not None or attempt.expires_at - shortest <= clock.now():
        asking.ask(session, attempt.id, wiring)
    contribution = queries.get(session, contribution_id)
    if contribution.status == Status.CREATED:
        give.open_attempt(session, contribution_id, wiring)
        return False
    if contribution.status not in RETRYABLE:
        return False
    asking.expire(session, contribution.latest_attempt.id, wiring)
    with transaction(session):
        locked = queries.lock(session, contribution_id)
        added = locked.status in RETRYABLE
        if added:
            switches.require_open(session, locked.article_key, locked.article_section)
            _require_terms(session, locked, agreement, wiring)
            give.add_attempt(session, locked, wiring)
            refresh_status(session, locked)
    give.open_attempt(session, contribution_id, wiring)
    return added


def abandon(session: Session, contribution_id: str, wiring: Wiring) -> None:
    """Close the open checkout of a contribution that the reader replaces by another, so
    that not both are paid. While the processor is away nothing can be closed: the old page
    then stays payable until its time is over, and what is paid there is booked."""
    attempt_id = queries.get(session, contribution_id).latest_attempt.id
    try:
        asking.ask(session, attempt_id, wiring)
        asking.expire(session, attempt_id, wiring)
    except (ProcessorUnavailable, NotFound):
        return


def _require_terms(
    session: Session, contribution: Contribution, agreement: Agreement | None, wiring: Wiring
) -> None:
    now = clock.now()
    if agreement is not None:
        locale = agreement.locale or contribution.locale
        text = check.accepted_text(wiring.terms, now, locale, agreement.version, agreement.accepted)
        message = contribution.message.text if contribution.message else None
        check.require_amount_within(text.limits, contribution.amount)
        check.require_texts_within(text.limits, message, contribution.display_name)
        give.accept(session, contribution.id, text)
        contribution.terms_version = text.version
    elif contribution.terms_version != wiring.terms.version_in_force(now):
        raise TermsOutdated(wiring.terms.version_in_force(now))
