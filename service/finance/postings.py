"""One pure function per money fact: what it says becomes the movement that is booked."""

from dataclasses import dataclass
from datetime import date, datetime

from service.finance import accounts
from service.money import Money
from service.processors.base import (
    DisputeOpened,
    DisputeWon,
    MoneyMoved,
    PaymentSettled,
    PaymentSucceeded,
    PayoutMade,
    RefundedOutside,
    RefundFailed,
)


@dataclass(frozen=True, slots=True)
class Settled:
    """The processor's own figures for one movement, in the settlement currency."""

    balance_ref: str
    gross: Money
    fee: Money
    available_on: date
    exchange_rate: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A movement to book. Its amount goes from the credit to the debit account; a negative
    gross or a fee says so by the accounts' order."""

    type: str
    ref: str
    occurred_at: datetime
    gross: Money
    fee: Money
    debit: str
    credit: str
    live: bool
    payment_ref: str | None = None
    charge_ref: str | None = None
    method: str | None = None
    settled: Settled | None = None

    @property
    def moved(self) -> Money:
        """What goes from credit to debit: always positive."""
        return Money(abs(self.gross.minor - self.fee.minor), self.gross.currency)


def contribution(fact: PaymentSucceeded, processor: str) -> Draft:
    """Money that a reader gave: gross only, every fee is a movement of its own."""
    return Draft(
        type="contribution",
        ref=fact.ref,
        occurred_at=fact.at,
        gross=fact.amount,
        fee=_none(fact.amount),
        debit=accounts.processor_balance(processor),
        credit=accounts.CONTRIBUTIONS,
        live=fact.live,
        payment_ref=fact.payment_ref,
        charge_ref=fact.charge_ref,
        method=fact.method,
    )


def fee(fact: PaymentSettled, processor: str) -> Draft:
    """What the processor kept of a payment, as its books say."""
    return _fee_row(fact, processor, "fee", accounts.PROCESSOR_FEES)


def refund_external(fact: RefundedOutside, processor: str) -> Draft:
    """Money that somebody sent back at the processor (clause 4.2)."""
    return _moved(
        fact, "refund_external", -fact.gross, accounts.EXCEPTIONS, accounts.processor_balance(processor)
    )


def refund_failed(fact: RefundFailed, processor: str) -> Draft:
    """Such a refund that did not go through: the money is back."""
    return _moved(
        fact, "refund_failed", fact.gross, accounts.processor_balance(processor), accounts.EXCEPTIONS
    )


def chargeback(fact: DisputeOpened, processor: str) -> Draft:
    """Money withdrawn by a dispute."""
    return _moved(fact, "chargeback", -fact.gross, accounts.DISPUTES, accounts.processor_balance(processor))


def dispute_fee(fact: DisputeOpened, processor: str) -> Draft:
    """What the processor takes for handling a dispute."""
    return _fee_row(fact, processor, "dispute_fee", accounts.PROCESSOR_FEES)


def chargeback_reversed(fact: DisputeWon, processor: str) -> Draft:
    """Money that a won dispute brought back."""
    return _moved(
        fact, "chargeback_reversed", fact.gross, accounts.processor_balance(processor), accounts.DISPUTES
    )


def payout(fact: PayoutMade, processor: str) -> Draft:
    """Money that left the processor for the bank."""
    return Draft(
        type="payout",
        ref=fact.ref,
        occurred_at=fact.at,
        gross=-fact.amount,
        fee=_none(fact.amount),
        debit=accounts.BANK,
        credit=accounts.processor_balance(processor),
        live=fact.live,
        settled=Settled(fact.balance_ref, -fact.amount, _none(fact.amount), fact.arrival),
    )


def _none(like: Money) -> Money:
    return Money(0, like.currency)


def _moved(fact: MoneyMoved, kind: str, gross: Money, debit: str, credit: str) -> Draft:
    return Draft(
        type=kind,
        ref=fact.ref,
        occurred_at=fact.at,
        gross=gross,
        fee=_none(gross),
        debit=debit,
        credit=credit,
        live=fact.live,
        payment_ref=fact.payment_ref,
        charge_ref=fact.charge_ref,
        settled=Settled(fact.ref, gross, _none(gross), fact.available_on),
    )


def _fee_row(fact: MoneyMoved, processor: str, kind: str, account: str) -> Draft:
    return Draft(
        type=kind,
        ref=fact.ref,
        occurred_at=fact.at,
        gross=_none(fact.fee),
        fee=fact.fee,
        debit=account,
        credit=accounts.processor_balance(processor),
        live=fact.live,
        payment_ref=fact.payment_ref,
        charge_ref=fact.charge_ref,
        settled=Settled(fact.ref, _none(fact.fee), fact.fee, fact.available_on),
    )
