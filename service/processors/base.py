"""What a payment processor is to us: our own words, in which every adapter speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from service.money import Money


@dataclass(frozen=True, slots=True)
class Order:
    """What a checkout is opened for. Everything here is stored before the processor hears
    of it, so that repeating an opening sends exactly the same."""

    attempt_id: str
    contribution_id: str
    reference: str
    amount: Money
    locale: str
    expires_at: datetime
    return_url: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted page that was opened: where the reader pays, and until when."""

    ref: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentState:
    """Something known of one attempt's payment. ``ref`` names the fact at the processor:
    the same fact always has the same ref, however often and however it is told."""

    attempt_id: str
    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaymentPending(PaymentState):
    """The reader did their part; the money is not known yet."""


@dataclass(frozen=True, slots=True)
class PaymentFailed(PaymentState):
    """The payment was declined, and the attempt is over."""


@dataclass(frozen=True, slots=True)
class CheckoutExpired(PaymentState):
    """The checkout closed without a payment."""


@dataclass(frozen=True, slots=True)
class PaymentSucceeded(PaymentState):
    """The money is there. ``amount`` is what the processor says was paid."""

    amount: Money
    payment_ref: str
    charge_ref: str | None
    method: str | None
    live: bool


@dataclass(frozen=True, slots=True)
class PaymentDenied(PaymentState):
    """The payment was refused, which some banks do after it was there: then it is reversed,
    else the attempt failed. ``ref`` is the payment."""

    payment_ref: str
    amount: Money
    live: bool
    row: "BalanceRow | None" = None


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """A row of the processor's own books (a balance transaction), signed, in the settlement
    currency: net = gross - fee. ``source_ref`` is the object it came from."""

    ref: str
    kind: str
    at: datetime
    gross: Money
    fee: Money
    available_on: date
    source_ref: str | None = None
    exchange_rate: str | None = None

    @property
    def net(self) -> Money:
        return self.gross - self.fee


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """Money that moved for a payment: ``amount`` in the currency that the reader paid in,
    always positive; ``row`` is what the processor's books say of it, once they do."""

    attempt_id: str
    ref: str
    at: datetime
    payment_ref: str
    amount: Money
    row: BalanceRow | None
    live: bool


@dataclass(frozen=True, slots=True)
class PaymentSettled(MoneyMoved):
    """The processor's row of a payment: now its fee is known."""

    charge_ref: str | None
    method: str | None


@dataclass(frozen=True, slots=True)
class RefundedOutside(MoneyMoved):
    """Somebody refunded at the processor (clause 4.2). ``ref`` is the refund."""


@dataclass(frozen=True, slots=True)
class RefundFailed(MoneyMoved):
    """A refund made outside did not go through; the money came back. ``ref`` is the refund."""


@dataclass(frozen=True, slots=True)
class DisputeWithdrawn(MoneyMoved):
    """A dispute took money away, and perhaps a fee of its own. ``ref`` is the dispute."""


@dataclass(frozen=True, slots=True)
class DisputeReinstated(MoneyMoved):
    """Money that a dispute had taken came back. ``ref`` is the dispute."""


@dataclass(frozen=True, slots=True)
class DisputeState:
    """Where a dispute stands; no money moves by it. ``ref`` is the dispute."""

    attempt_id: str
    ref: str
    at: datetime
    payment_ref: str
    live: bool


@dataclass(frozen=True, slots=True)
class DisputeOpened(DisputeState):
    """The payer's bank disputes a payment (a mere inquiry is no dispute). ``due_at`` is until
    when it can be answered, where the processor says so."""

    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeWon(DisputeState):
    """The dispute was decided for us."""


@dataclass(frozen=True, slots=True)
class DisputeLost(DisputeState):
    """The dispute was decided against us: what it took stays away."""


@dataclass(frozen=True, slots=True)
class BalanceAdjusted:
    """The processor changed our balance by itself: a charge for its service, a correction."""

    ref: str
    at: datetime
    row: BalanceRow
    live: bool


@dataclass(frozen=True, slots=True)
class PayoutMade:
    """Money went to the bank; a negative ``amount`` came from there. ``rows`` are the balance rows that it
    pays out, without its own; None while the processor has not itemised them."""

    ref: str
    balance_ref: str
    at: datetime
    amount: Money
    arrival: date
    rows: tuple[str, ...] | None
    live: bool


@dataclass(frozen=True, slots=True)
class PayoutFailed:
    """A payout did not reach the bank; its money is back at the processor."""

    ref: str
    at: datetime
    row: BalanceRow
    live: bool


PaymentHappening = (
    PaymentPending
    | PaymentFailed
    | CheckoutExpired
    | PaymentSucceeded
    | PaymentDenied
    | PaymentSettled
    | RefundedOutside
    | RefundFailed
    | DisputeOpened
    | DisputeWithdrawn
    | DisputeReinstated
    | DisputeWon
    | DisputeLost
)
Happening = PaymentHappening | BalanceAdjusted | PayoutMade | PayoutFailed


@dataclass(frozen=True, slots=True)
class ProcessorEvent:
    """One verified delivery. ``projection`` holds the allow-listed part of its body: enough
    to read it again, and nothing personal. ``happenings`` is None where the body alone does
    not tell, and the processor must be asked."""

    id: str
    type: str
    happenings: tuple[Happening, ...] | None
    projection: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the processor's books, oldest or newest first as it likes; ``after`` is
    where the next begins, None at the end."""

    rows: tuple[BalanceRow, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class SettlementFile:
    """What a downloaded settlement file says: the rows of the processor's books, and what
    they stand for."""

    rows: tuple[BalanceRow, ...]
    told: tuple[Happening, ...]


@runtime_checkable
class ReadsSettlementFiles(Protocol):
    """A processor whose fees and payouts come as a file instead of by its API."""

    def read_settlement_file(self, text: str) -> SettlementFile:
        """Raises ValueError, naming the line, for a file that is not one."""
        ...


class Processor(Protocol):
    """The port. It has no verb for refunds and none for anything that recurs.

    Every call that goes out raises ProcessorUnavailable when the processor cannot be
    reached, answers with an error of its own, or answers what cannot be read; and
    ProcessorRefused when it refuses just this call.
    """

    name: str
    display_name: str
    checkout_origin: str
    live: bool  # the mode of the credentials: real money or a test's
    declined_ends_attempt: bool
    page_while_pending: bool  # the hosted page goes on saying how to pay, such as an account's number
    expires_silently: bool  # nothing is told of a page that closed unused
    shortest_checkout: timedelta  # a page cannot be opened for less
    longest_checkout: timedelta  # nor for more
    lists_books: bool  # whether balance rows can be listed and compared

    def open_checkout(self, order: Order) -> Checkout:
        """Open a hosted page. Idempotent by the attempt's id."""
        ...

    def find_checkout(self, attempt_id: str, opened_after: datetime) -> Checkout | None:
        """The checkout that was opened for an attempt, if any was and it can be found."""
        ...

    def expire_checkout(self, checkout_ref: str) -> Sequence[Happening]:
        """Close an open page; nothing happens where it is closed already. What is known by that."""
        ...

    def ask(self, checkout_ref: str) -> Sequence[Happening]:
        """All that is known about one checkout and its payment, oldest first."""
        ...

    def read_event(self, headers: Mapping[str, str], body: bytes) -> ProcessorEvent:
        """Verify a delivery, then read it. No network. Raises BadSignature or BadEvent."""
        ...

    def refusal(self, projection: Mapping[str, Any]) -> str | None:
        """Why a verified event cannot be used, or None: it is of the other mode, or was
        shaped for a version that we do not read."""
        ...

    def complete(self, projection: Mapping[str, Any]) -> Sequence[Happening]:
        """What a kept projection tells in our words, asking the processor where it must:
        nothing for unused types. Never inside a transaction."""
        ...

    def list_rows(self, since: datetime, until: datetime, after: str | None) -> Page:
        """A page of the balance rows made from ``since`` to before ``until``."""
        ...

    def list_payout_rows(self, payout_ref: str, after: str | None) -> Page:
        """A page of the balance rows that a payout pays out, without its own row."""
        ...

    def explain_row(self, row: BalanceRow) -> Sequence[Happening]:
        """What a balance row stands for, in our words: for rows whose events were lost."""
        ...
