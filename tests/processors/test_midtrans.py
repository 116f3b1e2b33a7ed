"""What is sent to Midtrans and what is believed of its notifications: the adapter by itself."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import time_machine

from service.errors import BadEvent, BadSignature, ProcessorRefused, ProcessorUnavailable
from service.money import Money
from service.processors import base
from tests.support.benches import MidtransBench
from tests.support.sandbox import Delivery

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
ATTEMPT = "a" * 32
SNAP = "/snap/v1/transactions"
Bodies = list[dict[str, Any]]


@pytest.fixture
def bench() -> Iterator[MidtransBench]:
    """After every test: no field that Midtrans does not know, no call that was never to be made."""
    made = MidtransBench()
    yield made
    assert made.fake.unknown_fields == []
    assert made.fake.forbidden_calls == []
    assert made.fake.unknown_calls == []


@pytest.fixture
def bodies(bench: MidtransBench, monkeypatch: pytest.MonkeyPatch) -> Bodies:
    """What is sent to open pages."""
    kept: Bodies = []
    send = bench.wire.send

    def noted(request: requests.PreparedRequest, *rest: Any, **named: Any) -> requests.Response:
        if str(request.url).endswith(SNAP):
            kept.append(json.loads(request.body or b"{}"))
        return send(request, *rest, **named)

    monkeypatch.setattr(bench.wire, "send", noted)
    return kept


def order(rupiah: int = 25_000, now: datetime | None = None, **changes: Any) -> base.Order:
    began = (now or datetime.now(UTC)).replace(microsecond=0)
    values: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "contribution_id": "c" * 32,
        "reference": "AS-0000-0000",
        "amount": Money.of_major(rupiah, "IDR"),
        "locale": "id",
        "expires_at": began + timedelta(hours=2),
        "return_url": "https://news.test/back",
    }
    return base.Order(**(values | changes))


def opened(bench: MidtransBench, rupiah: int = 25_000) -> base.Checkout:
    checkout: base.Checkout = bench.processor.open_checkout(order(rupiah))
    return checkout


def only(told: Any, kind: type) -> Any:
    (found,) = [it for it in told if type(it) is kind]
    return found


@pytest.mark.parametrize("rupiah", [10_000, 25_000, 10_000_000, 10_000_001])
def test_whole_rupiah_are_sent_never_a_hundredfold(bench: MidtransBench, bodies: Bodies, rupiah: int) -> None:
    checkout = opened(bench, rupiah)
    (body,) = bodies
    assert body["transaction_details"] == {"order_id": ATTEMPT, "gross_amount": rupiah}
    assert type(body["transaction_details"]["gross_amount"]) is int
    assert sum(item["price"] * item["quantity"] for item in body["item_details"]) == rupiah
    assert bench.fake.page(checkout.url).amount == rupiah
    bench.pay(checkout.url)
    assert only(bench.read(), base.PaymentSucceeded).amount == Money.of_major(rupiah, "IDR")


def test_the_page_and_its_payment_end_with_the_attempt(bench: MidtransBench, bodies: Bodies) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        checkout = bench.processor.open_checkout(order(now=NOW))
        assert bodies[0]["expiry"] == {
            "start_time": "2026-11-24 10:00:00 +0700",
            "unit": "minute",
            "duration": 120,
        }
        assert bodies[0]["page_expiry"] == {"unit": "minute", "duration": 120}
        assert checkout.expires_at == NOW + timedelta(hours=2)
        assert bench.fake.page(checkout.url).closes_at == checkout.expires_at.timestamp()
        traveller.shift(timedelta(hours=1, minutes=59))
        order_id = bench.fake.choose(checkout.url)
        assert bench.fake.transaction(order_id).expires_at == checkout.expires_at.timestamp()


@pytest.mark.parametrize(("rupiah", "qris"), [(9_999_999, True), (10_000_000, True), (10_000_001, False)])
def test_qris_is_not_offered_above_its_limit(
    bench: MidtransBench, bodies: Bodies, rupiah: int, qris: bool
) -> None:
    opened(bench, rupiah)
    names = set(bodies[0]["enabled_payments"])
    assert ({"gopay", "shopeepay", "other_qris"} <= names) is qris
    assert qris or not names & {"gopay", "shopeepay", "other_qris"}
    assert "bca_va" in names


@pytest.mark.clause("4.1", "5.1")
def test_nothing_recurs_and_nothing_of_the_payer_is_sent(bench: MidtransBench, bodies: Bodies) -> None:
    opened(bench)
    known = {"transaction_details", "item_details", "enabled_payments", "callbacks", "expiry", "page_expiry"}
    assert set(bodies[0]) == {*known, "custom_field1"}
    assert bodies[0]["custom_field1"] == "c" * 32
    assert bodies[0]["callbacks"] == {"finish": "https://news.test/back?checkout=done"}


@pytest.mark.parametrize("amount", [Money(2_500_050, "IDR"), Money(2_500, "USD"), Money(25_000, "JPY")])
def test_what_is_no_whole_rupiah_is_not_sent(bench: MidtransBench, bodies: Bodies, amount: Money) -> None:
    with pytest.raises(ProcessorRefused):
        bench.processor.open_checkout(order(amount=amount))
    assert bodies == []


@pytest.mark.parametrize("taken_status", [406, 400])
def test_a_used_order_id_is_followed_by_the_next(
    bench: MidtransBench, bodies: Bodies, taken_status: int
) -> None:
    """The first answer was lost, and the five minutes of its key are over."""
    bench.fake.api.taken_status = taken_status
    with time_machine.travel(NOW, tick=False) as traveller:
        asked = order(now=NOW)
        for number in range(1, 6):
            checkout = bench.processor.open_checkout(asked)
            suffix = "" if number == 1 else f"-{number}"
            assert checkout.ref.partition(":")[0] == ATTEMPT + suffix
            assert bodies[-1]["transaction_details"]["order_id"] == ATTEMPT + suffix
            traveller.shift(timedelta(minutes=6))
        bench.pay(checkout.url)
        paid = only(bench.read(), base.PaymentSucceeded)
        assert paid.attempt_id == ATTEMPT
        assert only(bench.processor.ask(checkout.ref), base.PaymentSucceeded) == paid
        with pytest.raises(ProcessorRefused):
            bench.processor.open_checkout(asked)


@pytest.mark.parametrize("status", [400, 403])
def test_another_refusal_uses_no_order_ids_up(bench: MidtransBench, bodies: Bodies, status: int) -> None:
    def refused(_call: Any) -> requests.Response:
        made = requests.Response()
        made.status_code, made.raw = status, io.BytesIO(b'{"error_messages": ["gross_amount is wrong"]}')
        return made

    bench.wire.around = refused
    with pytest.raises(ProcessorRefused):
        opened(bench)
    assert len(bodies) == 1


@pytest.mark.parametrize("as_http", [False, True])
def test_a_transaction_that_nobody_chose_yet(bench: MidtransBench, as_http: bool) -> None:
    bench.fake.api.core_errors_as_http = as_http
    checkout = opened(bench)
    assert list(bench.processor.ask(checkout.ref)) == []
    assert bench.processor.find_checkout(ATTEMPT, NOW) is None
    assert only(bench.processor.expire_checkout(checkout.ref), base.CheckoutExpired).attempt_id == ATTEMPT
    assert list(bench.processor.ask("f" * 32 + ":x")) == []


@pytest.mark.parametrize("as_http", [False, True])
def test_closing_a_paid_page_undoes_nothing(bench: MidtransBench, as_http: bool) -> None:
    bench.fake.api.core_errors_as_http = as_http
    checkout = opened(bench)
    bench.pay(checkout.url)
    assert only(bench.processor.expire_checkout(checkout.ref), base.PaymentSucceeded)
    assert bench.fake.transaction(ATTEMPT).status == "settlement"
    assert not [path for _, path in bench.wire.calls if path.startswith("/v2/") and path.endswith("cancel")]


def test_closing_a_page_with_a_choice_expires_it(bench: MidtransBench) -> None:
    checkout = opened(bench)
    bench.fake.choose(checkout.url)
    assert only(bench.processor.expire_checkout(checkout.ref), base.CheckoutExpired)
    assert bench.fake.transaction(ATTEMPT).status == "expire"


@pytest.mark.clause("4.3")
@pytest.mark.parametrize("as_http", [False, True])
def test_a_pending_transfer_whose_expiry_is_refused_is_asked_again(
    bench: MidtransBench, as_http: bool
) -> None:
    """It can still be paid, so nobody may think that it is over."""
    bench.fake.api.core_errors_as_http = as_http
    checkout = opened(bench)
    bench.fake.choose(checkout.url, "bank_transfer")
    bench.fake.api.refuses_to_expire = True
    with pytest.raises(ProcessorUnavailable):
        bench.processor.expire_checkout(checkout.ref)
    assert bench.fake.transaction(ATTEMPT).status == "pending"
    bench.fake.api.refuses_to_expire = False
    assert only(bench.processor.expire_checkout(checkout.ref), base.CheckoutExpired)
    assert bench.fake.transaction(ATTEMPT).status == "expire"


def test_the_signature_is_over_the_raw_text(bench: MidtransBench) -> None:
    bench.pay(opened(bench).url)
    told = bench.deliveries()[-1]
    assert told.event["gross_amount"] == "25000.00"
    for text in ("25000", "25000.0", "25000.000", " 25000.00"):
        body = json.dumps({**told.event, "gross_amount": text}).encode()
        with pytest.raises(BadSignature):
            bench.processor.read_event(told.headers, body)
    for number in (25_000, 25_000.0, True):
        body = json.dumps({**told.event, "gross_amount": number}).encode()
        with pytest.raises(BadEvent):
            bench.processor.read_event(told.headers, body)
    unlike = bench.forge({**told.event, "gross_amount": "25000"})
    assert only(bench.read([unlike]), base.PaymentSucceeded).amount == Money.of_major(25_000, "IDR")


@pytest.mark.parametrize("name", ["order_id", "status_code", "gross_amount", "signature_key"])
def test_what_is_signed_cannot_be_changed(bench: MidtransBench, name: str) -> None:
    bench.pay(opened(bench).url)
    told = bench.deliveries()[-1]
    for value in (f"{told.event[name]}0", "", None):
        body = json.dumps({**told.event, name: value}).encode()
        with pytest.raises(BadSignature):
            bench.processor.read_event(told.headers, body)


def test_one_notification_sent_again_is_one_event(bench: MidtransBench) -> None:
    bench.pay(opened(bench).url)
    told = bench.deliveries()
    ids = [bench.processor.read_event(it.headers, it.body).id for it in told * 3]
    assert len(set(ids)) == len(told) == 2
    assert ids[:2] * 3 == ids


def test_each_part_of_a_refund_is_an_event_of_its_own(bench: MidtransBench) -> None:
    bench.pay(opened(bench).url)
    for _ in range(3):
        bench.fake.refund(ATTEMPT, 5_000)
    told = [it for it in bench.deliveries() if it.event["transaction_status"] == "partial_refund"]
    assert len({bench.processor.read_event(it.headers, it.body).id for it in told}) == 3
    assert len([it for it in bench.read(told) if isinstance(it, base.RefundedOutside)]) == 3


def test_a_notification_of_what_the_api_does_not_know_is_tried_later(bench: MidtransBench) -> None:
    bench.pay(opened(bench).url)
    told = bench.deliveries()[-1]
    ghost: Delivery = bench.forge({**told.event, "order_id": "b" * 32})
    event = bench.processor.read_event(ghost.headers, ghost.body)
    assert event.happenings is None
    with pytest.raises(ProcessorUnavailable):
        bench.processor.complete(event.projection)
