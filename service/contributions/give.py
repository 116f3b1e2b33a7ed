"""Give: store everything first, then open the checkout, then say where to pay.

The processor is called outside any transaction, with the attempt's id as idempotency key,
so that a crash or a timeout at any point is repaired by sending the same request again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import answers, closing_down, idempotency, queries, settle
from service.contributions.history import note
from service.contributions.model import Attempt, Contribution, Message
from service.contributions.settle import refresh_status
from service.contributions.states import MessageState
from service.controls import switches
from service.db import end_reading, transaction
from service.errors import Refusal
from service.identifiers import new_id, new_reference
from service.money import Money
from service.processors import patience
from service.processors.base import Checkout, CheckoutExpired, Order, Processor
from service.terms import check
from service.terms.model import Acceptance
from service.terms.texts import TermsText
from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Gift:
    """What a reader sends, validated in shape and normalised; the truth is checked here."""

    amount: Money
    article_url: str
    article_title: str | None
    article_section: str | None
    locale: str
    terms_version: str | None
    terms_accepted: bool
    message: str | None = None
    display_name: str | None = None
    anonymous: bool = False
    email: str | None = None

    @property
    def shown_name(self) -> str | None:
        """Clause 1.2: anonymous drops the name before anything is stored."""
        return None if self.anonymous else self.display_name

    def fingerprint_body(self, article_key: str) -> dict[str, Any]:
        """The body as it is compared between two uses of one key."""
        return {
            "amount": self.amount.minor,
            "currency": self.amount.currency,
            "article": article_key,
            "article_title": self.article_title,
            "locale": self.locale,
            "terms": [self.terms_version, self.terms_accepted],
            "message": self.message,
            "display_name": self.shown_name,
            "email": self.email,
        }


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
    address = wiring.addresses.read(gift.article_url)
    check.refuse_payment_details(
        {
            "message": gift.message,
            "display_name": gift.display_name,
            "email": gift.email,
            "article.title": gift.article_title,
            "article.section": gift.article_section,
            "article.url": unquote_plus(address.key),
        }
    )
    body_hash = idempotency.fingerprint(wiring.settings.secret_key, gift.fingerprint_body(address.key))
    with transaction(session):
        taken = idempotency.take(session, key, body_hash)
        if isinstance(taken, idempotency.Replay):
            return Given(taken.answer, replayed=True)
        contribution_id = taken.contribution_id
        if contribution_id is None:
            switches.require_open(session, address.key, address.section)
            text = _accepted_text(gift, wiring)
            contribution = _store(session, gift, address.key, address.section, text, wiring)
            contribution_id = contribution.id
            idempotency.bind(session, taken, contribution_id)
    try:
        open_attempt(session, contribution_id, wiring)
    except Refusal:
        with transaction(session):
            idempotency.release(session, taken)
        raise
    with transaction(session):
        answer = answers.of(session, queries.get(session, contribution_id))
        idempotency.finish(session, taken, answer)
    return Given(answer, replayed=False)


def _accepted_text(gift: Gift, wiring: Wiring) -> TermsText:
    now = clock.now()
    text = check.accepted_text(wiring.terms, now, gift.locale, gift.terms_version, gift.terms_accepted)
    check.require_amount_within(text.limits, gift.amount)
    check.require_texts_within(text.limits, gift.message, gift.display_name)
    return text


def _store(
    session: Session,
    gift: Gift,
    article_key: str,
    section: str | None,
    text: TermsText,
    wiring: Wiring,
) -> Contribution:
    now, contribution_id = clock.now(), new_id()
    contribution = Contribution(
        id=contribution_id,
        reference=_free_reference(session),
        amount_minor=gift.amount.minor,
        currency=gift.amount.currency,
        article_key=article_key,
        article_section=section,
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
    accept(session, contribution_id, text)
    note(session, contribution_id, "created", terms_version=text.version)
    add_attempt(session, contribution, wiring)
    return contribution


def accept(session: Session, contribution_id: str, text: TermsText) -> None:
    """Record which exact text was agreed to by sending (clause 6.1)."""
    session.add(
        Acceptance(
            contribution_id=contribution_id,
            version=text.version,
            locale=text.locale,
            sha256=text.sha256,
            agreement=text.agreement,
            accepted_at=clock.now(),
        )
    )


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
