"""Give: store everything first, then open the checkout, then say where to pay.

The processor is called outside any transaction, with the attempt's id as idempotency key,
so that a crash or a timeout at any point is repaired by sending the same request again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.articles.address import Address
from service.contributions import agreeing, answers, closing_down, idempotency, queries, settle
from service.contributions.agreeing import Agreement
from service.contributions.gift import Gift
from service.contributions.history import note
from service.contributions.judge import accepted_text, require_address
from service.contributions.model import Attempt, Contribution, Message
from service.contributions.settle import refresh_status
from service.contributions.states import MessageState, Status
from service.controls import switches
from service.db import end_reading, transaction
from service.errors import Refusal, TermsOutdated
from service.identifiers import new_id, new_reference
from service.processors import patience
from service.processors.base import Checkout, CheckoutExpired, Order, Processor
from service.terms.texts import TermsText
from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to a gift, and whether it is one that was given before."""

    answer: Mapping[str, Any]
    replayed: bool


def give(session: Session, gift: Gift, key: str, wiring: Wiring) -> Given:
    """Take a contribution and open its checkout.

    Raises ArticleNotAllowed (1.1), PaymentDetailsRefused (5.2), IdempotencyConflict,
    InProgress, FeatureClosed (4.3), TermsNotAccepted and TermsOutdated (6.1),
    ValidationFailed, and ProcessorUnavailable, after which the contribution is kept and
    the same key goes on with it.
    """
    address, now = require_address(gift, wiring), clock.now()
    hashes = _hashes(gift, address.key, wiring)
    with transaction(session):
        taken = idempotency.take(session, key, hashes)
        if isinstance(taken, idempotency.Replay):
            return Given(taken.answer, replayed=True)
        contribution_id = taken.contribution_id
        if contribution_id is None:
            switches.require_open(session, address.key, address.section)
            text = accepted_text(gift, wiring, now)
            contribution_id = _store(session, gift, address, text, now, wiring).id
            idempotency.bind(session, taken, contribution_id)
    try:
        if taken.contribution_id is not None:
            agree_again(session, contribution_id, gift.agreement, wiring)
        open_attempt(session, contribution_id, wiring)
    except Refusal as refusal:
        with transaction(session):
            if isinstance(refusal, TermsOutdated):
                idempotency.await_terms(session, taken, hashes)
            idempotency.release(session, taken)
        raise
    with transaction(session):
        answer = answers.of(session, queries.get(session, contribution_id))
        idempotency.finish(session, taken, hashes, answer)
    return Given(answer, replayed=False)


def _hashes(gift: Gift, article_key: str, wiring: Wiring) -> idempotency.Hashes:
    body, secret = gift.fingerprint_body(article_key), wiring.settings.secret_key
    apart = idempotency.fingerprint(secret, {**body, "terms": None})
    return idempotency.Hashes(idempotency.fingerprint(secret, body), apart)


def _store(
    session: Session,
    gift: Gift,
    address: Address,
    text: TermsText,
    now: datetime,
    wiring: Wiring,
) -> Contribution:
    contribution_id = new_id()
    contribution = Contribution(
        id=contribution_id,
        reference=_free_reference(session),
        amount_minor=gift.amount.minor,
        currency=gift.amount.currency,
        article_key=address.key,
        article_section=address.section,
        article_title_hint=gift.article_title,
        locale=gift.locale,
        display_name=gift.shown_name,
        email_sealed=wiring.sealer.seal(gift.email, contribution_id) if gift.email else None,
        email_index=wiring.sealer.index(gift.email) if gift.email else None,
        terms_version=text.version,
        created_at=now,
    )
    session.add(contribution)
    session.flush()
    if gift.message:
        session.add(Message(contribution_id=contribution_id, text=gift.message, state=MessageState.HELD))
    agreeing.accept(session, contribution_id, text, now)
    note(session, contribution_id, "created", terms_version=text.version)
    add_attempt(session, contribution, wiring)
    return contribution


def add_attempt(session: Session, contribution: Contribution, wiring: Wiring) -> Attempt:
    """The next attempt of a contribution, stored before the processor hears of it."""
    now = clock.now()
    attempt = Attempt(
        id=new_id(),
        contribution=contribution,
        number=len(contribution.attempts) + 1,
        processor=wiring.processors.current.name,
        terms_version=contribution.terms_version,
        expires_at=(now + wiring.checkout_lifetime).replace(microsecond=0),
        created_at=now,
    )
    session.add(attempt)
    session.flush()
    note(session, contribution.id, "attempt_added", attempt=attempt.id, processor=attempt.processor)
    return attempt


def agree_again(session: Session, contribution_id: str, agreement: Agreement | None, wiring: Wiring) -> None:
    """Before a checkout is opened that could not be opened at once: it needs the terms in force.
    One that is open at the processor, though we never heard of it, keeps those it was opened under.

    Raises FeatureClosed (clause 4.3), TermsOutdated and TermsNotAccepted (6.1), ValidationFailed
    where newer terms have other limits, ProcessorUnavailable.
    """
    contribution = queries.get(session, contribution_id)
    if contribution.status != Status.CREATED:
        return
    _require_open(session, contribution)
    if agreeing.is_outdated(contribution, wiring):
        attempt = contribution.latest_attempt
        look_for_checkout(session, attempt.id, wiring.processors.get(attempt.processor))
    with transaction(session):
        locked = queries.lock(session, contribution_id)
        if locked.status == Status.CREATED:
            agreeing.require_terms(session, locked, agreement, wiring)
            locked.latest_attempt.terms_version = locked.terms_version


def open_attempt(session: Session, contribution_id: str, wiring: Wiring) -> None:
    """Open the checkout of the latest attempt, unless it is open already.

    One whose time is over by now has expired instead. Raises FeatureClosed (clause 4.3)
    and ProcessorUnavailable; repeating it then is harmless.
    """
    contribution = queries.get(session, contribution_id)
    attempt = contribution.latest_attempt
    if attempt.checkout_ref is not None:
        return
    _require_open(session, contribution)
    processor = wiring.processors.get(attempt.processor)
    if attempt.expires_at - processor.shortest_checkout <= clock.now():
        look_for_checkout(session, attempt.id, processor)
        return
    order = Order(
        attempt_id=attempt.id,
        contribution_id=contribution.id,
        reference=contribution.reference,
        amount=contribution.amount,
        locale=contribution.locale,
        expires_at=attempt.expires_at,
        return_url=wiring.return_url(contribution.id),
    )
    end_reading(session)
    with patience.limited():
        checkout = processor.open_checkout(order)
    with transaction(session):
        record_checkout(session, order.attempt_id, checkout)
    _require_open(session, contribution)  # it may have closed meanwhile; then this one is expired


def _require_open(session: Session, contribution: Contribution) -> None:
    switches.require_open(session, contribution.article_key, contribution.article_section)


def look_for_checkout(session: Session, attempt_id: str, processor: Processor) -> int:
    """For an attempt whose opening was cut short: the checkout may exist all the same. One
    that does not, and is past its time, has expired. How many facts were new.

    Raises ProcessorUnavailable.
    """
    opened_after = session.get_one(Attempt, attempt_id).created_at
    end_reading(session)
    checkout = processor.find_checkout(attempt_id, opened_after)
    with transaction(session):
        attempt = session.get_one(Attempt, attempt_id)
        queries.lock(session, attempt.contribution_id)  # before its attempt, as everywhere
        attempt.asked_at = clock.now()
        if checkout is not None:
            record_checkout(session, attempt_id, checkout)
            return 1
        if attempt.expires_at - processor.shortest_checkout > clock.now():
            return 0
        expired = CheckoutExpired(attempt.id, attempt.id, attempt.expires_at)
        settle.apply(session, attempt.processor, expired, processor.live)
        return 1


def record_checkout(session: Session, attempt_id: str, checkout: Checkout) -> None:
    """Keep where an attempt is paid, inside a transaction; once."""
    attempt = session.get_one(Attempt, attempt_id)
    contribution = queries.lock(session, attempt.contribution_id)
    session.refresh(attempt)
    if attempt.checkout_ref is None:
        attempt.checkout_ref, attempt.checkout_url = checkout.ref, checkout.url or None
        note(session, contribution.id, "checkout_opened", attempt=attempt_id)
        refresh_status(session, contribution)
        closing_down.expire_if_closed(session, contribution, attempt_id)


def _free_reference(session: Session) -> str:
    while True:
        reference = new_reference()
        if session.scalar(select(Contribution.id).where(Contribution.reference == reference)) is None:
            return reference
