"""Go on paying: the open checkout again, or a new attempt after one that ended."""

from sqlalchemy.orm import Session

from service import clock
from service.contributions import agreeing, asking, give, queries
from service.contributions.agreeing import Agreement
from service.contributions.settle import refresh_status
from service.contributions.states import RETRYABLE, Status
from service.controls import switches
from service.db import transaction
from service.errors import NotFound, ProcessorUnavailable
from service.processors import patience
from service.wiring import Wiring


def go_on(session: Session, contribution_id: str, agreement: Agreement | None, wiring: Wiring) -> bool:
    """Make sure that there is an open checkout to pay at; True when it is a new attempt.

    The processor is asked first, so that nothing is opened for money that is there
    already. After ``failed`` or ``expired`` a new attempt, and a checkout that was never opened,
    need the feature open and the accepted terms in force: raises FeatureClosed (4.3), TermsOutdated or TermsNotAccepted
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
        give.agree_again(session, contribution_id, agreement, wiring)
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
            agreeing.require_terms(session, locked, agreement, wiring)
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
