"""Stripe as a processor: hosted Checkout out, signed events in, our words on this side."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.config import Settings
from service.errors import BadSignature, ProcessorRefused, ProcessorUnavailable
from service.processors import base
from service.processors.shape import flag, maybe_short, moment, parse_json, readable, readable_event, short
from service.processors.stripe import calls, events, reading
from service.processors.stripe.amounts import to_stripe

_WITH_CHARGE = ["payment_intent.latest_charge.balance_transaction"]
_WITH_ROWS = ["balance_transaction", "failure_balance_transaction", "payment_intent"]
_PAGE = 100
_CLOCKS_DIFFER = timedelta(minutes=5)
_PAYOUT_KINDS = ("payout", "payout_failure", "payout_cancel")


class StripeProcessor:
    """Speaks to Stripe through its library, version pinned, one request a call."""

    name = "stripe"
    display_name = "Stripe"
    declined_ends_attempt = False
    page_while_pending = False
    expires_silently = False
    shortest_checkout = timedelta(minutes=31)  # thirty at Stripe, by its clock
    longest_checkout = timedelta(hours=23, minutes=50)  # 24 hours at Stripe, by its clock
    lists_books = True

    def __init__(
        self,
        api_key: str,
        webhook_secrets: Sequence[str],
        api_base: str | None = None,
        checkout_origin: str = "https://checkout.stripe.com",
        http_client: Any | None = None,
    ) -> None:
        self.client = calls.make_client(api_key, api_base, http_client)
        self._secrets = tuple(webhook_secrets)
        self.live = api_key.startswith(("sk_live_", "rk_live_"))
        self.checkout_origin = checkout_origin

    @classmethod
    def from_settings(cls, settings: Settings) -> "StripeProcessor":
        return cls(
            settings.stripe_api_key,
            settings.stripe_webhook_secrets,
            settings.stripe_api_base or None,
            settings.stripe_checkout_origin,
        )

    def open_checkout(self, order: base.Order) -> base.Checkout:
        params = _session_params(order)
        try:
            session = self._create(params, order.attempt_id)
        except ProcessorUnavailable as error:
            if not error.params.get("replayed"):
                raise
            # Stripe keeps a fault of its own under the key, and would repeat it for a day.
            found = self.find_checkout(order.attempt_id, order.expires_at - self.longest_checkout)
            if found is not None:
                return found
            session = self._create(params, f"{order.attempt_id}-2")
        with readable():
            return reading.checkout(session)

    def _create(self, params: Any, key: str) -> Mapping[str, Any]:
        verb = self.client.v1.checkout.sessions.create
        return calls.call(verb, params=params, options=calls.create_options(key))

    def find_checkout(self, attempt_id: str, opened_after: datetime) -> base.Checkout | None:
        since = int((opened_after - _CLOCKS_DIFFER).timestamp())
        until = int((opened_after + self.longest_checkout + _CLOCKS_DIFFER).timestamp())
        after: str | None = None
        while True:
            found = self._list(
                self.client.v1.checkout.sessions.list, after, created={"gte": since, "lte": until}
            )
            with readable():
                for session in found["data"]:
                    if reading.attempt_of(session) == attempt_id:
                        return reading.checkout(session)
                if not found["has_more"]:
                    return None
                after = short(found["data"][-1]["id"])

    def expire_checkout(self, checkout_ref: str) -> Sequence[base.Happening]:
        try:
            session = calls.call(self.client.v1.checkout.sessions.expire, checkout_ref)
        except ProcessorRefused:
            return self.ask(checkout_ref)  # it was not open any more
        with readable():
            return _session_told(session)

    def ask(self, checkout_ref: str) -> Sequence[base.Happening]:
        session = calls.call(
            self.client.v1.checkout.sessions.retrieve, checkout_ref, params={"expand": _WITH_CHARGE}
        )
        with readable():
            told = _session_told(session)
            intent = session.get("payment_intent")
            charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
            if not isinstance(charge, Mapping):
                return told
            told += reading.charge(charge)
            if charge["amount_refunded"]:
                told += self._refunds(payment_intent=reading.id_of(intent))
            if charge["disputed"]:
                told += self._disputes(reading.id_of(intent), short(session["metadata"]["attempt_id"]))
            return told

    def read_event(self, headers: Mapping[str, str], body: bytes) -> base.ProcessorEvent:
        given = {name.lower(): value for name, value in headers.items()}
        if not calls.verify(given.get("stripe-signature", ""), body, self._secrets):
            raise BadSignature
        with readable_event():
            event = parse_json(body)
            projection = events.project(event)
            told = events.told_by_body(projection)
            return base.ProcessorEvent(
                id=short(event["id"]),
                type=projection["type"],
                happenings=None if told is None else tuple(told),
                projection=projection,
            )

    def refusal(self, projection: Mapping[str, Any]) -> str | None:
        if events.told_by_body(projection) == []:
            return None  # of no use to us anyway
        if projection["livemode"] is not self.live:
            return "wrong mode"
        if projection["api_version"] != calls.API_VERSION:
            return f"made for API version {projection['api_version']}, not {calls.API_VERSION}"
        return None

    def complete(self, projection: Mapping[str, Any]) -> Sequence[base.Happening]:
        told = events.told_by_body(projection)
        if told is not None:
            return told
        kind, ref = projection["type"], projection["object"]["id"]
        if kind in events.CHARGE:
            return self._charge(ref, reading.charge)
        if kind == events.CHARGE_REFUNDED:
            return self._refunds(charge=ref)
        if kind in events.REFUND:
            return self._refund(ref)
        if kind.startswith(events.DISPUTE_PREFIX):
            return self._dispute(ref)
        return self._payout(ref, failed=kind in events.PAYOUT_FAILED)

    def list_rows(self, since: datetime, until: datetime, after: str | None) -> base.Page:
        window = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        found = self._list(self.client.v1.balance_transactions.list, after, created=window)
        return _page(found)

    def list_payout_rows(self, payout_ref: str, after: str | None) -> base.Page:
        found = self._list(self.client.v1.balance_transactions.list, after, payout=payout_ref)
        page = _page(found)
        return base.Page(tuple(row for row in page.rows if row.kind != "payout"), page.after)

    def explain_row(self, row: base.BalanceRow) -> Sequence[base.Happening]:
        source = row.source_ref or ""
        told: Sequence[base.Happening] = ()
        if row.kind in _PAYOUT_KINDS:
            failed = None if row.kind == "payout" else row
            return self._payout(source, failed=failed is not None, failure=failed)
        if source.startswith(("ch_", "py_")):
            told = self._charge(source, reading.charge_paid)
        elif source.startswith(("re_", "pyr_")):
            told = self._refund(source)
        elif source.startswith(("dp_", "du_")):
            told = self._dispute(source)
        # Of no payment of ours: a charge of Stripe's, or somebody else's use of the account.
        return told or [base.BalanceAdjusted(row.ref, row.at, row, self.live)]

    def _charge(
        self, ref: str, read: Callable[[Mapping[str, Any]], list[base.Happening]]
    ) -> Sequence[base.Happening]:
        found = calls.call(self.client.v1.charges.retrieve, ref, params={"expand": ["balance_transaction"]})
        with readable():
            return read(found)

    def _refund(self, ref: str) -> Sequence[base.Happening]:
        found = calls.call(self.client.v1.refunds.retrieve, ref, params={"expand": _WITH_ROWS})
        with readable():
            return _refund_told(found)

    def _refunds(self, **of: str) -> list[base.Happening]:
        expand = [f"data.{name}" for name in _WITH_ROWS]
        found = self._list(self.client.v1.refunds.list, None, expand=expand, **of)
        with readable():
            # Newest first at Stripe.
            return [told for refund in reversed(found["data"]) for told in _refund_told(refund)]

    def _dispute(self, ref: str) -> Sequence[base.Happening]:
        found = calls.call(self.client.v1.disputes.retrieve, ref, params={"expand": ["payment_intent"]})
        with readable():
            attempt_id = reading.attempt_of(found["payment_intent"] or {})
            return reading.dispute(found, attempt_id) if attempt_id else []

    def _disputes(self, intent: str, attempt_id: str) -> list[base.Happening]:
        found = self._list(self.client.v1.disputes.list, None, payment_intent=intent)
        with readable():
            return [told for it in reversed(found["data"]) for told in reading.dispute(it, attempt_id)]

    def _payout(
        self, ref: str, failed: bool, failure: base.BalanceRow | None = None
    ) -> Sequence[base.Happening]:
        expand = ["failure_balance_transaction"]
        found = calls.call(self.client.v1.payouts.retrieve, ref, params={"expand": expand})
        with readable():
            itemised = found["automatic"] and found["reconciliation_status"] == "completed"
            rows = self._payout_rows(ref) if itemised else None
            told: list[base.Happening] = [reading.payout(found, rows)]
            if failed and failure is None and found["failure_balance_transaction"] is not None:
                failure = reading.balance_row(found["failure_balance_transaction"])
            if failed and failure is None:
                raise ProcessorRefused  # its row is not there yet
            if failure is not None:
                told.append(base.PayoutFailed(ref, failure.at, failure, self.live))
            return told

    def _payout_rows(self, ref: str) -> tuple[str, ...]:
        refs: list[str] = []
        after: str | None = None
        while True:
            page = self.list_payout_rows(ref, after)
            refs += [row.ref for row in page.rows]
            if page.after is None:
                return tuple(refs)
            after = page.after

    def _list(self, verb: Callable[..., Any], after: str | None, **params: Any) -> Mapping[str, Any]:
        asked = {"limit": _PAGE, **params}
        if after is not None:
            asked["starting_after"] = after
        return calls.call(verb, params=asked)


def _session_params(order: base.Order) -> Any:
    """All of it derived from what was stored, nothing from the current time: the same key
    with other parameters would be refused. One-time payment only (clause 4.1)."""
    try:
        amount = to_stripe(order.amount)
    except ValueError as error:
        raise ProcessorRefused from error
    names = {
        "attempt_id": order.attempt_id,
        "contribution_id": order.contribution_id,
        "reference": order.reference,
    }
    return {
        "mode": "payment",
        "submit_type": "pay",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.amount.currency.lower(),
                    "unit_amount": amount,
                    "product_data": {"name": f"Apresiasi Spesial {order.reference}"},
                },
            }
        ],
        "client_reference_id": order.contribution_id,
        "metadata": names,
        "payment_intent_data": {"metadata": names},
        "adaptive_pricing": {"enabled": False},
        "locale": "en" if order.locale == "en" else "id",
        "expires_at": int(order.expires_at.timestamp()),
        "success_url": f"{order.return_url}?checkout=done",
        "cancel_url": f"{order.return_url}?checkout=cancelled",
    }


def _session_told(session: Mapping[str, Any]) -> list[base.Happening]:
    """Where a session stands when it is looked at; a payment is as old as its charge."""
    intent = session.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    created = charge["created"] if isinstance(charge, Mapping) else session["created"]
    expires = session["expires_at"]
    at = moment(expires if session["status"] == "expired" else created)
    ended = isinstance(intent, Mapping) and intent["status"] in ("requires_payment_method", "canceled")
    if session["status"] == "complete" and session["payment_status"] == "unpaid" and ended:
        return reading.session_failed(session, at)
    return reading.session(session, at)


def _refund_told(found: Mapping[str, Any]) -> list[base.Happening]:
    intent = found["payment_intent"] or {}
    attempt_id = reading.attempt_of(intent)
    return reading.refund(found, attempt_id, flag(intent["livemode"])) if attempt_id else []


def _page(found: Mapping[str, Any]) -> base.Page:
    with readable():
        rows = tuple(reading.balance_row(row) for row in found["data"])
        last = found["data"][-1]["id"] if found["has_more"] and found["data"] else None
        return base.Page(rows, maybe_short(last))
