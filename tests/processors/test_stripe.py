"""What Stripe's events do to a contribution and to the books, through the whole service."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from service import clock
from service.finance.model import FinanceException, Movement, Payout, PayoutRow
from service.processors import base
from service.webhooks.model import ReceivedEvent
from tests.support.desk import Desk
from tests.support.sandbox import Delivery


def events(desk: Desk) -> list[ReceivedEvent]:
    desk.session.rollback()
    return list(desk.session.scalars(select(ReceivedEvent).order_by(ReceivedEvent.id)))


def booked(desk: Desk) -> list[str]:
    """The types of all movements, in the order of the alphabet."""
    desk.session.rollback()
    return sorted(desk.session.scalars(select(Movement.type)))


def status(desk: Desk, contribution: dict[str, Any]) -> str:
    return str(desk.look(contribution["id"])["status"])


def intent(desk: Desk) -> str:
    """The payment intent of the newest charge."""
    return str(desk.bench.fake.every("charge")[-1]["payment_intent"])


def changed(desk: Desk, delivery: Delivery, **members: Any) -> Delivery:
    """The same event with other members, signed by Stripe."""
    made: Delivery = desk.bench.forge({**delivery.event, **members})
    return made


def delivery_of(desk: Desk, kind: str) -> Delivery:
    return next(it for it in desk.bench.deliveries() if it.event["type"] == kind)


def completed(desk: Desk) -> Delivery:
    desk.bench.pay(desk.given()["checkout_url"])
    return delivery_of(desk, "checkout.session.completed")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"livemode": True}, "wrong mode"),
        ({"api_version": "2025-01-27.acacia"}, "made for API version 2025-01-27.acacia"),
        ({"api_version": None}, "made for API version None"),
    ],
)
def test_an_event_of_another_mode_or_version_is_set_aside(
    stripe_desk: Desk, members: dict[str, Any], reason: str
) -> None:
    desk = stripe_desk
    refused = desk.deliver(changed(desk, completed(desk), **members))
    assert (refused.status_code, refused.get_json()["status"]) == (200, "quarantined")
    (row,) = events(desk)
    assert row.reason is not None
    assert row.reason.startswith(reason)
    replayed = desk.command("webhooks", "replay", row.event_id)
    assert (replayed.exit_code, replayed.output.strip()) == (0, "quarantined")
    assert desk.retry_waiting() == 0
    assert booked(desk) == []
    exceptions = desk.session.scalars(select(FinanceException.subject)).all()
    assert exceptions == [f"stripe:{row.event_id}"]
    assert desk.broken() == []


def test_an_object_of_the_other_mode_is_set_aside(stripe_desk: Desk) -> None:
    """Also where only the object in the event says that it is real money."""
    good = completed(stripe_desk)
    data = {"object": {**good.event["data"]["object"], "livemode": True}}
    answer = stripe_desk.deliver(changed(stripe_desk, good, data=data))
    assert answer.get_json()["status"] == "quarantined"
    assert booked(stripe_desk) == []


def test_an_event_of_the_other_mode_names_what_this_account_does_not_have(stripe_desk: Desk) -> None:
    """It is set aside for its mode at once, before anything is asked."""
    desk = stripe_desk
    desk.bench.pay(desk.given()["checkout_url"])
    desk.bench.settle()
    good = delivery_of(desk, "charge.updated")
    asked = len(desk.bench.fake.calls)
    data = {"object": {**good.event["data"]["object"], "id": "ch_live", "livemode": True}}
    desk.deliver(changed(desk, good, data=data, livemode=True))
    (row,) = events(desk)
    assert (row.status, row.reason) == ("quarantined", "wrong mode")
    assert len(desk.bench.fake.calls) == asked


def test_money_that_comes_later(stripe_desk: Desk) -> None:
    desk, good, bad = stripe_desk, stripe_desk.given(), stripe_desk.given()
    desk.bench.pay_slowly(good["checkout_url"])
    desk.bench.pay_slowly(bad["checkout_url"], ok=False)
    desk.deliver_all()
    assert [status(desk, it) for it in (good, bad)] == ["processing", "processing"]
    assert booked(desk) == []
    desk.bench.finish_slow()
    desk.deliver_all()
    assert [status(desk, it) for it in (good, bad)] == ["paid", "failed"]
    assert booked(desk) == ["contribution"]
    assert desk.broken() == []


def test_money_that_came_later_told_in_the_wrong_order(stripe_desk: Desk) -> None:
    desk, given = stripe_desk, stripe_desk.given()
    desk.bench.pay_slowly(given["checkout_url"])
    desk.bench.finish_slow()
    for delivery in reversed(desk.bench.deliveries()):
        desk.deliver(delivery)
    assert status(desk, given) == "paid"


def test_the_fee_comes_later(stripe_desk: Desk) -> None:
    desk, given = stripe_desk, stripe_desk.given()
    desk.bench.pay(given["checkout_url"])
    desk.deliver_all()
    assert status(desk, given) == "paid"
    assert booked(desk) == ["contribution"]
    (before,) = desk.export()
    assert (before["fee"], before["settlement_gross"]) == ("0.00", "")
    desk.bench.settle()
    desk.deliver(delivery_of(desk, "charge.updated"))
    assert booked(desk) == ["contribution", "fee"]
    assert desk.broken() == []


def test_a_fee_whose_event_was_lost_is_asked_for(stripe_desk: Desk) -> None:
    desk, given = stripe_desk, stripe_desk.given()
    desk.bench.pay(given["checkout_url"])
    desk.deliver_all()
    desk.sweep()
    assert booked(desk) == ["contribution"]
    desk.bench.settle()
    late = delivery_of(desk, "charge.updated")
    desk.sweep()
    assert booked(desk) == ["contribution", "fee"]
    assert desk.sweep().asked == 0
    assert desk.deliver(late).get_json()["status"] == "duplicate"
    assert booked(desk) == ["contribution", "fee"]


def test_an_inquiry_changes_nothing(stripe_desk: Desk) -> None:
    desk, paid = stripe_desk, stripe_desk.paid()
    before = booked(desk)
    inquiry = desk.bench.fake.dispute(intent(desk), inquiry=True)
    desk.deliver_all()
    desk.bench.fake.answer_dispute(inquiry)
    desk.deliver_all()
    assert status(desk, paid) == "paid"
    desk.bench.fake.close_dispute(inquiry, "warning_closed")
    desk.deliver_all()
    assert status(desk, paid) == "paid"
    assert booked(desk) == before


@pytest.mark.parametrize("withdraws", [False, True])
def test_a_dispute_that_is_won(stripe_desk: Desk, withdraws: bool) -> None:
    desk, paid = stripe_desk, stripe_desk.paid()
    dispute = desk.bench.fake.dispute(intent(desk), withdraw=withdraws)
    desk.deliver_all()
    assert status(desk, paid) == "disputed"
    taken = ["chargeback", "contribution", "dispute_fee", "fee"]
    assert booked(desk) == (taken if withdraws else ["contribution", "fee"])
    desk.bench.fake.close_dispute(dispute, "won")
    desk.deliver_all()
    assert status(desk, paid) == "paid"
    back = ["chargeback", "chargeback_reversed", "contribution", "dispute_fee", "fee"]
    assert booked(desk) == (back if withdraws else ["contribution", "fee"])
    if withdraws:
        (row,) = [it for it in desk.export() if it["type"] == "dispute_fee"]
        assert (row["fee"], row["net"]) == ("15000.00", "-15000.00")
    assert desk.broken() == []


def test_an_inquiry_that_becomes_a_dispute_and_is_lost(stripe_desk: Desk) -> None:
    desk, paid = stripe_desk, stripe_desk.paid()
    dispute = desk.bench.fake.dispute(intent(desk), inquiry=True)
    desk.deliver_all()
    assert status(desk, paid) == "paid"
    desk.bench.fake.withdraw(dispute)
    desk.deliver_all()
    assert status(desk, paid) == "disputed"
    desk.bench.fake.close_dispute(dispute, "lost")
    desk.deliver_all()
    assert status(desk, paid) == "reversed"
    assert desk.broken() == []


def test_a_refund_that_waits_for_the_balance_moves_nothing_yet(stripe_desk: Desk) -> None:
    desk, paid = stripe_desk, stripe_desk.paid()
    refund = desk.bench.fake.refund(intent(desk), unfunded=True)
    desk.deliver_all()
    desk.sweep()
    assert status(desk, paid) == "paid"
    assert booked(desk) == ["contribution", "fee"]
    desk.bench.fake.finish_refund(refund)
    desk.deliver_all()
    assert status(desk, paid) == "reversed"
    assert booked(desk) == ["contribution", "fee", "refund_external"]
    assert desk.broken() == []


@pytest.mark.parametrize("unfunded", [False, True])
def test_a_refund_that_fails_leaves_it_paid(stripe_desk: Desk, unfunded: bool) -> None:
    desk, paid = stripe_desk, stripe_desk.paid()
    refund = desk.bench.fake.refund(intent(desk), pending=not unfunded, unfunded=unfunded)
    desk.deliver_all()
    assert status(desk, paid) == ("paid" if unfunded else "reversed")
    desk.bench.fake.fail_refund(refund)
    desk.deliver_all()
    assert status(desk, paid) == "paid"
    moved = [] if unfunded else ["refund_external", "refund_failed"]
    assert booked(desk) == ["contribution", "fee", *moved]
    assert desk.broken() == []


def test_a_payout_has_rows_once_it_is_reconciled(stripe_desk: Desk) -> None:
    desk = stripe_desk
    desk.paid()
    made = desk.bench.fake.pay_out(reconciled=False)
    desk.deliver_all()
    payout = desk.session.scalars(select(Payout)).one()
    assert (payout.ref, payout.itemised) == (made["id"], False)
    assert desk.session.scalar(select(func.count()).select_from(PayoutRow)) == 0
    desk.bench.fake.complete_reconciliation(made)
    desk.deliver_all()
    desk.session.rollback()
    rows = desk.session.execute(select(PayoutRow.payout_ref, PayoutRow.balance_ref)).all()
    (charge,) = desk.bench.fake.every("charge")
    assert [tuple(row) for row in rows] == [(made["id"], charge["balance_transaction"])]
    assert booked(desk) == ["contribution", "fee", "payout"]
    assert desk.broken() == []


def test_a_payout_that_failed_is_told_before_it_was_paid(stripe_desk: Desk) -> None:
    desk = stripe_desk
    desk.paid()
    desk.bench.fake.fail_payout(desk.bench.fake.pay_out())
    told = [it for it in desk.bench.deliveries() if it.event["type"].startswith("payout.")]
    for delivery in reversed(told):
        assert desk.deliver(delivery).status_code == 200
    assert booked(desk) == ["contribution", "fee", "payout", "payout_failed"]
    moved = desk.session.scalars(select(Movement.net_minor).where(Movement.type.startswith("payout"))).all()
    assert sum(moved) == 0
    assert json.dumps([it.status for it in events(desk)]).count("waiting") == 0
    assert desk.broken() == []


def test_a_charge_of_somebody_else_tells_nothing_and_adjusts_the_balance(stripe_desk: Desk) -> None:
    """Another shop of the same account: its sessions have no name of ours."""
    desk, sessions = stripe_desk, stripe_desk.bench.processor.client.v1.checkout.sessions
    price = {"currency": "idr", "unit_amount": 9_900_000, "product_data": {"name": "A book"}}
    items = [{"quantity": 1, "price_data": price}]
    made = sessions.create(
        params={"mode": "payment", "line_items": items, "success_url": "https://shop.test/"}
    )
    desk.bench.pay(made.url)
    desk.bench.settle()
    desk.deliver_all()
    desk.bench.fake.refund(intent(desk), 1_000_000)
    desk.bench.fake.dispute(intent(desk), amount=8_900_000)
    desk.deliver_all()
    assert {it.status for it in events(desk)} == {"unused"}
    assert booked(desk) == []
    assert desk.session.scalar(select(func.count()).select_from(FinanceException)) == 0
    processor, now = desk.bench.processor, clock.now()
    rows = processor.list_rows(now - timedelta(days=1), now + timedelta(days=1), None).rows
    assert len(rows) == 3
    explained = [told for row in rows for told in processor.explain_row(row)]
    assert [type(it) for it in explained] == [base.BalanceAdjusted] * 3
