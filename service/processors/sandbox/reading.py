"""What the sandbox says, in our words: its records, its balance rows, the kept projections."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from service.money import Money
from service.processors import base
from service.processors.shape import flag, integer, moment, short

_LONGEST_LIST = 10_000  # balance rows of one payout


def happenings(record: Mapping[str, Any]) -> list[base.Happening]:
    """An event or history record in our words; nothing for unused types. Raises ValueError,
    LookupError, TypeError and their like for what does not have the shape we know."""
    told, data, at = record["type"], record["data"], moment(record["created"])
    readers = _READERS.get(told, ())
    return [reader(data, at) for reader in readers]


def balance_row(row: Mapping[str, Any]) -> base.BalanceRow:
    """A row of the sandbox's books."""
    return base.BalanceRow(
        ref=short(row["id"]),
        kind=short(row["type"]),
        at=moment(row["created"]),
        gross=_signed(row, "amount"),
        fee=_signed(row, "fee"),
        available_on=date.fromisoformat(row["available_on"]),
        source_ref=short(row["source"]) if row["source"] else None,
    )


def _pending(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PaymentPending(short(data["attempt_id"]), short(data["payment"]), at)


def _failed(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PaymentFailed(short(data["attempt_id"]), short(data["payment"]), at)


def _expired(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.CheckoutExpired(short(data["attempt_id"]), short(data["checkout"]), at)


def _succeeded(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PaymentSucceeded(
        attempt_id=short(data["attempt_id"]),
        ref=short(data["payment"]),
        at=at,
        amount=_money(data, "amount"),
        payment_ref=short(data["payment"]),
        charge_ref=short(data["charge"]),
        method=short(data["method"]),
        live=flag(data["live"]),
    )


def _row(data: Mapping[str, Any], at: datetime, kind: str, sign: int) -> base.BalanceRow:
    gross, fee = _money(data, "amount"), _money(data, "fee")
    return base.BalanceRow(
        ref=short(data["balance_transaction"]),
        kind=kind,
        at=at,
        gross=gross if sign > 0 else -gross,
        fee=fee,
        available_on=date.fromisoformat(data["available_on"]),
    )


def _moved(data: Mapping[str, Any], at: datetime, ref: str, kind: str, sign: int) -> dict[str, Any]:
    return {
        "attempt_id": short(data["attempt_id"]),
        "ref": short(data[ref]),
        "at": at,
        "payment_ref": short(data["payment"]),
        "amount": _money(data, "amount"),
        "row": _row(data, at, kind, sign),
        "live": flag(data["live"]),
    }


def _settled(data: Mapping[str, Any], at: datetime) -> base.Happening:
    moved = _moved(data, at, "balance_transaction", "payment.settled", 1)
    return base.PaymentSettled(**moved, charge_ref=short(data["charge"]), method=short(data["method"]))


def _refunded(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.RefundedOutside(**_moved(data, at, "refund", "refund.created", -1))


def _refund_failed(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.RefundFailed(**_moved(data, at, "refund", "refund.failed", 1))


def _withdrawn(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.DisputeWithdrawn(**_moved(data, at, "dispute", "dispute.opened", -1))


def _reinstated(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.DisputeReinstated(**_moved(data, at, "dispute", "dispute.won", 1))


def _dispute(data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "attempt_id": short(data["attempt_id"]),
        "ref": short(data["dispute"]),
        "at": at,
        "payment_ref": short(data["payment"]),
        "live": flag(data["live"]),
    }


def _opened(data: Mapping[str, Any], at: datetime) -> base.Happening:
    due = data.get("respond_by")
    return base.DisputeOpened(**_dispute(data, at), due_at=moment(due) if due is not None else None)


def _won(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.DisputeWon(**_dispute(data, at))


def _lost(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.DisputeLost(**_dispute(data, at))


def _payout(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PayoutMade(
        ref=short(data["payout"]),
        balance_ref=short(data["balance_transaction"]),
        at=at,
        amount=_money(data, "amount"),
        arrival=date.fromisoformat(data["arrival"]),
        rows=tuple(_codes(data["rows"])),
        live=flag(data["live"]),
    )


def _payout_failed(data: Mapping[str, Any], at: datetime) -> base.Happening:
    row = _row(data, at, "payout_failure", 1)
    return base.PayoutFailed(short(data["payout"]), at, row, flag(data["live"]))


def _adjusted(data: Mapping[str, Any], at: datetime) -> base.Happening:
    row = base.BalanceRow(
        ref=short(data["balance_transaction"]),
        kind="service_charge",
        at=at,
        gross=_signed(data, "amount"),
        fee=_signed(data, "fee"),
        available_on=date.fromisoformat(data["available_on"]),
    )
    return base.BalanceAdjusted(row.ref, at, row, flag(data["live"]))


_READERS: Mapping[str, tuple[Any, ...]] = {
    "payment.pending": (_pending,),
    "payment.failed": (_failed,),
    "checkout.expired": (_expired,),
    "payment.succeeded": (_succeeded,),
    "payment.settled": (_settled,),
    "refund.created": (_refunded,),
    "refund.failed": (_refund_failed,),
    "dispute.opened": (_opened, _withdrawn),
    "dispute.won": (_won, _reinstated),
    "dispute.lost": (_lost,),
    "payout.paid": (_payout,),
    "payout.failed": (_payout_failed,),
    "balance.adjusted": (_adjusted,),
}

_PROJECTED = frozenset(
    [
        "attempt_id",
        "checkout",
        "payment",
        "charge",
        "amount",
        "fee",
        "currency",
        "balance_transaction",
        "refund",
        "dispute",
        "respond_by",
        "payout",
        "arrival",
        "available_on",
        "method",
        "live",
        "rows",
    ]
)


def project(event: Mapping[str, Any]) -> dict[str, Any]:
    """What the inbox may keep of an event: type, time, and the fields that are listed."""
    data = event["data"]
    return {
        "type": short(event["type"]),
        "created": int(moment(event["created"]).timestamp()),
        "data": {name: _listed(data[name]) for name in sorted(_PROJECTED & set(data))},
    }


def _listed(value: Any) -> Any:
    """A value that may be kept: a code, a bounded number, a flag, or a list of codes."""
    if isinstance(value, list):
        return _codes(value)
    if isinstance(value, bool) or value is None:
        return value
    return integer(value) if isinstance(value, int) else short(value)


def _codes(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > _LONGEST_LIST:
        raise ValueError("not a list of identifiers")
    return [short(item) for item in value]


def _money(data: Mapping[str, Any], name: str) -> Money:
    """An amount in minor units that is not negative, with the record's currency."""
    amount = _signed(data, name)
    if amount.minor < 0:
        raise ValueError(f"{name} is negative")
    return amount


def _signed(data: Mapping[str, Any], name: str) -> Money:
    return Money(integer(data[name]), short(data["currency"]))
