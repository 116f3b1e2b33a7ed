"""Webhooks, rows of the balance, refunds, disputes and payouts are as at Stripe."""

from collections import Counter
from typing import Any

import pytest
import stripe

from tests.fakes.merchant import START, client_of, paid, types
from tests.fakes.stripe import FakeStripe, NotPossible


def test_deliveries_are_signed_when_they_are_sent(
    fake: FakeStripe, client: stripe.StripeClient, clock: Any
) -> None:
    paid(fake, client)
    clock.shift(1000)
    for delivery in fake.take_deliveries():
        header = delivery.headers["Stripe-Signature"]
        assert stripe.WebhookSignature.verify_header(delivery.body, header, "whsec_fake", 300)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(delivery.body + b" ", header, "whsec_fake", 300)
        assert delivery.event["api_version"] == "2026-10-28.endive"
    assert fake.take_deliveries() == []
    old = fake.sign({"object": "event"}, at=START)
    with pytest.raises(stripe.SignatureVerificationError, match="Timestamp"):
        stripe.WebhookSignature.verify_header(old.body, old.headers["Stripe-Signature"], "whsec_fake", 300)
    ours = stripe.WebhookSignature.generate_signature_header(old.body.decode(), "whsec_fake", START)
    assert ours == old.headers["Stripe-Signature"]


def test_events_keep_ids_and_hold_snapshots(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent = paid(fake, client)
    fake.settle(intent)
    fake.refund(intent)
    held = {delivery.type: delivery.event for delivery in fake.take_deliveries()}
    assert held["charge.succeeded"]["data"]["object"]["balance_transaction"] is None
    updated = held["charge.updated"]["data"]
    assert updated["object"]["balance_transaction"].startswith("txn_")
    assert updated["previous_attributes"] == {"balance_transaction": None}
    assert held["charge.refunded"]["data"]["previous_attributes"] == {"amount_refunded": 0, "refunded": False}
    assert held["checkout.session.completed"]["data"]["object"]["payment_intent"] == intent


def test_the_fee_comes_after_the_payment_unless_asked_otherwise(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    intent = paid(fake, client)
    assert client.v1.balance_transactions.list().data == []
    fake.settle()
    row = client.v1.balance_transactions.list(params={"expand": ["data.source"]}).data[0]
    assert (row.amount, row.fee, row.net) == (5_000_000, 370_000, 4_630_000)
    assert (row.type, row.reporting_category, row.currency) == ("charge", "charge", "idr")
    assert (row.exchange_rate, row.status, row.source.payment_intent) == (None, "pending", intent)
    assert row.fee_details[0].amount == 370_000
    fake.account.fees_at_once = True
    paid(fake, client)
    assert len(client.v1.balance_transactions.list().data) == 2


def test_settlement_in_another_currency(clock: Any) -> None:
    fake = FakeStripe(settlement_currency="usd", exchange_rate="0.0000615")
    client = client_of(fake)
    intent = paid(fake, client)
    row = fake.settle(intent)[0]
    assert (row["amount"], row["fee"], row["net"], row["currency"]) == (308, 60, 248, "usd")
    assert row["exchange_rate"] == pytest.approx(0.0000615)
    fake.refund(intent)
    back = client.v1.balance_transactions.list(params={"type": "refund"}).data[0]
    assert (back.amount, back.fee, back.currency) == (-308, 0, "usd")


def test_a_refund_that_fails_gives_its_money_back(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent = paid(fake, client)
    fake.settle()
    refund = fake.refund(intent, 1_000_000)
    assert refund["status"] == "succeeded"
    with pytest.raises(NotPossible):
        fake.refund(intent, 4_000_001)
    fake.take_deliveries()
    fake.fail_refund(refund)
    assert {"refund.updated", "refund.failed", "charge.updated"} <= set(types(fake))
    after = client.v1.refunds.list(
        params={"payment_intent": intent, "expand": ["data.failure_balance_transaction"]}
    )
    assert after.data[0].status == "failed"
    assert after.data[0].failure_balance_transaction.net == 1_000_000
    assert after.data[0].failure_balance_transaction.type == "refund_failure"
    assert client.v1.charges.retrieve(refund["charge"]).amount_refunded == 0


def test_a_pending_refund_has_moved_money_and_an_unfunded_one_has_not(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    intent = paid(fake, client)
    assert fake.refund(intent, 10, pending=True)["balance_transaction"] is not None
    unfunded = fake.refund(intent, 10, unfunded=True)
    assert (unfunded["status"], unfunded["balance_transaction"]) == ("pending", None)
    after = fake.finish_refund(unfunded)
    assert (after["status"], after["balance_transaction"] is None) == ("succeeded", False)


def test_a_dispute_is_withdrawn_and_won(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent = paid(fake, client)
    fake.settle()
    fake.take_deliveries()
    dispute = fake.dispute(intent)
    created, _, withdrawn = fake.take_deliveries()
    assert (created.type, withdrawn.type) == ("charge.dispute.created", "charge.dispute.funds_withdrawn")
    taken = withdrawn.event["data"]["object"]["balance_transactions"][0]
    assert (taken["amount"], taken["fee"], taken["net"]) == (-5_000_000, 22_000_000, -27_000_000)
    assert (taken["type"], taken["reporting_category"]) == ("adjustment", "dispute")
    with pytest.raises(NotPossible):
        fake.refund(intent)
    fake.close_dispute(dispute, "won")
    assert types(fake) == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    after = client.v1.disputes.list(params={"payment_intent": intent, "expand": ["data.charge"]}).data[0]
    assert (after.status, after.charge.disputed) == ("won", True)
    assert [row.amount for row in after.balance_transactions] == [-5_000_000, 5_000_000]
    assert after.balance_transactions[1].reporting_category == "dispute_reversal"


def test_an_inquiry_moves_no_money_until_it_becomes_a_chargeback(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    intent = paid(fake, client)
    first = fake.dispute(intent, inquiry=True)
    assert (first["status"], first["balance_transactions"]) == ("warning_needs_response", [])
    assert first["is_charge_refundable"]
    with pytest.raises(NotPossible):
        fake.close_dispute(first, "lost")
    fake.take_deliveries()
    fake.withdraw(first)
    assert types(fake) == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
    assert fake.close_dispute(first, "lost")["status"] == "lost"
    second = fake.dispute(paid(fake, client), inquiry=True)
    assert fake.close_dispute(second, "warning_closed")["balance_transactions"] == []


def rows_of(client: stripe.StripeClient, payout: str) -> list[Any]:
    params: Any = {"payout": payout, "limit": 2}
    return list(client.v1.balance_transactions.list(params=params).auto_paging_iter())


def test_a_payout_is_the_sum_of_its_rows(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intents = [paid(fake, client) for _ in range(30)]
    fake.settle()
    fake.refund(intents[0], 1_000_000)
    fake.dispute(intents[1])
    fake.charge_stripe_fee(12_345)
    payout = fake.pay_out()
    assert payout is not None
    rows = rows_of(client, payout["id"])
    own = [row for row in rows if row.id == payout["balance_transaction"]]
    others = [row for row in rows if row.id != payout["balance_transaction"]]
    assert (len(own), own[0].type, own[0].net) == (1, "payout", -payout["amount"])
    assert sum(row.net for row in others) == payout["amount"]
    assert Counter(row.type for row in others) == {
        "charge": 30,
        "refund": 1,
        "adjustment": 1,
        "stripe_fee": 1,
    }
    assert types(fake)[-4:] == [
        "balance.available",
        "payout.created",
        "payout.paid",
        "payout.reconciliation_completed",
    ]
    assert fake.pay_out() is None


def test_rows_are_listed_once_reconciliation_is_complete(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    paid(fake, client)
    fake.settle()
    payout: Any = fake.pay_out(reconciled=False)
    assert [row.type for row in rows_of(client, payout["id"])] == ["payout"]
    fake.complete_reconciliation(payout)
    assert len(rows_of(client, payout["id"])) == 2
    paid(fake, client)
    fake.settle()
    manual: Any = fake.pay_out(automatic=False)
    assert manual["reconciliation_status"] == "not_applicable"
    with pytest.raises(stripe.InvalidRequestError, match="automatic"):
        rows_of(client, manual["id"])


def test_a_failed_payout_comes_back_in_the_next(fake: FakeStripe, client: stripe.StripeClient) -> None:
    paid(fake, client)
    fake.settle()
    first: Any = fake.pay_out()
    failed = fake.fail_payout(first)
    assert (failed["status"], types(fake)[-1]) == ("failed", "payout.failed")
    row = client.v1.balance_transactions.retrieve(failed["failure_balance_transaction"])
    assert (row.type, row.net) == ("payout_failure", first["amount"])
    second: Any = fake.pay_out()
    assert second["amount"] == first["amount"]
    assert {row.type for row in rows_of(client, second["id"])} == {"payout", "payout_failure"}


def test_money_becomes_available_with_time(fake: FakeStripe, client: stripe.StripeClient, clock: Any) -> None:
    paid(fake, client)
    fake.settle()
    assert fake.pay_out(available_only=True) is None
    clock.shift(3 * 86400)
    fake.pass_time()
    assert "balance.available" in types(fake)
    assert fake.pay_out(available_only=True) is not None
