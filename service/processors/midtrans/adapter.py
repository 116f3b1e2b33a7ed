"""Midtrans as a processor: Snap pages out, notifications in, every one confirmed by its API.

A notification's signature covers neither its status nor its time, so nothing moves before
the status API says the same (docs.midtrans.com, HTTP notification).
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import BaseAdapter
from requests.auth import HTTPBasicAuth

from service import clock
from service.clock import JAKARTA
from service.config import Settings
from service.errors import BadSignature, ProcessorRefused
from service.money import Money
from service.processors import base
from service.processors.http import Client
from service.processors.midtrans import reading, settlement
from service.processors.shape import maybe_short, parse_json, readable, readable_event, short

_SNAP = {True: "https://app.midtrans.com", False: "https://app.sandbox.midtrans.com"}
_API = {True: "https://api.midtrans.com", False: "https://api.sandbox.midtrans.com"}
_TRIES = 2  # within the five minutes for which Midtrans knows an idempotency key
_ORDERS = 5  # order ids that one attempt may use up
_QRIS_LIMIT = Money.of_major(10_000_000, "IDR")
_QRIS = ("gopay", "shopeepay", "other_qris")
_OTHERS = ("bca_va", "bni_va", "bri_va", "permata_va", "cimb_va", "echannel", "other_va")
_SIGNED = ("order_id", "status_code", "gross_amount")
_KEPT = ("transaction_id", "transaction_status", "fraud_status", "status_code")


class MidtransProcessor:
    """Speaks to Snap and to the status API, which have one server key."""

    name = "midtrans"
    display_name = "Midtrans"
    declined_ends_attempt = True
    page_while_pending = True
    expires_silently = True
    shortest_checkout = timedelta(minutes=1)
    longest_checkout = timedelta(hours=24)
    lists_books = False

    def __init__(
        self,
        server_key: str,
        snap_base: str | None = None,
        api_base: str | None = None,
        transport: BaseAdapter | None = None,
    ) -> None:
        self.live = not server_key.startswith("SB-")
        snap = snap_base or _SNAP[self.live]
        auth = HTTPBasicAuth(server_key, "")
        self._snap = Client(snap, auth, transport)
        self._api = Client(api_base or _API[self.live], auth, transport)
        self._key = server_key
        self.checkout_origin = "{0.scheme}://{0.netloc}".format(urlsplit(snap))

    @classmethod
    def from_settings(cls, settings: Settings) -> "MidtransProcessor":
        return cls(
            settings.midtrans_server_key,
            settings.midtrans_snap_base or None,
            settings.midtrans_api_base or None,
        )

    def open_checkout(self, order: base.Order) -> base.Checkout:
        if order.amount.currency != "IDR" or not order.amount.is_whole:
            raise ProcessorRefused
        for number in range(1, _ORDERS + 1):
            order_id = order.attempt_id if number == 1 else f"{order.attempt_id}-{number}"
            try:
                found = self._snap.call(
                    "POST",
                    "/snap/v1/transactions",
                    json=_transaction(order, order_id),
                    headers={"Idempotency-Key": order_id},
                    tries=_TRIES,
                )
            except ProcessorRefused as refused:
                # Used up by an opening whose answer was lost: nobody has its address.
                if not _is_used_up(refused):
                    raise
                continue
            with readable():
                ref = f"{order_id}:{short(found['token'])}"
                return base.Checkout(ref, str(found["redirect_url"]), order.expires_at)
        raise ProcessorRefused

    def find_checkout(self, attempt_id: str, opened_after: datetime) -> base.Checkout | None:
        """Midtrans knows of a page once a method was chosen on it, but not its address."""
        status = self._status(attempt_id)
        if status is None:
            return None
        return base.Checkout(f"{attempt_id}:", "", opened_after + self.longest_checkout)

    def expire_checkout(self, checkout_ref: str) -> Sequence[base.Happening]:
        order_id, _, token = checkout_ref.partition(":")
        if _is_pending(self._status(order_id)):
            # Refused when it was paid a moment ago; never a call that could undo a payment.
            with suppress(ProcessorRefused):
                self._api.call("POST", f"/v2/{order_id}/expire")
        if token:
            with suppress(ProcessorRefused):
                self._snap.call("POST", f"/snap/v1/transactions/{token}/cancel")
        status, attempt_id = self._status(order_id), reading.attempt_of(order_id)
        if _is_pending(status):
            raise ProcessorRefused  # it can still be paid, so this is not done yet
        told = self._read(status)
        if told or attempt_id is None:
            return told
        return [base.CheckoutExpired(attempt_id, f"page-{order_id}", clock.now())]

    def ask(self, checkout_ref: str) -> Sequence[base.Happening]:
        return self._read(self._status(checkout_ref.partition(":")[0]))

    def read_event(self, headers: Mapping[str, str], body: bytes) -> base.ProcessorEvent:
        with readable_event():
            told = parse_json(body)
            signed = "".join(_text(told.get(name)) for name in _SIGNED)
            given = _text(told.get("signature_key"))
        genuine = hashlib.sha512(f"{signed}{self._key}".encode()).hexdigest()
        if not hmac.compare_digest(given.encode(), genuine.encode()):
            raise BadSignature
        with readable_event():
            order_id, kept = short(told["order_id"]), _kept(told)
            ours = reading.attempt_of(order_id) is not None
            status = short(told["transaction_status"])
            return base.ProcessorEvent(
                id=hashlib.sha256("|".join([order_id, *map(str, kept.values())]).encode()).hexdigest(),
                type=f"transaction.{status}"[:60],
                happenings=None if ours else (),
                projection={"type": "transaction", "order_id": order_id, **kept},
            )

    def refusal(self, projection: Mapping[str, Any]) -> str | None:
        return None

    def complete(self, projection: Mapping[str, Any]) -> Sequence[base.Happening]:
        order_id = projection["order_id"]
        if reading.attempt_of(order_id) is None:
            return []
        status = self._status(order_id)
        if status is None:
            raise ProcessorRefused  # it told us of a transaction that it does not know (yet)
        return self._read(status)

    def list_rows(self, since: datetime, until: datetime, after: str | None) -> base.Page:
        """Midtrans has no list of balance rows; they come from its settlement file."""
        return base.Page((), None)

    def list_payout_rows(self, payout_ref: str, after: str | None) -> base.Page:
        return base.Page((), None)

    def explain_row(self, row: base.BalanceRow) -> Sequence[base.Happening]:
        return []

    def read_settlement_file(self, text: str) -> base.SettlementFile:
        return settlement.read(text, self.live)

    def _read(self, status: Mapping[str, Any] | None) -> Sequence[base.Happening]:
        with readable():
            return reading.happenings(status, self.live) if status is not None else []

    def _status(self, order_id: str) -> Mapping[str, Any] | None:
        """The status of a transaction; None until a method was chosen on its page."""
        try:
            found = self._api.call("GET", f"/v2/{order_id}/status", tries=_TRIES)
        except ProcessorRefused as refused:
            if refused.params.get("status") == 404:
                return None
            raise
        with readable():
            code = short(found["status_code"])
            if code == "404":
                return None
            if "transaction_status" not in found:
                raise ValueError("no status")
            return dict(found)


def _is_pending(status: Mapping[str, Any] | None) -> bool:
    """Whether a method was chosen and its money is still to come, as with a virtual account."""
    return status is not None and status["transaction_status"] == "pending"


def _is_used_up(refused: ProcessorRefused) -> bool:
    """Whether an order id was refused for having been used: 406 by the documentation, 400
    with a text as it was seen."""
    return refused.params.get("status") == 406 or "already been taken" in refused.params.get("said", "")


def _transaction(order: base.Order, order_id: str) -> dict[str, Any]:
    """The body of a page's opening: whole rupiah, not times a hundred (clause 4.1: once)."""
    now = clock.now().astimezone(JAKARTA)
    rupiah = order.amount.minor // 100
    minutes = max(1, int((order.expires_at - now).total_seconds() // 60))
    qris = () if order.amount > _QRIS_LIMIT else _QRIS
    return {
        "transaction_details": {"order_id": order_id, "gross_amount": rupiah},
        "item_details": [
            {
                "id": order.reference,
                "price": rupiah,
                "quantity": 1,
                "name": f"Apresiasi Spesial {order.reference}",
            }
        ],
        "enabled_payments": [*qris, *_OTHERS],
        "callbacks": {"finish": f"{order.return_url}?checkout=done"},
        "expiry": {"start_time": f"{now:%Y-%m-%d %H:%M:%S %z}", "unit": "minute", "duration": minutes},
        "page_expiry": {"unit": "minute", "duration": minutes},
        "custom_field1": order.contribution_id,
    }


def _kept(told: Mapping[str, Any]) -> dict[str, str | None]:
    """What names a notification, as it has no id: where the transaction stands, and the last
    of its refunds and chargebacks."""
    kept = {name: maybe_short(told.get(name)) for name in _KEPT}
    for name in ("refunds", "chargebacks"):
        entries = told.get(name) or []
        ids = [str(entry.get("refund_chargeback_id") or entry.get("refund_key")) for entry in entries]
        kept[name] = short(",".join(ids)[-100:]) if ids else None
    return kept


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isascii():
        raise ValueError("not a text")
    return value
