"""A merchant at the fake: the SDK's client, a usual session, and short words for usual steps."""

import json
from typing import Any

import pytest
import requests
import stripe

from tests.fakes.stripe import FakeStripe, strictly_checked
from tests.support import wire

START = 1_790_000_000
PARAMS: dict[str, Any] = {
    "mode": "payment",
    "client_reference_id": "c-1",
    "metadata": {"contribution_id": "c-1"},
    "payment_intent_data": {"metadata": {"contribution_id": "c-1"}},
    "line_items": [
        {
            "price_data": {"currency": "idr", "unit_amount": 5_000_000, "product_data": {"name": "Support"}},
            "quantity": 1,
        }
    ],
    "success_url": "https://news.test/back?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://news.test/cancel",
}


def client_of(fake: FakeStripe, retries: int = 0, **options: Any) -> stripe.StripeClient:
    http = stripe.RequestsClient(session=wire.session(fake.app))
    client = stripe.StripeClient(
        fake.account.api_key, http_client=http, max_network_retries=retries, **options
    )
    return strictly_checked(client)


def opened(client: stripe.StripeClient, key: str | None = None, **changed: Any) -> Any:
    options: Any = {"idempotency_key": key} if key else {}
    params: Any = {**PARAMS, **changed}
    return client.v1.checkout.sessions.create(params=params, options=options)


def priced(amount: int, currency: str = "idr", quantity: int = 1) -> list[dict[str, Any]]:
    data = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Support"}}
    return [{"price_data": data, "quantity": quantity}]


def paid(fake: FakeStripe, client: stripe.StripeClient) -> str:
    return str(fake.pay(opened(client).id)["payment_intent"])


def types(fake: FakeStripe) -> list[str]:
    return [delivery.type for delivery in fake.take_deliveries()]


def refused(client: stripe.StripeClient, **changed: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        opened(client, **changed)
    return caught.value


def unchecked(fake: FakeStripe, **headers: str) -> requests.Response:
    sent = {
        "Authorization": f"Bearer {fake.account.api_key}",
        "Stripe-Version": fake.account.api_version,
        **headers,
    }
    form = {
        "mode": "payment",
        "success_url": "https://x.test",
        "line_items[0][price_data][currency]": "idr",
        "line_items[0][price_data][unit_amount]": "5000000",
        "line_items[0][price_data][product_data][name]": "Support",
        "line_items[0][quantity]": "1",
        "extra": "",
    }
    form |= json.loads(headers.get("X-Form", "{}"))
    kept = {name: value for name, value in form.items() if value}
    return wire.session(fake.app).post("https://api.test/v1/checkout/sessions", data=kept, headers=sent)
