"""The way of the money at every processor: webhooks in, books right, nothing twice."""

import json
import random
from typing import Any

import pytest
from sqlalchemy import func, select

from service.finance import books
from service.finance.model import FinanceException, Movement
from service.webhooks.model import ReceivedEvent
from tests.support.desk import Desk


def statuses(desk: Desk) -> dict[str, str]:
    desk.session.rollback()
    rows = desk.session.execute(select(ReceivedEvent.type, ReceivedEvent.status))
    return dict(rows.all())


def sums(desk: Desk) -> dict[str, str]:
    desk.session.rollback()
    return {it.account: it.amount.export_text() for it in books.balances(desk.session)}


def payment_of(desk: Desk, contribution: dict[str, Any]) -> str:
    desk.session.rollback()
    found = desk.session.scalars(
        select(Movement.payment_ref).where(
            Movement.contribution_id == contribution["id"], Movement.type == "contribution"
        )
    ).one()
    assert found is not None
    return found


def test_a_payment_is_booked_once_however_often_it_is_told(any_desk: Desk) -> None:
    given = any_desk.given()
    any_desk.bench.pay(given["checkout_url"])
    any_desk.bench.settle()
    told = any_desk.bench.deliveries() * 3
    random.Random(4).shuffle(told)
    for delivery in told:
        assert any_desk.deliver(delivery).status_code == 200
    assert any_desk.look(given["id"])["status"] == "paid"
    any_desk.sweep()
    any_desk.session.rollback()
    types = any_desk.session.scalars(select(Movement.type)).all()
    assert types.count("contribution") == 1
    assert types.count("fee") <= 1
    assert any_desk.broken() == []


def test_the_sweep_alone_settles_when_every_webhook_is_lost(any_desk: Desk) -> None:
    given = any_desk.given()
    any_desk.bench.pay(given["checkout_url"])
    any_desk.bench.settle()
    any_desk.bench.deliveries()
    any_desk.sweep()
    assert any_desk.look(given["id"])["status"] == "paid"
    assert any_desk.broken() == []


@pytest.mark.clause("4.2")
def test_refund_and_dispute_outside_reverse(any_desk: Desk) -> None:
    paid = any_desk.paid()
    payment = payment_of(any_desk, paid)
    any_desk.bench.refund(payment, 10_000)
    any_desk.deliver_all()
    assert any_desk.look(paid["id"])["status"] == "paid"
    dispute = any_desk.bench.dispute(payment)
    any_desk.deliver_all()
    any_desk.bench.close_dispute(dispute, "lost")
    any_desk.deliver_all()
    assert any_desk.look(paid["id"])["status"] == "reversed"
    assert sums(any_desk)["Income:Contributions"] == "-25000.00"
    assert sums(any_desk)["Expenses:Exceptions"] == "10000.00"
    assert sums(any_desk)["Expenses:Disputes"] == "15000.00"
    assert any_desk.broken() == []


@pytest.mark.clause("4.3")
def test_a_late_payment_after_the_feature_closed_is_booked(any_desk: Desk) -> None:
    given = any_desk.given()
    any_desk.close_feature()
    any_desk.bench.pay(given["checkout_url"])
    any_desk.deliver_all()
    assert any_desk.look(given["id"])["status"] == "paid"


def test_money_for_no_attempt_of_ours_is_quarantined(any_desk: Desk) -> None:
    stranger = any_desk.bench.processor
    checkout = stranger.open_checkout(any_desk.order("f" * 32))
    any_desk.bench.pay(checkout.url)
    any_desk.deliver_all()
    assert "quarantined" in statuses(any_desk).values()
    any_desk.session.rollback()
    assert any_desk.session.scalar(select(func.count()).select_from(Movement)) == 0
    assert any_desk.session.scalar(select(func.count()).select_from(FinanceException))


def test_another_amount_than_asked_for_is_quarantined(any_desk: Desk) -> None:
    """The page was opened for other money than the attempt says: nothing moves."""
    given = any_desk.given()
    any_desk.change_amount(given["id"], 30_000)
    any_desk.bench.pay(given["checkout_url"])
    any_desk.deliver_all()
    assert any_desk.look(given["id"])["status"] != "paid"
    assert "quarantined" in statuses(any_desk).values()
    any_desk.sweep()
    any_desk.session.rollback()
    assert any_desk.session.scalar(select(func.count()).select_from(Movement)) == 0


@pytest.mark.parametrize("size", [0, 1, 1000, 100_000])
def test_garbage_is_refused(any_desk: Desk, size: int) -> None:
    bodies = [b"\x00" * size, b"{" * size, b'"' + b"x" * size, b"[1]" if size else b"{}"]
    for body in bodies:
        forged = any_desk.bench.forge(body)
        for delivery in (forged, type(forged)(body, body, {})):
            response = any_desk.deliver(delivery)
            assert response.status_code == 400, response.text
            assert response.get_json()["code"] in ("bad_event", "bad_signature")


def test_a_megabyte_is_too_much(any_desk: Desk) -> None:
    response = any_desk.deliver(any_desk.bench.forge(b"x" * 1_000_000))
    assert response.status_code == 413
    assert response.get_json()["code"] == "body_too_large"


def test_the_processor_away_leaves_the_event_waiting_and_it_comes_in_later(any_desk: Desk) -> None:
    given = any_desk.given()
    any_desk.bench.pay(given["checkout_url"])
    any_desk.bench.settle()
    told = any_desk.bench.deliveries()
    any_desk.bench.wire.away = True
    for delivery in told:
        assert any_desk.deliver(delivery).status_code == 200
    any_desk.bench.wire.away = False
    any_desk.retry_waiting()
    assert any_desk.look(given["id"])["status"] == "paid"
    assert "waiting" not in statuses(any_desk).values()
    assert any_desk.broken() == []


@pytest.mark.clause("5.1", "5.2")
def test_what_is_kept_holds_nothing_of_the_payer(any_desk: Desk) -> None:
    any_desk.paid()
    any_desk.session.rollback()
    for kept in any_desk.session.scalars(select(ReceivedEvent.projection)):
        assert "@" not in json.dumps(kept)
