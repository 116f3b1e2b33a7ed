"""Midtrans's statuses in our words (docs.midtrans.com, transaction status cycle)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.clock import JAKARTA
from service.money import Money
from service.processors import base
from service.processors.shape import short

Status = Mapping[str, Any]

_ORDER = re.compile(r"([0-9a-f]{32})(?:-[0-9]{1,2})?", re.ASCII)
_SIMPLE: Mapping[str, type[base.PaymentPending | base.PaymentFailed | base.CheckoutExpired]] = {
    "pending": base.PaymentPending,
    "authorize": base.PaymentPending,
    "expire": base.CheckoutExpired,
    "failure": base.PaymentFailed,
}
_REVERSES = ("deny", "cancel")  # of a payment that was there, or of one that never came
_FIRST_PAID = ("settlement", "capture")
_WENT_BACK = ("refund", "partial_refund", "chargeback", "partial_chargeback")


def attempt_of(order_id: Any) -> str | None:
    """The attempt that an order was opened for, or None when it is none of ours."""
    match = _ORDER.fullmatch(short(order_id))
    return match[1] if match else None


def money(status: Status, name: str) -> Money:
    """An amount such as ``25000.00``; rupiah is all that Midtrans knows."""
    if status.get("currency", "IDR") != "IDR":
        return Money.parse(short(status[name]), short(status["currency"]))
    return Money.parse(short(status[name]), "IDR")


def moment(text: Any) -> datetime:
    """A time as Midtrans prints it, which is Jakarta's."""
    return datetime.strptime(short(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=JAKARTA)


def happenings(status: Status, live: bool) -> list[base.Happening]:
    """What the status of a transaction tells, oldest first; nothing for an order not ours,
    nor for a status that says nothing of money."""
    attempt_id = attempt_of(status["order_id"])
    told = short(status["transaction_status"])
    if attempt_id is None:
        return []
    ref, at = short(status["transaction_id"]), _at(status)
    simple = _SIMPLE.get(told)
    if simple is not None:
        return [simple(attempt_id, ref, at)]
    if told in _REVERSES:
        return [base.PaymentDenied(attempt_id, ref, at, ref, money(status, "gross_amount"), live)]
    if told in _FIRST_PAID and not _is_paid(status):
        return [base.PaymentPending(attempt_id, ref, at)]  # held back by fraud screening
    if told in (*_FIRST_PAID, *_WENT_BACK):
        return [_succeeded(status, attempt_id, ref, live), *_went_back(status, attempt_id, ref, live)]
    return []


def _is_paid(status: Status) -> bool:
    accepted: bool = status.get("fraud_status", "accept") == "accept"
    return accepted and short(status["status_code"]) == "200"


def _at(status: Status) -> datetime:
    return moment(status.get("settlement_time") or status["transaction_time"])


def _succeeded(status: Status, attempt_id: str, ref: str, live: bool) -> base.Happening:
    return base.PaymentSucceeded(
        attempt_id=attempt_id,
        ref=ref,
        at=_at(status),
        amount=money(status, "gross_amount"),
        payment_ref=ref,
        charge_ref=None,
        method=short(status["payment_type"]),
        live=live,
    )


def _went_back(status: Status, attempt_id: str, ref: str, live: bool) -> list[base.Happening]:
    """Refunds made outside, and chargebacks, which are decided when Midtrans tells them."""
    told: list[base.Happening] = []
    for refund in status.get("refunds") or ():
        moved = _moved(refund, "refund_amount", f"{ref}-r", attempt_id, ref, live)
        told.append(base.RefundedOutside(**moved))
    for chargeback in status.get("chargebacks") or ():
        moved = _moved(chargeback, "chargeback_amount", f"{ref}-c", attempt_id, ref, live)
        told += lost_at_once(moved)
    return told


def lost_at_once(moved: Mapping[str, Any]) -> list[base.Happening]:
    """A chargeback, by whichever witness it is told: there is no dispute to answer before it."""
    state = {name: moved[name] for name in ("attempt_id", "ref", "at", "payment_ref", "live")}
    return [base.DisputeOpened(**state), base.DisputeWithdrawn(**moved), base.DisputeLost(**state)]


def _moved(
    entry: Mapping[str, Any], amount: str, prefix: str, attempt_id: str, payment: str, live: bool
) -> dict[str, Any]:
    name = entry.get("refund_chargeback_id") or entry.get("refund_key")
    told = entry[amount] if amount in entry else entry["refund_amount"]
    return {
        "attempt_id": attempt_id,
        "ref": f"{prefix}{short(str(name))}",
        "at": moment(entry["created_at"]),
        "payment_ref": payment,
        "amount": Money.parse(short(told), "IDR"),
        "row": None,
        "live": live,
    }
