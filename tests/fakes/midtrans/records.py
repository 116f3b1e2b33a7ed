"""What the fake remembers: pages, transactions, money taken back, rows of the settlement file."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Refused(Exception):
    """The real Midtrans, its payer or a bank could not do this now."""


@dataclass(frozen=True)
class Delivery:
    """One notification as it would be sent: the parsed event, its bytes and its headers."""

    event: dict[str, Any]
    body: bytes
    headers: dict[str, str]


@dataclass
class Page:
    """A Snap page: amounts in whole rupiah, times in seconds since 1970."""

    token: str
    order_id: str
    amount: int
    closes_at: float
    finish: str | None = None
    enabled: tuple[str, ...] | None = None
    pays_within: int | None = None
    pays_from: float | None = None
    canceled_at: float | None = None
    echoed: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)


@dataclass
class Reversal:
    """A refund or a chargeback of a part or the whole, in whole rupiah."""

    id: int
    uuid: str
    amount: int
    reason: str
    at: float
    key: str | None = None


@dataclass
class Transaction:
    """One attempt to pay with one method; a page gets its first when the payer chooses."""

    id: str
    page: Page
    method: str
    chosen_at: float
    expires_at: float
    details: dict[str, Any]
    status: str = "pending"
    fraud: str = "accept"
    settled_at: float | None = None
    later: str | None = None
    refunds: list[Reversal] = field(default_factory=list)
    chargebacks: list[Reversal] = field(default_factory=list)

    @property
    def order_id(self) -> str:
        return self.page.order_id

    @property
    def amount(self) -> int:
        return self.page.amount

    @property
    def remaining(self) -> int:
        """What has not been refunded or charged back yet."""
        return self.amount - sum(taken.amount for taken in (*self.refunds, *self.chargebacks))


@dataclass
class Row:
    """A row of the settlement file; refunds, chargebacks and late denials are negative."""

    kind: str
    transaction: Transaction
    gross: int
    fee: int
    at: float
    payout_id: str = ""
    reversal: int | None = None

    @property
    def net(self) -> int:
        return self.gross - self.fee


class PayOut(NamedTuple):
    """One transfer to the merchant's bank account, in whole rupiah."""

    id: str
    amount: int
