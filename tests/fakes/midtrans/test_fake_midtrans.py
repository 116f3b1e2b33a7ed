"""The fake Midtrans opens pages, keeps keys, hosts pages and fails as the real one does."""

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from werkzeug.test import Client

from tests.fakes.midtrans import FakeMidtrans, Hang
from tests.fakes.midtrans.merchant import Merchant, body

# Opening a page


def test_opening_gives_a_token_and_its_page(merchant: Merchant) -> None:
    opened = merchant.open()
    assert opened.status_code == 201
    assert opened.json["redirect_url"].endswith(f"/snap/v4/redirection/{opened.json['token']}")


def test_ids_repeat_with_the_same_seed(clock: time_machine.Traveller) -> None:
    first, second = (Merchant(FakeMidtrans(random.Random(3))).open().json for _ in range(2))
    assert first == second


@pytest.mark.parametrize("auth", [None, ("wrong", ""), ("SB-Mid-server-fakefakefakefakefake", "x")])
def test_only_the_server_key_opens(fake: FakeMidtrans, auth: tuple[str, str] | None) -> None:
    answer = Client(fake.app).post("/snap/v1/transactions", json=body(), auth=auth)
    assert answer.status_code == 401
    assert answer.json["error_messages"]


@pytest.mark.parametrize("amount", [25_000.0, "25000", 25_000.5, True, 0, -1, None])
def test_amounts_are_whole_rupiah(merchant: Merchant, amount: Any) -> None:
    answer = merchant.open(body(amount=amount))
    assert answer.status_code == 400
    assert "gross_amount" in answer.json["error_messages"][0]


@pytest.mark.parametrize("order_id", ["", "a" * 51, "a b", "a/b", "é", None, 5])
def test_order_ids_are_short_and_plain(merchant: Merchant, order_id: Any) -> None:
    assert merchant.open(body(order_id)).status_code == 400


def test_items_must_sum_to_the_amount(merchant: Merchant) -> None:
    item = {"id": "a", "name": "Artikel", "price": 5_000, "quantity": 4}
    assert merchant.open(body(item_details=[item])).status_code == 400
    assert merchant.open(body(item_details=[{**item, "quantity": 5}])).status_code == 201


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"custumer_details": {}}, "custumer_details"),
        ({"callbacks": {"finnish": "https://a.test"}}, "callbacks.finnish"),
        ({"expiry": {"units": "hour", "duration": 1, "unit": "hour"}}, "expiry.units"),
        (
            {"customer_details": {"billing_address": {"street": "x"}}},
            "customer_details.billing_address.street",
        ),
        (
            {"item_details": [{"name": "a", "price": 25_000, "quantity": 1, "sku": "b"}]},
            "item_details.sku",
        ),
    ],
)
def test_misspelt_fields_are_refused_and_kept(
    fake: FakeMidtrans, merchant: Merchant, more: dict[str, Any], named: str
) -> None:
    assert merchant.open(body(**more)).status_code == 400
    assert fake.unknown_fields == [named]


@pytest.mark.parametrize(
    "more",
    [
        {"enabled_payments": ["qris"]},
        {"enabled_payments": []},
        {"expiry": {"unit": "week", "duration": 1}},
        {"expiry": {"unit": "hour", "duration": 0}},
        {"expiry": {"unit": "hour", "duration": 1, "start_time": "2026-11-05T10:00:00+07:00"}},
        {"expiry": {"unit": "hour", "duration": 1, "start_time": "2026-13-05 10:00:00 +0700"}},
        {"page_expiry": {"unit": "hour", "duration": "1"}},
        {"customer_details": {"email": "nobody"}},
        {"custom_field1": "a" * 256},
        {"callbacks": {"finish": "/thanks"}},
    ],
)
def test_wrong_values_are_refused(merchant: Merchant, more: dict[str, Any]) -> None:
    assert merchant.open(body(**more)).status_code == 400


def test_a_full_request_is_taken(merchant: Merchant) -> None:
    more = {
        "item_details": [{"id": "a", "name": "Artikel", "price": 25_000, "quantity": 1}],
        "customer_details": {"first_name": "Sari", "email": "sari@example.com"},
        "enabled_payments": ["other_qris", "gopay", "bca_va", "credit_card"],
        "credit_card": {"secure": True},
        "callbacks": {"finish": "https://news.test/thanks"},
        "expiry": {"start_time": "2026-11-05 10:00:00 +0700", "unit": "minutes", "duration": 30},
        "page_expiry": {"unit": "minutes", "duration": 30},
        "custom_field1": "article-9",
    }
    assert merchant.open(body(**more)).status_code == 201


# Idempotency and order ids


def test_a_key_answers_the_same_for_five_minutes_whatever_the_body(
    merchant: Merchant, clock: time_machine.Traveller
) -> None:
    first = merchant.open(body("one"), key="k").json
    clock.shift(299)
    assert merchant.open(body("two", 99_000), key="k").json == first
    assert merchant.open(body("one", "nonsense"), key="k").json == first
    clock.shift(1)
    assert merchant.open(body("one"), key="k").status_code == 406


def test_a_key_keeps_only_successes(merchant: Merchant) -> None:
    assert merchant.open(body(amount="1"), key="k").status_code == 400
    assert merchant.open(body(), key="k").status_code == 201


def test_a_key_is_shared_by_all_addresses(merchant: Merchant) -> None:
    opened = merchant.open(key="k").json
    path = f"/snap/v1/transactions/{opened['token']}/cancel"
    assert merchant.call("POST", path, headers={"Idempotency-Key": "k"}).json == opened


def test_an_order_id_serves_once(fake: FakeMidtrans, merchant: Merchant) -> None:
    merchant.url()
    answer = merchant.open()
    assert answer.status_code == 406
    assert "already been taken" in answer.json["error_messages"][0]
    fake.api.taken_status = 400
    assert merchant.open().status_code == 400


# The page


@pytest.mark.parametrize(
    ("outcome", "method", "code", "status"),
    [
        ("pay", "qris", "200", "settlement"),
        ("pay", "credit_card", "200", "capture"),
        ("pending_pay", "bank_transfer", "201", "pending"),
        ("pending_fail", "gopay", "201", "pending"),
        ("decline", "credit_card", "202", "deny"),
    ],
)
def test_the_page_sends_the_payer_back(
    merchant: Merchant, outcome: str, method: str, code: str, status: str
) -> None:
    url = merchant.url(callbacks={"finish": "https://news.test/thanks?a=b"})
    answer = merchant.client.post(urlsplit(url).path, data={"outcome": outcome, "method": method})
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {
        "a": ["b"],
        "order_id": ["order-1"],
        "status_code": [code],
        "transaction_status": [status],
    }


def test_a_payer_may_go_back_without_choosing(fake: FakeMidtrans, merchant: Merchant) -> None:
    path = urlsplit(merchant.url(callbacks={"finish": "https://news.test/thanks"})).path
    assert merchant.client.get(path).text.count("<button") == 20
    answer = merchant.client.get(f"{path}?outcome=cancel")
    assert answer.headers["Location"] == "https://news.test/thanks?order_id=order-1&action=back"
    assert fake.take_deliveries() == []


def test_pending_pages_end_as_they_were_left(fake: FakeMidtrans, merchant: Merchant) -> None:
    for order_id, outcome in (("good", "pending_pay"), ("bad", "pending_fail")):
        merchant.client.post(urlsplit(merchant.url(order_id)).path, data={"outcome": outcome})
    assert fake.finish_pending() == ["good", "bad"]
    assert merchant.status("good")["transaction_status"] == "settlement"
    assert merchant.status("bad")["transaction_status"] == "failure"
    assert fake.finish_pending() == []


# Faults and the wire


@pytest.mark.parametrize("fault", ["500", "429"])
def test_refusing_faults_do_nothing(fake: FakeMidtrans, merchant: Merchant, fault: str) -> None:
    fake.fail_next(fault, 2)
    assert [merchant.open().status_code for _ in range(3)] == [int(fault), int(fault), 201]


def test_a_timeout_before_does_nothing(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.fail_next("timeout_before")
    with pytest.raises(Hang):
        merchant.open()
    assert merchant.open().status_code == 201


def test_a_timeout_after_success_is_healed_by_the_key(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.fail_next("timeout_after_success")
    with pytest.raises(Hang):
        merchant.open(key="k")
    assert merchant.open(key="k").status_code == 201
    assert merchant.open().status_code == 406


def test_a_malformed_answer_is_no_json(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.fail_next("malformed")
    answer = merchant.open()
    assert answer.status_code == 201
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(answer.data)


def test_it_serves_over_http() -> None:
    fake = FakeMidtrans()
    with fake.serve(hold_s=5) as base, requests.Session() as session:
        session.auth = (fake.server_key, "")
        opened = session.post(f"{base}/snap/v1/transactions", json=body(), timeout=5)
        assert opened.status_code == 201
        url = opened.json()["redirect_url"]
        assert url.startswith(base)
        requests.post(url, data={"outcome": "pay"}, timeout=5).close()
        told = session.get(f"{base}/v2/order-1/status", timeout=5).json()
        assert told["transaction_status"] == "settlement"
        fake.fail_next("timeout_before")
        with pytest.raises(requests.ReadTimeout):
            session.get(f"{base}/v2/order-1/status", timeout=0.2)
    assert fake.world.page_base == "https://app.midtrans.test"


def test_one_order_id_opens_once_in_a_crowd() -> None:
    fake = FakeMidtrans()
    with fake.serve() as base, ThreadPoolExecutor(8) as pool:

        def one(_: int) -> int:
            answer = requests.post(
                f"{base}/snap/v1/transactions", json=body(), auth=(fake.server_key, ""), timeout=10
            )
            return answer.status_code

        codes = sorted(pool.map(one, range(24)))
    assert codes == [201] + [406] * 23


def test_a_call_costs_little() -> None:
    fake = FakeMidtrans(random.Random(1))
    merchant = Merchant(fake)
    started = time.perf_counter()
    for number in range(500):
        fake.pay(merchant.url(f"order-{number}"))
        merchant.status(f"order-{number}")
    spent = time.perf_counter() - started
    assert spent / 1000 < 0.005, "the calls and the test client together"
    assert len(fake.take_deliveries()) == 1000
