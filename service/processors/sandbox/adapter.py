"""The sandbox as a processor: HTTP calls out, signed events in, our words on this side."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, NoReturn

import requests

from service.config import Settings
from service.errors import BadEvent, ProcessorRefused, ProcessorUnavailable
from service.money import Money
from service.processors import base
from service.processors.sandbox import signature

# Seconds to connect and to read. Going on with a payment asks, expires and opens: with one
# repeat of the opening these stay within the contract's 15 seconds together.
_TIMEOUT = (1.0, 2.5)
_LONGEST_LIST = 10_000  # balance transactions of one payout
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError)
_TRIES = 2  # with the same idempotency key, so a repeat is harmless


class SandboxProcessor:
    """Speaks to the sandbox app over HTTP, with timeouts and one retry a call."""

    name = "sandbox"
    display_name = "Sandbox"
    declined_ends_attempt = True

    def __init__(self, url: str, api_key: str, webhook_secret: str) -> None:
        self._url = url
        self._secret = webhook_secret
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self.checkout_origin = url

    @classmethod
    def from_settings(cls, settings: Settings) -> "SandboxProcessor":
        return cls(settings.sandbox_url, settings.sandbox_api_key, settings.sandbox_webhook_secret)

    def open_checkout(self, order: base.Order) -> base.Checkout:
        found = self._call(
            "POST",
            "/v1/checkouts",
            json={
                "amount": order.amount.minor,
                "currency": order.amount.currency,
                "attempt_id": order.attempt_id,
                "contribution_id": order.contribution_id,
                "reference": order.reference,
                "locale": order.locale,
                "expires_at": int(order.expires_at.timestamp()),
                "return_url": order.return_url,
            },
            headers={"Idempotency-Key": order.attempt_id},
        )
        return _checkout(found)

    def find_checkout(self, attempt_id: str) -> base.Checkout | None:
        found = self._call("GET", "/v1/checkouts", params={"attempt_id": attempt_id})
        with _readable():
            return _checkout(found["data"][0]) if found["data"] else None

    def expire_checkout(self, checkout_ref: str) -> None:
        self._call("POST", f"/v1/checkouts/{checkout_ref}/expire")

    def ask(self, checkout_ref: str) -> Sequence[base.Happening]:
        found = self._call("GET", f"/v1/checkouts/{checkout_ref}")
        with _readable():
            return [happening for record in found["history"] for happening in _happenings(record)]

    def read_event(self, headers: Mapping[str, str], body: bytes) -> base.ProcessorEvent:
        signature.verify(headers.get(signature.HEADER, ""), body, self._secret)
        try:
            event = json.loads(body, parse_constant=_refuse_constant)
            projection = _project(event)
            return base.ProcessorEvent(
                id=_short(event["id"]),
                type=projection["type"],
                happenings=self.read_projection(projection),
                projection=projection,
            )
        except (*_UNREADABLE, RecursionError) as error:
            raise BadEvent from error

    def read_projection(self, projection: Mapping[str, Any]) -> tuple[base.Happening, ...]:
        return tuple(_happenings(projection))

    def _call(self, method: str, path: str, headers: Mapping[str, str] | None = None, **rest: Any) -> Any:
        """One call; with an idempotency key it is repeated once on a fault."""
        tries = _TRIES if headers else 1
        for attempt in range(1, tries + 1):
            try:
                response = self._request(method, path, {**self._headers, **(headers or {})}, **rest)
            except requests.RequestException as error:
                if attempt == tries:
                    raise ProcessorUnavailable from error
                continue
            if response.status_code < 500:
                break
        if 400 <= response.status_code < 500 and response.status_code != 429:
            raise ProcessorRefused
        if not 200 <= response.status_code < 300:
            raise ProcessorUnavailable
        with _readable():
            return response.json()

    def _request(self, method: str, path: str, headers: Mapping[str, str], **rest: Any) -> requests.Response:
        return requests.request(
            method, self._url + path, headers=headers, timeout=_TIMEOUT, allow_redirects=False, **rest
        )


@contextmanager
def _readable() -> Iterator[None]:
    """Inside this block an answer that does not have the shape we know is a fault."""
    try:
        yield
    except _UNREADABLE as error:
        raise ProcessorUnavailable from error


def _checkout(found: Mapping[str, Any]) -> base.Checkout:
    with _readable():
        return base.Checkout(_short(found["id"]), str(found["url"]), _moment(found["expires_at"]))


def _happenings(event: Mapping[str, Any]) -> list[base.Happening]:
    """An event or history record of the sandbox in our words; nothing for unused types."""
    reader = _READERS.get(event["type"])
    return [reader(event["data"], _moment(event["created"]))] if reader else []


def _pending(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PaymentPending(_short(data["attempt_id"]), _short(data["payment"]), at)


def _failed(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PaymentFailed(_short(data["attempt_id"]), _short(data["payment"]), at)


def _expired(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.CheckoutExpired(_short(data["attempt_id"]), _short(data["checkout"]), at)


def _succeeded(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PaymentSucceeded(
        attempt_id=_short(data["attempt_id"]),
        ref=_short(data["payment"]),
        at=at,
        amount=_money(data, "amount"),
        payment_ref=_short(data["payment"]),
        charge_ref=_short(data["charge"]),
        method=_short(data["method"]),
        live=_flag(data["live"]),
    )


def _moved(data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "attempt_id": _short(data["attempt_id"]),
        "ref": _short(data["balance_transaction"]),
        "at": at,
        "payment_ref": _short(data["payment"]),
        "charge_ref": _short(data["charge"]),
        "gross": _money(data, "amount"),
        "fee": _money(data, "fee"),
        "available_on": date.fromisoformat(data["available_on"]),
        "live": _flag(data["live"]),
    }


def _settled(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PaymentSettled(**_moved(data, at))


def _refunded(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.RefundedOutside(**_moved(data, at), refund_ref=_short(data["refund"]))


def _dispute_opened(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.DisputeOpened(**_moved(data, at), dispute_ref=_short(data["dispute"]))


def _dispute_won(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.DisputeWon(**_moved(data, at), dispute_ref=_short(data["dispute"]))


def _dispute_lost(data: Mapping[str, Any], at: datetime) -> base.Happening:
    dispute = _short(data["dispute"])
    return base.DisputeLost(_short(data["attempt_id"]), dispute, at, dispute, _flag(data["live"]))


def _payout(data: Mapping[str, Any], at: datetime) -> base.Happening:
    return base.PayoutMade(
        ref=_short(data["payout"]),
        balance_ref=_short(data["balance_transaction"]),
        at=at,
        amount=_money(data, "amount"),
        arrival=date.fromisoformat(data["arrival"]),
        rows=tuple(_codes(data["rows"])),
        live=_flag(data["live"]),
    )


_READERS = {
    "payment.pending": _pending,
    "payment.failed": _failed,
    "checkout.expired": _expired,
    "payment.succeeded": _succeeded,
    "payment.settled": _settled,
    "refund.created": _refunded,
    "dispute.opened": _dispute_opened,
    "dispute.won": _dispute_won,
    "dispute.lost": _dispute_lost,
    "payout.paid": _payout,
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
        "payout",
        "arrival",
        "available_on",
        "method",
        "live",
        "rows",
    ]
)


def _project(event: Mapping[str, Any]) -> dict[str, Any]:
    """What the inbox may keep of an event: type, time, and the fields that are listed."""
    data = event["data"]
    return {
        "type": _short(event["type"]),
        "created": int(_moment(event["created"]).timestamp()),
        "data": {name: _listed(data[name]) for name in sorted(_PROJECTED & set(data))},
    }


def _listed(value: Any) -> Any:
    """A value that may be kept: a code, a bounded number, a flag, or a list of codes."""
    if isinstance(value, list):
        return _codes(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        if abs(value) >= 10**15:
            raise ValueError("a number beyond all amounts")
        return value
    return _short(value)


def _codes(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > _LONGEST_LIST:
        raise ValueError("not a list of identifiers")
    return [_short(item) for item in value]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _money(data: Mapping[str, Any], name: str) -> Money:
    minor = data[name]
    if not isinstance(minor, int) or isinstance(minor, bool) or not 0 <= minor < 10**15:
        raise ValueError(f"{name} is no amount")
    return Money(minor, _short(data["currency"]))


def _moment(seconds: Any) -> datetime:
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise ValueError("a time is a number of seconds")
    return datetime.fromtimestamp(seconds, UTC)


def _short(value: Any) -> str:
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= 100
        or not value.isascii()
        or not value.isprintable()
    ):
        raise ValueError("not an identifier")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not a flag")
    return value
