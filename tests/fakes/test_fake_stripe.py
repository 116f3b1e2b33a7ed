"""The fake opens, closes and refuses sessions as Stripe does, seen through Stripe's own SDK."""

import json
import random
from typing import Any

import pytest
import stripe

from tests.fakes.merchant import PARAMS, START, client_of, opened, paid, priced, refused, types, unchecked
from tests.fakes.stripe import FakeStripe, NotPossible, WrongParams, check


def test_a_session_opens_without_payment_intent_and_ends_paid(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    session = opened(client)
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency) == (5_000_000, "idr")
    assert session.url == f"https://checkout.stripe.test/pay/{session.id}"
    fake.pay(session.url)
    path = "payment_intent.latest_charge.balance_transaction"
    after = client.v1.checkout.sessions.retrieve(session.id, params={"expand": [path]})
    intent = after.payment_intent
    assert (after.status, after.payment_status, after.url) == ("complete", "paid", None)
    assert (intent.amount_received, intent.metadata["contribution_id"]) == (5_000_000, "c-1")
    assert intent.latest_charge.metadata["contribution_id"] == "c-1"
    assert intent.latest_charge.balance_transaction is None
    assert types(fake) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_ids_are_the_same_for_the_same_random_source(clock: Any) -> None:
    ids = {opened(client_of(FakeStripe(random.Random(3)))).id for _ in range(3)}
    assert len(ids) == 1


@pytest.mark.parametrize(("seconds", "fits"), [(1799, False), (1800, True), (86400, True), (86401, False)])
def test_expiry_has_bounds(client: stripe.StripeClient, seconds: int, fits: bool) -> None:
    if fits:
        assert opened(client, expires_at=START + seconds).expires_at == START + seconds
    else:
        assert refused(client, expires_at=START + seconds).param == "expires_at"


@pytest.mark.parametrize(
    ("changed", "code", "param"),
    [
        ({"line_items": priced(799_999)}, "amount_too_small", "line_items"),
        ({"line_items": priced(10**12)}, "amount_too_large", "line_items"),
        ({"line_items": priced(100_000_000, "usd")}, "amount_too_large", "line_items"),
        ({"mode": "setup"}, None, "mode"),
        ({"line_items": []}, "parameter_missing", "line_items"),
        ({"success_url": "news.test"}, "url_invalid", "success_url"),
    ],
)
def test_what_stripe_refuses(
    client: stripe.StripeClient, changed: dict[str, Any], code: str | None, param: str
) -> None:
    error = refused(client, **changed)
    assert (error.http_status, error.code, error.param) == (400, code, param)


def test_the_total_is_unit_amount_times_quantity_up_to_twelve_digits(client: stripe.StripeClient) -> None:
    assert opened(client, line_items=priced(400_000, quantity=2)).amount_total == 800_000
    assert opened(client, line_items=priced(10**12 - 1)).amount_total == 999_999_999_999


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"payment_method_types[0]": "card"}, "parameter_unknown", "payment_method_types"),
        ({"idempotency_key": "k"}, "parameter_unknown", "idempotency_key"),
        (
            {"line_items[0][price_data][unit_amout]": "1"},
            "parameter_unknown",
            "line_items[0][price_data][unit_amout]",
        ),
        (
            {"line_items[0][price_data][unit_amount]": "1.5"},
            "parameter_invalid_integer",
            "line_items[0][price_data][unit_amount]",
        ),
        (
            {"line_items[0][price_data][currency]": ""},
            "parameter_missing",
            "line_items[0][price_data][currency]",
        ),
        ({"mode": ""}, "parameter_missing", "mode"),
    ],
)
def test_forms_are_checked_against_the_sdks_types(
    fake: FakeStripe, form: dict[str, str], code: str, param: str
) -> None:
    answer = unchecked(fake, **{"X-Form": json.dumps(form)})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error["code"], error["param"]) == (code, param)
    assert answer.headers["Request-Id"].startswith("req_")


def test_keys_and_versions_are_checked(fake: FakeStripe) -> None:
    assert unchecked(fake).status_code == 200
    assert unchecked(fake, Authorization="Bearer sk_test_other").status_code == 401
    assert unchecked(fake, **{"Stripe-Version": "2024-06-20"}).status_code == 400


def test_only_sessions_can_be_made(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent = paid(fake, client)
    with pytest.raises(stripe.PermissionError):
        client.v1.refunds.create(params={"payment_intent": intent})
    with pytest.raises(stripe.PermissionError):
        client.v1.payouts.create(params={"amount": 1, "currency": "idr"})


def test_misspelt_and_removed_parameters_do_not_leave_the_client(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    for changed in ({"payment_method_types": ["card"]}, {"sucess_url": "x"}, {"metadata": {"n": 1}}):
        with pytest.raises(WrongParams, match=next(iter(changed))):
            opened(client, **changed)
    with pytest.raises(WrongParams, match="idempotency"):
        client.v1.checkout.sessions.create(params=PARAMS, options={"idempotencykey": "k"})
    with pytest.raises(WrongParams, match="created"):
        check("balance_transactions.list", {"created": {"after": 3}})
    assert fake.calls == []


def test_sessions_expire_by_themselves(fake: FakeStripe, client: stripe.StripeClient, clock: Any) -> None:
    session = opened(client, expires_at=START + 1800)
    clock.shift(1799)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    clock.shift(1)
    fake.pass_time()
    assert types(fake) == ["checkout.session.expired"]
    with pytest.raises(NotPossible):
        fake.pay(session.id)
    after = client.v1.checkout.sessions.retrieve(session.id)
    assert (after.status, after.url) == ("expired", None)


def test_only_open_sessions_can_be_expired(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = opened(client)
    client.v1.checkout.sessions.expire(session.id)
    event = fake.take_deliveries()[0].event
    assert event["request"]["id"].startswith("req_")
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_declined_card_leaves_the_session_open(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = opened(client)
    after = fake.decline(session.id)
    assert after["status"] == "open"
    assert types(fake) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    fake.pay(session.id)
    assert types(fake)[0] == "charge.succeeded"
    charges = client.v1.charges.list(params={"payment_intent": after["payment_intent"]}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@pytest.mark.parametrize(("ok", "word", "status"), [(True, "succeeded", "paid"), (False, "failed", "unpaid")])
def test_money_that_comes_later(
    fake: FakeStripe, client: stripe.StripeClient, ok: bool, word: str, status: str
) -> None:
    session = opened(client)
    fake.pay_later(session.id)
    completed = fake.take_deliveries()[-1].event
    assert completed["type"] == "checkout.session.completed"
    assert completed["data"]["object"]["payment_status"] == "unpaid"
    fake.finish_later(session.id, ok)
    assert types(fake)[-1] == f"checkout.session.async_payment_{word}"
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == status
    assert len(fake.settle()) == ok


ONLY_WHEN_EXPANDED = {"line_items", "refunds"}


def test_objects_have_every_field_of_the_sdks_classes(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent = paid(fake, client)
    fake.settle()
    fake.refund(intent, 10)
    fake.dispute(intent, inquiry=True)
    fake.pay_out()
    classes: list[Any] = [
        stripe.checkout.Session,
        stripe.PaymentIntent,
        stripe.Charge,
        stripe.Refund,
        stripe.Dispute,
        stripe.BalanceTransaction,
        stripe.Payout,
    ]
    for known in classes:
        declared = known.__annotations__.keys() - {"OBJECT_NAME"} - ONLY_WHEN_EXPANDED
        for thing in fake.every(known.OBJECT_NAME):
            assert declared == thing.keys(), known.OBJECT_NAME
