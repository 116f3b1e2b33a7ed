"""The sandbox as a processor: HTTP calls out, signed events in, our words on this side."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter

from service.config import Settings
from service.processors import base
from service.processors.http import Bearer, Client
from service.processors.sandbox import reading, signature
from service.processors.shape import moment, parse_json, readable, readable_event, short

_TRIES = 2  # with the same idempotency key, so a repeat is harmless


class SandboxProcessor:
    """Speaks to the sandbox app over HTTP."""

    name = "sandbox"
    display_name = "Sandbox"
    live = False
    declined_ends_attempt = True
    page_while_pending = False
    expires_silently = False
    shortest_checkout = timedelta(0)
    longest_checkout = timedelta(days=7)
    lists_books = True

    def __init__(
        self, url: str, api_key: str, webhook_secret: str, transport: BaseAdapter | None = None
    ) -> None:
        self._client = Client(url, Bearer(api_key), transport)
        self._secret = webhook_secret
        self.checkout_origin = url

    @classmethod
    def from_settings(cls, settings: Settings) -> "SandboxProcessor":
        return cls(settings.sandbox_url, settings.sandbox_api_key, settings.sandbox_webhook_secret)

    def open_checkout(self, order: base.Order) -> base.Checkout:
        found = self._client.call(
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
            tries=_TRIES,
        )
        return _checkout(found)

    def find_checkout(self, attempt_id: str, opened_after: datetime) -> base.Checkout | None:
        found = self._client.call("GET", "/v1/checkouts", params={"attempt_id": attempt_id})
        with readable():
            return _checkout(found["data"][0]) if found["data"] else None

    def expire_checkout(self, checkout_ref: str) -> Sequence[base.Happening]:
        return _history(self._client.call("POST", f"/v1/checkouts/{checkout_ref}/expire"))

    def ask(self, checkout_ref: str) -> Sequence[base.Happening]:
        return _history(self._client.call("GET", f"/v1/checkouts/{checkout_ref}"))

    def read_event(self, headers: Mapping[str, str], body: bytes) -> base.ProcessorEvent:
        signature.verify(headers.get(signature.HEADER, ""), body, self._secret)
        with readable_event():
            event = parse_json(body)
            projection = reading.project(event)
            return base.ProcessorEvent(
                id=short(event["id"]),
                type=projection["type"],
                happenings=tuple(reading.happenings(projection)),
                projection=projection,
            )

    def refusal(self, projection: Mapping[str, Any]) -> str | None:
        return None

    def complete(self, projection: Mapping[str, Any]) -> Sequence[base.Happening]:
        return reading.happenings(projection)

    def list_rows(self, since: datetime, until: datetime, after: str | None) -> base.Page:
        window = {"since": int(since.timestamp()), "until": int(until.timestamp())}
        return self._page({**window, "after": after})

    def list_payout_rows(self, payout_ref: str, after: str | None) -> base.Page:
        return self._page({"payout": payout_ref, "after": after})

    def explain_row(self, row: base.BalanceRow) -> Sequence[base.Happening]:
        found = self._client.call("GET", f"/v1/balance_transactions/{row.ref}")
        with readable():
            record = found["record"]
            if record is None:
                return []
            checkout = record["data"].get("checkout")
            # The payment comes with it: perhaps nothing at all was heard of it.
            return reading.happenings(record) if checkout is None else self.ask(short(checkout))

    def _page(self, params: Mapping[str, Any]) -> base.Page:
        found = self._client.call("GET", "/v1/balance_transactions", params=params)
        with readable():
            rows = tuple(reading.balance_row(row) for row in found["data"])
            return base.Page(rows, rows[-1].ref if found["has_more"] else None)


def _checkout(found: Mapping[str, Any]) -> base.Checkout:
    with readable():
        return base.Checkout(short(found["id"]), str(found["url"]), moment(found["expires_at"]))


def _history(found: Mapping[str, Any]) -> Sequence[base.Happening]:
    with readable():
        return [told for record in found["history"] for told in reading.happenings(record)]
