"""What is sent to Stripe, what signs its events, and its faults: the adapter without the service."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import stripe
import time_machine

from service.config import Settings
from service.errors import BadEvent, BadSignature, ProcessorRefused, ProcessorUnavailable
from service.money import Money
from service.processors import base
from service.processors.registry import from_settings
from service.processors.stripe.adapter import StripeProcessor
from tests.fakes.stripe import API_VERSION, FakeStripe, WrongParams, check
from tests.support.benches import STRIPE_SECRETS, StripeBench

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
NAMES = {"attempt_id": "a" * 32, "contribution_id": "c" * 32, "reference": "AS-0000-0000"}
CREATE = "/v1/checkout/sessions"
Sent = list[dict[str, Any]]


@pytest.fixture
def bench() -> StripeBench:
    return StripeBench()


@pytest.fixture
def sent(bench: StripeBench, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What is handed to the library for each opening: ``params`` and ``options``."""
    kept: Sent = []
    sessions = bench.processor.client.v1.checkout.sessions
    create = sessions.create

    def noted(**given: Any) -> Any:
        kept.append(given)
        return create(**given)

    monkeypatch.setattr(sessions, "create", noted)
    return kept


def order(now: datetime | None = None, **changes: Any) -> base.Order:
    began = (now or datetime.now(UTC)).replace(microsecond=0)
    values: dict[str, Any] = {
        "attempt_id": "a" * 32,
        "contribution_id": "c" * 32,
        "reference": "AS-0000-0000",
        "amount": Money.of_major(50_000, "IDR"),
        "locale": "id",
        "expires_at": began + timedelta(hours=2),
        "return_url": "https://news.test/back",
    }
    return base.Order(**(values | changes))


def keys(value: Any) -> Iterator[str]:
    """Every key of nested values."""
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from keys(inner)
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_exactly_this_is_sent(bench: StripeBench, sent: Sent) -> None:
    asked = order()
    bench.processor.open_checkout(asked)
    (given,) = sent
    item = {
        "quantity": 1,
        "price_data": {
            "currency": "idr",
            "unit_amount": 5_000_000,
            "product_data": {"name": "Apresiasi Spesial AS-0000-0000"},
        },
    }
    assert given["params"] == {
        "mode": "payment",
        "submit_type": "pay",
        "line_items": [item],
        "client_reference_id": "c" * 32,
        "metadata": NAMES,
        "payment_intent_data": {"metadata": NAMES},
        "adaptive_pricing": {"enabled": False},
        "locale": "id",
        "expires_at": int(asked.expires_at.timestamp()),
        "success_url": "https://news.test/back?checkout=done",
        "cancel_url": "https://news.test/back?checkout=cancelled",
    }
    assert given["options"] == {"idempotency_key": "a" * 32, "max_network_retries": 1}
    assert bench.fake.calls[0].key == "a" * 32


@pytest.mark.clause("4.1", "5.2")
def test_nothing_that_recurs_keeps_a_card_or_names_methods(bench: StripeBench, sent: Sent) -> None:
    bench.processor.open_checkout(order(locale="en"))
    params = sent[0]["params"]
    check("checkout.sessions.create", params)
    assert params["locale"] == "en"
    forbidden = {
        "recurring",
        "subscription_data",
        "setup_future_usage",
        "setup_intent_data",
        "payment_method_types",
        "customer",
        "customer_creation",
        "customer_email",
        "saved_payment_method_options",
    }
    assert not forbidden & set(keys(params))
    (made,) = bench.fake.every("checkout.session")
    assert made["mode"] == "payment"
    assert made["adaptive_pricing"] == {"enabled": False}


@pytest.mark.parametrize(
    "wrong",
    [
        {"expire_at": 1},
        {"payment_method_types": ["card"]},
        {"adaptive_pricing": {"enable": False}},
        {"payment_intent_data": {"meta": {}}},
        {"expires_at": "1"},
        {"line_items": [{"quantity": 1, "price_data": {"currency": "idr", "amount": 1}}]},
    ],
)
def test_a_misspelt_parameter_is_noticed(bench: StripeBench, sent: Sent, wrong: dict[str, Any]) -> None:
    bench.processor.open_checkout(order())
    params = sent[0]["params"]
    with pytest.raises(WrongParams):
        check("checkout.sessions.create", params | wrong)
    with pytest.raises(WrongParams):
        bench.processor.client.v1.checkout.sessions.create(params=params | wrong)


def test_the_same_order_sends_the_same_at_any_time(bench: StripeBench, sent: Sent) -> None:
    asked = order(NOW)
    with time_machine.travel(NOW, tick=False) as traveller:
        first = bench.processor.open_checkout(asked)
        traveller.shift(timedelta(minutes=47))
        assert bench.processor.open_checkout(asked) == first
    assert sent[0] == sent[1]
    assert [call.params for call in bench.fake.calls] == [bench.fake.calls[0].params] * 2
    assert len(bench.fake.every("checkout.session")) == 1


@pytest.mark.parametrize("amount", [Money(0, "IDR"), Money(10**12, "IDR"), Money(1_231, "BHD")])
def test_an_amount_that_stripe_cannot_take_is_not_sent(bench: StripeBench, amount: Money) -> None:
    with pytest.raises(ProcessorRefused):
        bench.processor.open_checkout(order(amount=amount))
    assert bench.fake.calls == []


def event(**changes: Any) -> dict[str, Any]:
    made = {"id": "evt_1", "type": "customer.created", "created": int(time.time()), "livemode": False}
    return {**made, "api_version": API_VERSION, "data": {"object": {"id": "cus_1"}}, **changes}


def signature(body: bytes, secret: str) -> str:
    signed = f"{int(time.time())}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("secret", STRIPE_SECRETS)
def test_both_secrets_are_read_while_one_is_rotated(bench: StripeBench, secret: str) -> None:
    delivery = bench.forge(event(), secret=secret)
    assert bench.processor.read_event(delivery.headers, delivery.body).id == "evt_1"


@pytest.mark.parametrize("secret", ["whsec_another", "", "whsec_new ", "WHSEC_NEW"])
def test_another_secret_is_refused(bench: StripeBench, secret: str) -> None:
    body = json.dumps(event()).encode()
    header = {"Stripe-Signature": f"t={int(time.time())},v1={signature(body, secret)}"}
    with pytest.raises(BadSignature):
        bench.processor.read_event(header, body)


def test_one_of_several_signatures_is_enough(bench: StripeBench) -> None:
    body, at = json.dumps(event()).encode(), int(time.time())
    known, unknown = signature(body, STRIPE_SECRETS[1]), signature(body, "whsec_another")
    for good in (
        [unknown, known],
        [known, unknown],
        ["", known],
        [signature(body, STRIPE_SECRETS[0]), known],
    ):
        header = ",".join([f"t={at}", *(f"v1={one}" for one in good)])
        assert bench.processor.read_event({"stripe-signature": header}, body).id == "evt_1"
    for bad in (
        f"t={at},v1={unknown},v1={'0' * 64}",
        f"t={at},v0={known}",
        f"v1={known}",
        f"t={at}",
        "",
        "t=é",
    ):
        with pytest.raises(BadSignature):
            bench.processor.read_event({"Stripe-Signature": bad}, body)


@pytest.mark.parametrize(
    "changes",
    [
        {"livemode": "false"},
        {"livemode": None},
        {"created": "now"},
        {"data": {}},
        {"data": {"object": None}},
        {"type": None},
        {"id": "e" * 101},
        {"type": "checkout.session.completed", "data": {"object": {"id": "cs_1", "status": "complete"}}},
    ],
)
def test_signed_but_of_another_shape_is_a_bad_event(bench: StripeBench, changes: dict[str, Any]) -> None:
    delivery = bench.forge(event(**changes))
    with pytest.raises(BadEvent):
        bench.processor.read_event(delivery.headers, delivery.body)


@pytest.mark.parametrize("fault", ["409", "429", "timeout_before", "malformed"])
def test_in_trouble_it_is_unavailable_and_one_session_is_made_at_most(bench: StripeBench, fault: str) -> None:
    bench.fake.fail_next(fault, 20, on=f"POST {CREATE}")
    asked = order()
    with pytest.raises(ProcessorUnavailable):
        bench.processor.open_checkout(asked)
    bench.end_faults()
    assert len({call.key for call in bench.fake.calls}) == 1
    assert bench.processor.open_checkout(asked).ref
    assert len(bench.fake.every("checkout.session")) == 1


def test_a_saved_500_is_repeated_to_us_and_the_session_is_found(bench: StripeBench) -> None:
    """Stripe keeps the answer of a request that it executed, so the key answers 500 for a day."""
    asked = order()
    bench.fake.fail_next("500_saved")
    found = bench.processor.open_checkout(asked)
    (made,) = bench.fake.every("checkout.session")
    assert (found.ref, found.expires_at) == (made["id"], asked.expires_at)
    assert bench.processor.open_checkout(asked) == found


def test_a_conflict_is_repeated_with_the_same_key(bench: StripeBench) -> None:
    bench.fake.fail_next("409")
    assert bench.processor.open_checkout(order()).url
    assert [call.key for call in bench.fake.calls] == ["a" * 32] * 2


def test_reading_is_not_repeated_by_itself(bench: StripeBench) -> None:
    checkout = bench.processor.open_checkout(order())
    bench.fake.fail_next("500", 5)
    asked = len(bench.fake.calls)
    with pytest.raises(ProcessorUnavailable):
        bench.processor.ask(checkout.ref)
    assert len(bench.fake.calls) == asked + 1


def test_over_a_real_wire_built_from_settings() -> None:
    fake = FakeStripe(webhook_secret="whsec_wire", fees_at_once=True)
    with fake.serve() as address, requests.Session() as browser:
        fake.account.public_base = address
        settings = Settings.from_environment(
            {
                "APRESIASI_PROCESSOR": "stripe",
                "APRESIASI_STRIPE_API_KEY": fake.account.api_key,
                "APRESIASI_STRIPE_WEBHOOK_SECRETS": "whsec_next,whsec_wire",
                "APRESIASI_STRIPE_API_BASE": address,
            }
        )
        processor = from_settings(settings).current
        assert isinstance(processor, StripeProcessor)
        assert (processor.live, processor.checkout_origin) == (False, address)
        checkout = processor.open_checkout(order())
        assert checkout.url.startswith(f"{address}/pay/")
        assert processor.ask(checkout.ref) == []
        paid = browser.post(checkout.url, data={"outcome": "pay"}, allow_redirects=False)
        assert paid.headers["Location"] == "https://news.test/back?checkout=done"
        told = processor.ask(checkout.ref)
        assert [type(it) for it in told] == [base.PaymentSucceeded, base.PaymentSettled]
        for made in fake.take_deliveries():
            assert processor.read_event(dict(made.headers), made.body).id.startswith("evt_")
        assert stripe.enable_telemetry is False
