"""Settle: the one function through which everything known of a payment comes in.

Webhook, landing page and sweep all end in `apply`. It locks the contribution, records the
fact once, books what money moved, and derives the status from all facts, whatever their
order.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from service import clock
from service.contributions import queries
from service.contributions.history import note
from service.contributions.model import Attempt, Contribution, PaymentFact
from service.contributions.states import (
    FactKind,
    MessageState,
    state_of_attempt,
    status_of,
)
from service.finance import ledger, postings
from service.finance.ledger import Source
from service.finance.model import Movement
from service.finance.postings import Settled
from service.money import Money
from service.processors.base import (
    CheckoutExpired,
    DisputeLost,
    DisputeOpened,
    DisputeWon,
    Happening,
    MoneyMoved,
    PaymentFailed,
    PaymentPending,
    PaymentSettled,
    PaymentSucceeded,
    PayoutMade,
    RefundedOutside,
    RefundFailed,
)


class Outcome(StrEnum):
    """What came of a happening."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"


class CannotApply(Exception):
    """A happening that disagrees with what we stored; it is quarantined, not applied."""


class NotYet(Exception):
    """A happening that came before the one it builds on; it waits and is tried again."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What applying one happening works with."""

    session: Session
    processor: str
    contribution: Contribution
    attempt: Attempt

    @property
    def source(self) -> Source:
        contribution = self.contribution
        return Source(
            contribution_id=contribution.id,
            reference=contribution.reference,
            article_url=contribution.article_key,
            article_section=contribution.article_section,
            terms_version=self.attempt.terms_version,
            given_at=contribution.created_at,
            paid_at=contribution.paid_at,
        )


def apply(session: Session, processor: str, happening: Happening, live: bool) -> Outcome:
    """Apply one happening, inside the caller's transaction.

    ``live`` says which mode we run in. Raises CannotApply where attempt, amount, currency
    or mode disagree with what is stored, and NotYet for what came too early.
    """
    if getattr(happening, "live", live) is not live:
        raise CannotApply("wrong mode")
    if isinstance(happening, PayoutMade):
        return _apply_payout(session, processor, happening)
    case = _open_case(session, processor, happening.attempt_id)
    kind, ref, amount = _fact(happening)
    if isinstance(happening, PaymentSucceeded | MoneyMoved):
        _require_fitting_money(case, happening)
    known = _find_fact(session, processor, kind, ref)
    if known is not None:
        if known.attempt_id != case.attempt.id:
            raise CannotApply("this fact belongs to another attempt")
        return Outcome.DUPLICATE
    session.add(
        PaymentFact(
            contribution_id=case.contribution.id,
            attempt_id=case.attempt.id,
            processor=processor,
            kind=kind,
            ref=ref,
            amount_minor=amount,
            occurred_at=happening.at,
            recorded_at=clock.now(),
        )
    )
    if isinstance(happening, PaymentSucceeded):
        _note_payment(case, happening.at)
    _BOOK.get(type(happening), _book_nothing)(case, happening)
    note(session, case.contribution.id, f"fact_{kind}", attempt=case.attempt.id, ref=ref)
    refresh_status(session, case.contribution)
    return Outcome.APPLIED


@contextmanager
def guarded(session: Session) -> Iterator[None]:
    """A savepoint: what cannot be applied is undone, and raised as CannotApply or NotYet.

    A bug of ours must not stop the next event, so it counts as one that cannot be applied.
    """
    try:
        with session.begin_nested():
            yield
    except (DataError, IntegrityError) as error:
        raise CannotApply(f"database: {type(error.orig).__name__}") from error
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, OSError) as bug:
        raise CannotApply(f"bug: {type(bug).__name__}") from bug


def refresh_status(session: Session, contribution: Contribution) -> None:
    """Derive the status from all facts again, and let a paid message into the queue."""
    session.flush()
    facts = queries.known_facts(session, contribution.id)
    session.refresh(contribution, ["attempts"])
    states = queries.attempt_states(contribution)
    for attempt, state in zip(contribution.attempts, states, strict=True):
        attempt.state = state_of_attempt(state, facts)
    before, contribution.status = contribution.status, status_of(states, facts)
    if before != contribution.status:
        note(session, contribution.id, "status", before=str(before), after=str(contribution.status))
    message = contribution.message
    if contribution.keeps_payment and message and message.state == MessageState.HELD:
        message.state, message.received_at = MessageState.PENDING, clock.now()
        note(session, contribution.id, "message_queued")
    session.flush()


def _open_case(session: Session, processor: str, attempt_id: str) -> _Case:
    attempt = session.get(Attempt, attempt_id)
    if attempt is None or attempt.processor != processor:
        raise CannotApply("no such attempt")
    contribution = queries.lock(session, attempt.contribution_id)
    return _Case(session, processor, contribution, attempt)


def _find_fact(session: Session, processor: str, kind: FactKind, ref: str) -> PaymentFact | None:
    return session.scalar(
        select(PaymentFact).where(
            PaymentFact.processor == processor, PaymentFact.kind == kind, PaymentFact.ref == ref
        )
    )


def _fact(happening: Any) -> tuple[FactKind, str, int]:
    """The kind of fact, the ref under which it is known once, and its amount if it has one."""
    kind = _KINDS[type(happening)]
    named = getattr(happening, "refund_ref", None) or getattr(happening, "dispute_ref", None)
    money: Money | None = getattr(happening, "amount", None) or getattr(happening, "gross", None)
    return kind, named or happening.ref, money.minor if money else 0


_KINDS: dict[type, FactKind] = {
    PaymentPending: FactKind.PENDING,
    PaymentFailed: FactKind.FAILED,
    CheckoutExpired: FactKind.EXPIRED,
    PaymentSucceeded: FactKind.SUCCEEDED,
    PaymentSettled: FactKind.SETTLED,
    RefundedOutside: FactKind.REFUNDED,
    RefundFailed: FactKind.REFUND_FAILED,
    DisputeOpened: FactKind.DISPUTE_OPENED,
    DisputeWon: FactKind.DISPUTE_WON,
    DisputeLost: FactKind.DISPUTE_LOST,
}


def _require_fitting_money(case: _Case, happening: PaymentSucceeded | MoneyMoved) -> None:
    """What was paid must be what was asked for; what went back cannot be more."""
    asked = case.contribution.amount
    told = happening.amount if isinstance(happening, PaymentSucceeded) else happening.gross
    if told.currency != asked.currency:
        raise CannotApply("another currency than asked for")
    exact = isinstance(happening, PaymentSucceeded | PaymentSettled)
    if told.minor != asked.minor if exact else told.minor > asked.minor:
        raise CannotApply("another amount than asked for")


def _note_payment(case: _Case, at: datetime) -> None:
    """The moment of payment is the earliest that is known; a second success is an exception."""
    contribution = case.contribution
    if contribution.paid_at is None or at < contribution.paid_at:
        contribution.paid_at = at
    successes = select(func.count()).where(
        PaymentFact.contribution_id == contribution.id, PaymentFact.kind == FactKind.SUCCEEDED
    )
    case.session.flush()
    count = case.session.scalar(successes) or 0
    if count > 1:
        subject = f"{contribution.id}:{count}"
        ledger.raise_exception(case.session, "duplicate_payment", subject, contribution.id)
        note(case.session, contribution.id, "duplicate_payment", payments=count)


def _book_nothing(_case: _Case, _happening: Any) -> None:
    """Facts that move no money."""


def _book_contribution(case: _Case, fact: PaymentSucceeded) -> None:
    draft = postings.contribution(fact, case.processor)
    ledger.book(case.session, case.processor, draft, replace(case.source, paid_at=fact.at))


def _parent(case: _Case, payment_ref: str) -> Movement:
    """The contribution row that a later row belongs to. Raises NotYet before it is booked."""
    parent = ledger.find_contribution_movement(case.session, case.processor, payment_ref)
    if parent is None:
        raise NotYet("the payment itself is not known yet")
    return parent


def _book_fee(case: _Case, fact: PaymentSettled) -> None:
    parent = _parent(case, fact.payment_ref)
    none = Money(0, fact.gross.currency)
    ledger.settle(case.session, parent, Settled(fact.ref, fact.gross, none, fact.available_on))
    if fact.fee.minor:
        draft = postings.fee(fact, case.processor)
        ledger.book(case.session, case.processor, draft, _source_of(case, parent), parent)


def _book_refund(case: _Case, fact: RefundedOutside) -> None:
    draft = postings.refund_external(fact, case.processor)
    _book_child(case, draft, fact.payment_ref)


def _book_refund_failed(case: _Case, fact: RefundFailed) -> None:
    draft = postings.refund_failed(fact, case.processor)
    _book_child(case, draft, fact.payment_ref)


def _book_chargeback(case: _Case, fact: DisputeOpened) -> None:
    _book_child(case, postings.chargeback(fact, case.processor), fact.payment_ref)
    if fact.fee.minor:
        _book_child(case, postings.dispute_fee(fact, case.processor), fact.payment_ref)


def _book_chargeback_reversed(case: _Case, fact: DisputeWon) -> None:
    draft = postings.chargeback_reversed(fact, case.processor)
    _book_child(case, draft, fact.payment_ref)


def _book_child(case: _Case, draft: postings.Draft, payment_ref: str) -> None:
    parent = _parent(case, payment_ref)
    ledger.book(case.session, case.processor, draft, _source_of(case, parent), parent)


def _source_of(case: _Case, parent: Movement) -> Source:
    """A later row says of its payment what the payment's own row says."""
    return replace(case.source, paid_at=parent.paid_at)


_BOOK: dict[type, Callable[[_Case, Any], None]] = {
    PaymentSucceeded: _book_contribution,
    PaymentSettled: _book_fee,
    RefundedOutside: _book_refund,
    RefundFailed: _book_refund_failed,
    DisputeOpened: _book_chargeback,
    DisputeWon: _book_chargeback_reversed,
}


def _apply_payout(session: Session, processor: str, payout: PayoutMade) -> Outcome:
    if not ledger.record_payout(session, processor, payout):
        return Outcome.DUPLICATE
    ledger.book(session, processor, postings.payout(payout, processor), None)
    return Outcome.APPLIED
