"""Settle: the one function through which everything known of a payment comes in.

Webhook, landing page and sweep all end in `apply`. It locks the contribution, records the
fact once, books what money moved, and derives the status from all facts, whatever their
order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from service import clock
from service.contributions import booking, queries, queueing, receipts
from service.contributions.booking import Case
from service.contributions.history import note
from service.contributions.model import Attempt, Contribution, PaymentFact
from service.contributions.states import (
    FactKind,
    MessageState,
    state_of_attempt,
    status_of,
    went_back_too_much,
)
from service.finance import ledger, payouts
from service.money import Money
from service.processors.base import (
    BalanceAdjusted,
    CheckoutExpired,
    DisputeLost,
    DisputeOpened,
    DisputeReinstated,
    DisputeWithdrawn,
    DisputeWon,
    Happening,
    MoneyMoved,
    PaymentDenied,
    PaymentFailed,
    PaymentHappening,
    PaymentPending,
    PaymentSettled,
    PaymentSucceeded,
    PayoutFailed,
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


def apply(session: Session, processor: str, happening: Happening, live: bool) -> Outcome:
    """Apply one happening, inside the caller's transaction.

    ``live`` is the mode of the processor's credentials. Raises CannotApply where attempt,
    amount, currency or mode disagree with what is stored, and NotYet for what came too early.
    """
    if getattr(happening, "live", live) is not live:
        raise CannotApply("wrong mode")
    if isinstance(happening, PayoutMade | PayoutFailed | BalanceAdjusted):
        try:
            return _outcome(payouts.apply(session, processor, happening))
        except payouts.PayoutUnknown as early:
            raise NotYet("the payout itself is not known yet") from early
    case = _open_case(session, processor, happening.attempt_id)
    if isinstance(happening, PaymentSucceeded | PaymentDenied | MoneyMoved):
        _require_fitting_money(case, happening)
    known = _find_fact(case, happening)
    if known is None:
        session.add(_fact(case, happening))
        if isinstance(happening, PaymentSucceeded):
            _note_payment(case, happening.at)
        session.flush()
    elif known.attempt_id != case.attempt.id:
        raise CannotApply("this fact belongs to another attempt")
    elif not isinstance(happening, PaymentDenied | MoneyMoved):
        return Outcome.DUPLICATE
    try:
        booked = booking.book(case, happening)
    except booking.PaymentUnknown as early:
        raise NotYet("the payment itself is not known yet") from early
    if known is None:
        kind, ref = _name(happening)
        note(session, case.contribution.id, f"fact_{kind}", attempt=case.attempt.id, ref=ref)
        refresh_status(session, case.contribution)
    return _outcome(known is None or booked)


def _outcome(new: bool) -> Outcome:
    return Outcome.APPLIED if new else Outcome.DUPLICATE


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
    except (CannotApply, NotYet, SQLAlchemyError):
        raise
    except Exception as bug:
        raise CannotApply(f"bug: {type(bug).__name__}") from bug


def refresh_status(session: Session, contribution: Contribution) -> None:
    """Derive the status from all facts again, and let a paid message into the queue."""
    session.flush()
    facts = queries.known_facts(session, contribution.id)
    states = queries.attempt_states(contribution)
    for attempt, state in zip(contribution.attempts, states, strict=True):
        attempt.state = state_of_attempt(state, facts)
    before, contribution.status = contribution.status, status_of(states, facts)
    if before != contribution.status:
        note(session, contribution.id, "status", before=str(before), after=str(contribution.status))
    if went_back_too_much(facts):
        ledger.raise_exception(session, "reversed_more_than_paid", contribution.id, contribution.id)
    message = contribution.message
    if contribution.keeps_payment and message and message.state == MessageState.HELD:
        queueing.enqueue(session, contribution, message)
    elif message:
        queueing.place(message, takes_part=contribution.takes_part)
    session.flush()


def _open_case(session: Session, processor: str, attempt_id: str) -> Case:
    attempt = session.get(Attempt, attempt_id)
    if attempt is None or attempt.processor != processor:
        raise CannotApply("no such attempt")
    contribution = queries.lock(session, attempt.contribution_id)
    return Case(session, processor, contribution, attempt)


_KINDS: dict[type, FactKind] = {
    PaymentPending: FactKind.PENDING,
    PaymentFailed: FactKind.FAILED,
    CheckoutExpired: FactKind.EXPIRED,
    PaymentSucceeded: FactKind.SUCCEEDED,
    PaymentDenied: FactKind.DENIED,
    PaymentSettled: FactKind.SETTLED,
    RefundedOutside: FactKind.REFUNDED,
    RefundFailed: FactKind.REFUND_FAILED,
    DisputeOpened: FactKind.DISPUTE_OPENED,
    DisputeWithdrawn: FactKind.DISPUTE_WITHDRAWN,
    DisputeReinstated: FactKind.DISPUTE_REINSTATED,
    DisputeWon: FactKind.DISPUTE_WON,
    DisputeLost: FactKind.DISPUTE_LOST,
}


def _name(happening: PaymentHappening) -> tuple[FactKind, str]:
    """Under which a fact is known once, however often and by whatever event it is told."""
    return _KINDS[type(happening)], happening.ref


def _find_fact(case: Case, happening: PaymentHappening) -> PaymentFact | None:
    kind, ref = _name(happening)
    return case.session.scalar(_FACT, {"processor": case.processor, "kind": kind, "ref": ref})


# Built once: these run for every event.
_FACT = select(PaymentFact).where(
    PaymentFact.processor == bindparam("processor"),
    PaymentFact.kind == bindparam("kind"),
    PaymentFact.ref == bindparam("ref"),
)


def _fact(case: Case, happening: PaymentHappening) -> PaymentFact:
    kind, ref = _name(happening)
    amount = getattr(happening, "amount", None)
    row = happening.row if isinstance(happening, MoneyMoved) else None
    return PaymentFact(
        contribution_id=case.contribution.id,
        attempt_id=case.attempt.id,
        processor=case.processor,
        kind=kind,
        ref=ref,
        amount_minor=amount.minor if isinstance(amount, Money) else 0,
        fee_minor=row.fee.minor if row else 0,
        due_at=happening.due_at if isinstance(happening, DisputeOpened) else None,
        occurred_at=happening.at,
        recorded_at=clock.now(),
    )


_SUCCESSES = select(func.count()).where(
    PaymentFact.contribution_id == bindparam("contribution_id"), PaymentFact.kind == FactKind.SUCCEEDED
)


def _require_fitting_money(case: Case, happening: PaymentSucceeded | PaymentDenied | MoneyMoved) -> None:
    """What was paid must be what was asked for; what went back cannot be more; and where the
    processor settles in the reader's currency, its books must say the same amount."""
    asked, told = case.contribution.amount, happening.amount
    if told.currency != asked.currency:
        raise CannotApply("another currency than asked for")
    exact = isinstance(happening, PaymentSucceeded | PaymentDenied | PaymentSettled)
    if told.minor != asked.minor if exact else not 0 < told.minor <= asked.minor:
        raise CannotApply("another amount than asked for")
    row = happening.row if isinstance(happening, MoneyMoved) else None
    if row and row.gross.currency == told.currency and abs(row.gross.minor) != told.minor:
        raise CannotApply("another amount than in the processor's books")


def _note_payment(case: Case, at: datetime) -> None:
    """The moment of payment is the earliest that is known; a second success is an exception, and
    only the first has a receipt."""
    contribution = case.contribution
    if contribution.paid_at is None:
        receipts.put_letter(case.session, contribution)
    if contribution.paid_at is None or at < contribution.paid_at:
        contribution.paid_at = at
    case.session.flush()
    count = case.session.scalar(_SUCCESSES, {"contribution_id": contribution.id}) or 0
    if count > 1:
        subject = f"{contribution.id}:{count}"
        ledger.raise_exception(case.session, "duplicate_payment", subject, contribution.id, at)
        note(case.session, contribution.id, "duplicate_payment", payments=count)
