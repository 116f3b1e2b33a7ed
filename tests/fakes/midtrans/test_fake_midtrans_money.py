"""The fake Midtrans tells of transactions, notifications, payouts and balances as the real one does."""

import csv
import hashlib
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from tests.fakes.midtrans import FakeMidtrans, Refused
from tests.fakes.midtrans.merchant import Merchant


def events(fake: FakeMidtrans) -> list[tuple[str, str]]:
    return [(sent.event["transaction_status"], sent.event["status_code"]) for sent in fake.take_deliveries()]


# Status


def test_nothing_exists_before_a_method_is_chosen(fake: FakeMidtrans, merchant: Merchant) -> None:
    url = merchant.url()
    assert merchant.status()["status_code"] == "404"
    assert merchant.status("never")["status_message"] == "Transaction doesn't exist."
    fake.api.core_errors_as_http = True
    assert merchant.call("GET", "/v2/order-1/status").status_code == 404
    fake.choose(url, "bank_transfer")
    told = merchant.status()
    assert (told["status_code"], told["transaction_status"]) == ("201", "pending")
    assert told["va_numbers"][0]["bank"] == "bca"


def test_status_of_a_paid_qris(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.pay(merchant.url(custom_field1="article-9"))
    told = merchant.status()
    assert told["transaction_time"] == told["settlement_time"] == "2026-11-05 10:00:00"
    assert told["expiry_time"] == "2026-11-05 10:15:00"
    assert (told["gross_amount"], told["currency"], told["payment_type"]) == ("25000.00", "IDR", "qris")
    assert (told["fraud_status"], told["custom_field1"]) == ("accept", "article-9")
    assert merchant.status(told["transaction_id"]) == told


def test_a_page_expires_in_silence(
    fake: FakeMidtrans, merchant: Merchant, clock: time_machine.Traveller
) -> None:
    url = merchant.url(page_expiry={"unit": "hour", "duration": 1})
    clock.shift(3600)
    assert fake.pass_time() == []
    assert fake.take_deliveries() == []
    assert merchant.status()["status_code"] == "404"
    with pytest.raises(Refused):
        fake.choose(url)


def test_a_pending_transaction_expires_with_a_notification(
    fake: FakeMidtrans, merchant: Merchant, clock: time_machine.Traveller
) -> None:
    fake.choose(merchant.url(expiry={"unit": "minute", "duration": 20}))
    clock.shift(1199)
    assert fake.pass_time() == []
    clock.shift(1)
    assert fake.pass_time() == ["order-1"]
    assert events(fake) == [("pending", "201"), ("expire", "202")]
    assert merchant.status()["status_code"] == "407"


def test_an_expiry_with_a_start_closes_the_page_too(
    fake: FakeMidtrans, merchant: Merchant, clock: time_machine.Traveller
) -> None:
    start = {"start_time": "2026-11-05 10:00:00 +0700", "unit": "hour", "duration": 1}
    url = merchant.url(expiry=start)
    clock.shift(3600)
    with pytest.raises(Refused):
        fake.choose(url)


# The life of a transaction


@pytest.mark.parametrize(
    ("method", "statuses"),
    [
        ("qris", ["pending", "settlement"]),
        ("gopay", ["pending", "settlement"]),
        ("bank_transfer", ["pending", "settlement"]),
        ("credit_card", ["pending", "capture", "settlement"]),
    ],
)
def test_paying_notifies_of_each_step(
    fake: FakeMidtrans, merchant: Merchant, method: str, statuses: list[str]
) -> None:
    fake.pay(merchant.url(), method)
    assert [status for status, _ in events(fake)] == statuses


def test_settlement_can_become_deny(fake: FakeMidtrans, merchant: Merchant) -> None:
    order_id = fake.pay(merchant.url(), "bank_transfer")
    fake.deny(order_id)
    assert events(fake)[-1] == ("deny", "202")
    assert merchant.status()["transaction_status"] == "deny"
    assert fake.pay_out() is None


def test_a_denied_card_may_be_tried_again_as_a_new_transaction(
    fake: FakeMidtrans, merchant: Merchant
) -> None:
    url = merchant.url()
    fake.deny(fake.choose(url, "credit_card"))
    first = merchant.status()
    fake.pay(url, "qris")
    second = merchant.status()
    assert first["order_id"] == second["order_id"]
    assert first["transaction_id"] != second["transaction_id"]
    assert merchant.status(first["transaction_id"])["transaction_status"] == "deny"


def test_a_challenged_card_is_not_paid(fake: FakeMidtrans, merchant: Merchant) -> None:
    order_id = fake.choose(merchant.url(), "credit_card")
    fake.challenge(order_id)
    told = merchant.status()
    assert (told["transaction_status"], told["fraud_status"]) == ("capture", "challenge")
    assert told["status_code"] == "201"
    with pytest.raises(Refused):
        fake.settle(order_id)
    fake.accept(order_id)
    assert merchant.status()["fraud_status"] == "accept"
    fake.settle(order_id)
    assert [code for _, code in events(fake)] == ["201", "201", "200", "200"]


def test_qris_is_not_offered_above_its_limit(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.pay(merchant.url("small", 10_000_000))
    with pytest.raises(Refused):
        fake.choose(merchant.url("large", 10_000_001))


def test_only_enabled_methods_are_offered(fake: FakeMidtrans, merchant: Merchant) -> None:
    url = merchant.url(enabled_payments=["bni_va"])
    with pytest.raises(Refused):
        fake.choose(url, "qris")
    fake.choose(url, "bank_transfer")
    assert merchant.status()["va_numbers"][0]["bank"] == "bni"


@pytest.mark.parametrize(
    ("verb", "code", "becomes"), [("expire", "407", "expire"), ("cancel", "200", "cancel")]
)
def test_a_merchant_may_end_what_is_pending(
    fake: FakeMidtrans, merchant: Merchant, verb: str, code: str, becomes: str
) -> None:
    path = f"/v2/order-1/{verb}"
    url = merchant.url()
    assert merchant.call("POST", path).json["status_code"] == "404"
    fake.choose(url)
    ended = merchant.call("POST", path).json
    assert (ended["status_code"], ended["transaction_status"]) == (code, becomes)
    assert merchant.call("POST", path).json["status_code"] == "412"
    assert [status for status, _ in events(fake)] == ["pending", becomes]


def test_settled_money_cannot_be_expired_or_canceled(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.pay(merchant.url())
    assert merchant.call("POST", "/v2/order-1/expire").json["status_code"] == "412"
    assert merchant.call("POST", "/v2/order-1/cancel").json["status_code"] == "412"


def test_a_canceled_page_takes_no_method(fake: FakeMidtrans, merchant: Merchant) -> None:
    url = merchant.url()
    path = f"/snap/v1/transactions/{url.rpartition('/')[2]}/cancel"
    assert merchant.call("POST", path).json == {"canceled_at": "2026-11-05T03:00:00.000Z"}
    assert merchant.call("POST", path).json == {"error_messages": ["token already canceled"]}
    with pytest.raises(Refused):
        fake.choose(url)
    assert merchant.status()["status_code"] == "404"
    assert merchant.call("POST", "/snap/v1/transactions/none/cancel").status_code == 404


def test_a_page_in_use_cannot_be_canceled(fake: FakeMidtrans, merchant: Merchant) -> None:
    url = merchant.url()
    fake.choose(url)
    answer = merchant.call("POST", f"/snap/v1/transactions/{url.rpartition('/')[2]}/cancel")
    assert answer.json == {"error_messages": ["Transaction is on progress"]}


# Money going back


def test_refunds_add_up(fake: FakeMidtrans, merchant: Merchant) -> None:
    order_id = fake.pay(merchant.url())
    first = fake.refund(order_id, 5_000)
    told = merchant.status()
    assert (told["transaction_status"], told["refund_amount"]) == ("partial_refund", "5000.00")
    assert told["refunds"][0]["refund_chargeback_id"] == first
    assert told["refunds"][0]["refund_amount"] == "5000.00"
    fake.refund(order_id)
    told = merchant.status()
    assert (told["transaction_status"], told["refund_amount"]) == ("refund", "25000.00")
    assert [part["refund_amount"] for part in told["refunds"]] == ["5000.00", "20000.00"]
    assert fake.take_deliveries()[-1].event["refunds"] == told["refunds"]
    with pytest.raises(Refused):
        fake.refund(order_id, 1)


def test_chargebacks_have_their_own_list(fake: FakeMidtrans, merchant: Merchant) -> None:
    order_id = fake.pay(merchant.url(), "credit_card")
    fake.chargeback(order_id, 10_000)
    assert merchant.status()["transaction_status"] == "partial_chargeback"
    last = fake.chargeback(order_id)
    told = merchant.status()
    assert told["transaction_status"] == "chargeback"
    assert [part["refund_amount"] for part in told["chargebacks"]] == ["10000.00", "15000.00"]
    assert told["chargebacks"][1]["refund_chargeback_id"] == last
    assert "refunds" not in told


@pytest.mark.parametrize("path", ["/v2/order-1/refund", "/v2/order-1/refund/online/direct"])
def test_refunds_over_http_are_refused_and_kept(fake: FakeMidtrans, merchant: Merchant, path: str) -> None:
    fake.pay(merchant.url())
    assert merchant.call("POST", path, json={"amount": 1}).status_code == 403
    assert [call[:2] for call in fake.forbidden_calls] == [("POST", path)]
    assert merchant.status()["transaction_status"] == "settlement"


# Notifications


def test_notifications_are_signed_over_raw_strings(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.pay(merchant.url())
    for sent in fake.take_deliveries():
        event = json.loads(sent.body)
        assert event == sent.event
        signed = event["order_id"] + event["status_code"] + "25000.00" + fake.server_key
        assert event["gross_amount"] == "25000.00"
        assert event["signature_key"] == hashlib.sha512(signed.encode()).hexdigest()
    assert fake.take_deliveries() == []


def test_forgers_sign_what_they_like(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.pay(merchant.url())
    real = fake.take_deliveries()[-1]
    assert fake.sign(real.body).event == real.event
    short = fake.sign({**real.event, "gross_amount": "25000"})
    assert short.event["signature_key"] != real.event["signature_key"]
    assert fake.sign(real.event, "other").event["signature_key"] != real.event["signature_key"]
    unsigned = fake.sign({**real.event, "transaction_status": "pending"})
    assert unsigned.event["signature_key"] == real.event["signature_key"]


def test_notifications_tell_of_the_payer(fake: FakeMidtrans, merchant: Merchant) -> None:
    fake.choose(merchant.url(customer_details={"first_name": "Sari", "email": "sari@example.com"}))
    assert fake.take_deliveries()[0].event["customer_details"] == {
        "full_name": "Sari",
        "email": "sari@example.com",
    }
    assert "customer_details" not in merchant.status()


# Settlement file, payouts, balance


def rows(fake: FakeMidtrans, first: date, last: date) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(fake.settlement_report(first, last))))


def test_the_settlement_file_adds_up(
    fake: FakeMidtrans, merchant: Merchant, clock: time_machine.Traveller
) -> None:
    fees = {"qris": 175, "gopay": 500, "bank_transfer": 4_000, "credit_card": 2_725}
    for method in fees:
        fake.pay(merchant.url(method), method)
    fake.refund("gopay", 5_000)
    first = fake.pay_out()
    assert first is not None
    assert first.amount == 4 * 25_000 - sum(fees.values()) - 5_000
    clock.shift(timedelta(days=1))
    fake.chargeback("credit_card")
    assert fake.pay_out() is None, "a debt waits for later payments"
    fake.pay(merchant.url("later", 40_000), "bank_transfer")
    second = fake.pay_out()
    assert second is not None
    assert second.amount == 40_000 - 4_000 - 25_000

    found = rows(fake, date(2026, 11, 5), date(2026, 11, 6))
    assert {row["order_id"]: int(float(row["fee"])) for row in found[:4]} == fees
    for paid in (first, second):
        nets = [int(float(row["net_amount"])) for row in found if row["payout_id"] == paid.id]
        assert sum(nets) == paid.amount
    assert [row["gross_amount"] for row in found if row["transaction_type"] == "refund"] == ["-5000.00"]
    assert [row["order_id"] for row in rows(fake, date(2026, 11, 6), date(2026, 11, 6))] == [
        "credit_card",
        "later",
    ]


def test_days_are_jakarta_days(fake: FakeMidtrans, merchant: Merchant, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2026, 11, 5, 17, 0, tzinfo=UTC))
    fake.pay(merchant.url())
    assert rows(fake, date(2026, 11, 5), date(2026, 11, 5)) == []
    [row] = rows(fake, date(2026, 11, 6), date(2026, 11, 6))
    assert (row["settlement_date"], row["payout_id"]) == ("2026-11-06", "")


def test_the_balance_tells_totals_only(
    fake: FakeMidtrans, merchant: Merchant, clock: time_machine.Traveller
) -> None:
    fake.pay(merchant.url())
    clock.shift(60)
    fake.capture(fake.choose(merchant.url("card"), "credit_card"))
    window = {
        "currency": "IDR",
        "start_time": "2026-11-05T10:00:30+07:00",
        "end_time": "2026-11-05T23:59:59+07:00",
    }
    told = merchant.call("GET", "/v1/balance/mutation", query_string=window).json
    assert (told["opening_balance_effective"], told["closing_balance_effective"]) == (24_825, 24_825)
    assert (told["opening_balance_pending"], told["closing_balance_pending"]) == (0, 22_275)
    assert told["closing_balance_overall"] == 47_100
    assert told["wallets"][0]["source"] == "payin"
    naive = {**window, "start_time": "2026-11-05T10:00:00"}
    assert merchant.call("GET", "/v1/balance/mutation", query_string=naive).status_code == 400
