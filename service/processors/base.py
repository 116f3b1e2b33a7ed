"""What a payment processor is to us: our own words, in which every adapter speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

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
    charge_ref: str
    method: str
    live: bool


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """A row of the processor's own books that belongs to a payment: its gross and fee in
    the settlement currency. ``ref`` is the balance transaction."""

    attempt_id: str
    ref: str
    at: datetime
    payment_ref: str
    charge_ref: str
    gross: Money
    fee: Money
    available_on: date
    live: bool


@dataclass(frozen=True, slots=True)
class PaymentSettled(MoneyMoved):
    """The balance transaction of a payment: now its fee is known."""


@dataclass(frozen=True, slots=True)
class RefundedOutside(MoneyMoved):
    """Somebody refunded at the processor (clause 4.2); gross is what went back, positive."""

    refund_ref: str


@dataclass(frozen=True, slots=True)
class RefundFailed(MoneyMoved):
    """A refund made outside did not go through; gross came back to us, positive."""

    refund_ref: str


@dataclass(frozen=True, slots=True)
class DisputeOpened(MoneyMoved):
    """A chargeback: gross was withdrawn, the dispute's own fee was taken."""

    dispute_ref: str


@dataclass(frozen=True, slots=True)
class DisputeWon(MoneyMoved):
    """The withdrawn money came back."""

    dispute_ref: str


@dataclass(frozen=True, slots=True)
class DisputeLost:
    """The withdrawn money stays away; nothing moves."""

    attempt_id: str
    ref: str
    at: datetime
    dispute_ref: str
    live: bool


@dataclass(frozen=True, slots=True)
class PayoutMade:
    """Money went to the bank. ``rows`` are the balance transactions that it pays out."""

    ref: str
    balance_ref: str
    at: datetime
    amount: Money
    arrival: date
    rows: tuple[str, ...]
    live: bool


Happening = (
    PaymentPending
    | PaymentFailed
    | CheckoutExpired
    | PaymentSucceeded
    | PaymentSettled
    | RefundedOutside
    | RefundFailed
    | DisputeOpened
    | DisputeWon
    | DisputeLost
    | PayoutMade
)


@dataclass(frozen=True, slots=True)
class ProcessorEvent:
    """One verified delivery. ``projection`` holds the allow-listed part of its body: enough
    to read it again, and nothing personal."""

    id: str
    type: str
    happenings: tuple[Happening, ...]
    projection: Mapping[str, Any]


class Processor(Protocol):
    """The port. It has no verb for refunds and none for anything that recurs.

    Every call that goes out raises ProcessorUnavailable when the processor cannot be
    reached, answers with an error of its own, or answers what cannot be read; and
    ProcessorRefused when it refuses just this call.
    """

    name: str
    display_name: str
    checkout_origin: str
    declined_ends_attempt: bool

    def open_checkout(self, order: Order) -> Checkout:
        """Open a hosted page. Idempotent by the attempt's id."""
        ...

    def find_checkout(self, attempt_id: str) -> Checkout | None:
        """The checkout that was opened for an attempt, if any was."""
        ...

    def expire_checkout(self, checkout_ref: str) -> None:
        """Close an open page; nothing happens where it is closed already."""
        ...

    def ask(self, checkout_ref: str) -> Sequence[Happening]:
        """All that is known about one checkout and its payment, oldest first."""
        ...

    def read_event(self, headers: Mapping[str, str], body: bytes) -> ProcessorEvent:
        """Verify a delivery, then read it. Raises BadSignature or BadEvent."""
        ...

    def read_projection(self, projection: Mapping[str, Any]) -> tuple[Happening, ...]:
        """What a kept projection tells in our words: nothing for unused types."""
        ...
