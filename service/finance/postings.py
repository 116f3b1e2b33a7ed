"""One pure function per money fact: what it says becomes the movement that is booked."""

from dataclasses import dataclass, replace
from datetime import datetime

from service.finance import accounts
from service.money import Money
from service.processors.base import (
    BalanceAdjusted,
    BalanceRow,
    DisputeReinstated,
    DisputeWithdrawn,
    MoneyMoved,
    PaymentSettled,
    PaymentSucceeded,
    PayoutFailed,
    PayoutMade,
    RefundedOutside,
    RefundFailed,
)

# Balance rows that are charges of the processor for its own service.
_SERVICE_CHARGES = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A movement to book. ``moved`` goes from the credit to the debit account. ``settled``:
    this movement's part of a row of the processor's books, in the settlement currency."""

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
    settled: BalanceRow | None = None

    @property
    def moved(self) -> Money:
        """What goes from credit to debit: always positive."""
        return Money(abs(self.gross.minor - self.fee.minor), self.gross.currency)


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: debits positive, credits negative."""

    account: str
    amount: Money


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


def settled_gross(row: BalanceRow) -> BalanceRow:
    """The part of a balance row that belongs to the movement itself: all but the fee."""
    return replace(row, fee=_none(row.gross))


def fee(fact: MoneyMoved, row: BalanceRow, processor: str) -> Draft:
    """What the processor kept, as its books say, in the currency it kept it in. A fee that
    it gave back is negative."""
    kind = "dispute_fee" if isinstance(fact, DisputeWithdrawn | DisputeReinstated) else "fee"
    debit, credit = _sides(-row.fee, accounts.PROCESSOR_FEES, processor)
    return Draft(
        type=kind,
        ref=row.ref,
        occurred_at=fact.at,
        gross=_none(row.fee),
        fee=row.fee,
        debit=debit,
        credit=credit,
        live=fact.live,
        payment_ref=fact.payment_ref,
        charge_ref=fact.charge_ref if isinstance(fact, PaymentSettled) else None,
        settled=replace(row, gross=_none(row.fee)),
    )


def refund_external(fact: RefundedOutside, processor: str) -> Draft:
    """Money that somebody sent back at the processor (clause 4.2)."""
    return _left(fact, "refund_external", accounts.EXCEPTIONS, processor)


def refund_failed(fact: RefundFailed, processor: str) -> Draft:
    """Such a refund that did not go through: the money is back."""
    return _came_back(fact, "refund_failed", accounts.EXCEPTIONS, processor)


def chargeback(fact: DisputeWithdrawn, processor: str) -> Draft:
    """Money withdrawn by a dispute."""
    return _left(fact, "chargeback", accounts.DISPUTES, processor)


def chargeback_reversed(fact: DisputeReinstated, processor: str) -> Draft:
    """Money that a dispute had taken and that came back."""
    return _came_back(fact, "chargeback_reversed", accounts.DISPUTES, processor)


def payout(fact: PayoutMade, processor: str) -> Draft:
    """Money that left the processor for the bank; a negative payout is one that it took there."""
    gross = -fact.amount
    debit, credit = _sides(gross, accounts.BANK, processor)
    return Draft(
        type="payout",
        ref=fact.ref,
        occurred_at=fact.at,
        gross=gross,
        fee=_none(gross),
        debit=debit,
        credit=credit,
        live=fact.live,
        settled=BalanceRow(fact.balance_ref, "payout", fact.at, gross, _none(gross), fact.arrival),
    )


def payout_failed(fact: PayoutFailed, processor: str) -> Draft:
    """A payout that the bank sent back."""
    debit, credit = _sides(fact.row.net, accounts.BANK, processor)
    return Draft(
        type="payout_failed",
        ref=fact.ref,
        occurred_at=fact.at,
        gross=fact.row.net,
        fee=_none(fact.row.net),
        debit=debit,
        credit=credit,
        live=fact.live,
        settled=replace(fact.row, gross=fact.row.net, fee=_none(fact.row.net)),
    )


def adjustment(fact: BalanceAdjusted, processor: str) -> Draft:
    """A change of our balance that belongs to no payment."""
    row = fact.row
    other = accounts.PROCESSOR_FEES if row.kind in _SERVICE_CHARGES else accounts.EXCEPTIONS
    debit, credit = _sides(row.net, other, processor)
    return Draft(
        type="adjustment",
        ref=fact.ref,
        occurred_at=fact.at,
        gross=row.gross,
        fee=row.fee,
        debit=debit,
        credit=credit,
        live=fact.live,
        settled=row,
    )


def exchange(paid: Money, settled: Money, processor: str) -> tuple[Line, ...]:
    """How an amount becomes another currency inside the processor: both signed alike, what
    stays on the exchange account in each currency is the difference over time."""
    if paid.currency == settled.currency:
        return ()
    balance = accounts.processor_balance(processor)
    return (
        Line(balance, -paid),
        Line(accounts.EXCHANGE_DIFFERENCES, paid),
        Line(balance, settled),
        Line(accounts.EXCHANGE_DIFFERENCES, -settled),
    )


def _sides(net: Money, other: str, processor: str) -> tuple[str, str]:
    """Debit and credit for what changes the processor's balance by ``net``."""
    balance = accounts.processor_balance(processor)
    return (balance, other) if net.minor >= 0 else (other, balance)


def _none(like: Money) -> Money:
    return Money(0, like.currency)


def _left(fact: MoneyMoved, kind: str, account: str, processor: str) -> Draft:
    return _moved(fact, kind, -fact.amount, account, accounts.processor_balance(processor))


def _came_back(fact: MoneyMoved, kind: str, account: str, processor: str) -> Draft:
    return _moved(fact, kind, fact.amount, accounts.processor_balance(processor), account)


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
        settled=settled_gross(fact.row) if fact.row else None,
    )
