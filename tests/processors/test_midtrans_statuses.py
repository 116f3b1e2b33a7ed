"""What each status of Midtrans does to a contribution and to the books, through the whole service."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import requests
import time_machine
from flask import Flask
from sqlalchemy import select

from service import clock
from service.db import db
from service.finance.model import Movement
from service.webhooks.model import ReceivedEvent
from tests.support.desk import Desk
from tests.support.sandbox import Delivery

Acts = Sequence[str | tuple[str, int]]


@pytest.fixture
def shop(midtrans_desk: Desk) -> Iterator[Desk]:
    """Never asks while a connection to the database is in use, and never what is forbidden."""
    in_use: list[int] = []
    engine = _engine(midtrans_desk.app)

    def around(call: Callable[[], requests.Response]) -> requests.Response:
        in_use.append(engine.pool.checkedout())
        return call()

    midtrans_desk.bench.wire.around = around
    yield midtrans_desk
    assert set(in_use) == {0}
    fake = midtrans_desk.bench.fake
    assert (fake.unknown_fields, fake.forbidden_calls, fake.unknown_calls) == ([], [], [])
    assert midtrans_desk.broken() == []


def _engine(app: Flask) -> Any:
    with app.app_context():
        return db.engine


def look(desk: Desk, given: dict[str, Any]) -> str:
    return str(desk.look(given["id"])["status"])


def booked(desk: Desk) -> list[str]:
    desk.session.rollback()
    return sorted(desk.session.scalars(select(Movement.type)))


def events(desk: Desk) -> list[ReceivedEvent]:
    desk.session.rollback()
    return list(desk.session.scalars(select(ReceivedEvent).order_by(ReceivedEvent.id)))


def chosen(desk: Desk, method: str = "qris", **changes: Any) -> tuple[dict[str, Any], str]:
    """A contribution whose reader chose how to pay, and the order id of it."""
    given = desk.given(**changes)
    page = desk.bench.fake.page(given["checkout_url"])
    page.enabled = None  # as if cards had been offered too
    return given, desk.bench.fake.choose(given["checkout_url"], method)


def act(desk: Desk, order_id: str, acts: Acts) -> None:
    """Let the fake do these things to a transaction, one after the other."""
    for name in acts:
        verb, arguments = (name, ()) if isinstance(name, str) else (name[0], name[1:])
        getattr(desk.bench.fake, verb)(order_id, *arguments)


TABLE: list[tuple[str, Acts, str, list[str]]] = [
    ("qris", [], "processing", []),
    ("qris", ["settle"], "paid", ["contribution"]),
    ("bank_transfer", ["settle"], "paid", ["contribution"]),
    ("credit_card", ["capture"], "paid", ["contribution"]),
    ("credit_card", ["capture", "settle"], "paid", ["contribution"]),
    ("credit_card", ["challenge"], "processing", []),
    ("credit_card", ["challenge", "accept"], "paid", ["contribution"]),
    ("credit_card", ["challenge", "deny"], "failed", []),
    ("credit_card", ["capture", "cancel"], "reversed", ["contribution", "refund_external"]),
    ("qris", ["deny"], "failed", []),
    ("qris", ["settle", "deny"], "reversed", ["contribution", "refund_external"]),
    ("qris", ["cancel"], "failed", []),
    ("qris", ["expire"], "expired", []),
    ("qris", ["fail"], "failed", []),
    ("qris", ["settle", "refund"], "reversed", ["contribution", "refund_external"]),
    ("qris", ["settle", ("refund", 5_000)], "paid", ["contribution", "refund_external"]),
    (
        "qris",
        ["settle", ("refund", 5_000), "refund"],
        "reversed",
        ["contribution", "refund_external", "refund_external"],
    ),
    ("qris", ["settle", "chargeback"], "reversed", ["chargeback", "contribution"]),
    ("qris", ["settle", ("chargeback", 5_000)], "paid", ["chargeback", "contribution"]),
    (
        "qris",
        ["settle", ("refund", 5_000), "chargeback"],
        "reversed",
        ["chargeback", "contribution", "refund_external"],
    ),
]
NAMES = ["-".join([method, *(str(it) for it in acts)]) for method, acts, _, _ in TABLE]


@pytest.mark.parametrize(("method", "acts", "status", "movements"), TABLE, ids=NAMES)
def test_every_status(shop: Desk, method: str, acts: Acts, status: str, movements: list[str]) -> None:
    """Each told as it happens, and then all of it again in the wrong order."""
    given, order_id = chosen(shop, method)
    told = shop.bench.deliveries()
    shop.deliver(told[0])
    for one in acts:
        act(shop, order_id, [one])
        news = shop.bench.deliveries()
        told += news
        for delivery in news:
            assert shop.deliver(delivery).status_code == 200
    assert (look(shop, given), booked(shop)) == (status, movements)
    for delivery in reversed(told):
        assert shop.deliver(delivery).get_json()["status"] == "duplicate"
    shop.sweep()
    assert (look(shop, given), booked(shop)) == (status, movements)


@pytest.mark.parametrize(("method", "acts", "status", "movements"), TABLE, ids=NAMES)
def test_every_status_when_only_the_end_is_seen(
    shop: Desk, method: str, acts: Acts, status: str, movements: list[str]
) -> None:
    """The notifications come late and backwards: the API tells the end of the story each time."""
    given, order_id = chosen(shop, method)
    act(shop, order_id, acts)
    for delivery in reversed(shop.bench.deliveries()):
        assert shop.deliver(delivery).status_code == 200
    unseen = status == "reversed" and acts[-1] in ("deny", "cancel")
    assert look(shop, given) == ("failed" if unseen else status)
    assert booked(shop) == ([] if unseen else movements)


@pytest.mark.parametrize("claim", ["settlement", "capture", "refund", "chargeback"])
def test_a_status_that_somebody_changed_is_not_believed(shop: Desk, claim: str) -> None:
    """The signature of a notification covers neither its status nor its fraud status."""
    given, order_id = chosen(shop)
    genuine = shop.bench.deliveries()[0]
    event = {**genuine.event, "transaction_status": claim, "fraud_status": "accept"}
    for forged in (
        Delivery(event, json.dumps(event).encode(), genuine.headers),
        shop.bench.forge({**event, "status_code": "200"}),
    ):
        assert shop.deliver(forged).status_code == 200
        assert look(shop, given) == "processing"
    assert booked(shop) == []
    shop.bench.fake.settle(order_id)
    shop.deliver_all()
    shop.sweep()
    assert look(shop, given) == "paid"


def test_a_forged_end_does_not_undo_a_payment(shop: Desk) -> None:
    paid = shop.paid()
    (order_id,) = shop.bench.fake.world.transactions
    for claim in ("deny", "cancel", "expire", "failure", "refund", "chargeback", "pending", "nonsense"):
        told = shop.bench.fake.transaction(order_id)
        event = {"order_id": order_id, "status_code": "200", "gross_amount": "25000.00"}
        forged = shop.bench.forge({**event, "transaction_status": claim, "transaction_id": told.id})
        assert shop.deliver(forged).status_code == 200
    assert look(shop, paid) == "paid"
    assert booked(shop) == ["contribution"]


def test_duplicates_are_counted_and_book_nothing(shop: Desk) -> None:
    given = shop.given()
    shop.bench.pay(given["checkout_url"])
    told = shop.bench.deliveries()
    for delivery in told * 4:
        assert shop.deliver(delivery).status_code == 200
    assert [it.deliveries for it in events(shop)] == [4, 4]
    assert booked(shop) == ["contribution"]


def test_a_page_that_ended_in_silence_is_expired_and_late_money_is_booked(shop: Desk) -> None:
    given = shop.given()
    with time_machine.travel(clock.now(), tick=False) as traveller:
        traveller.shift(shop.wiring.checkout_lifetime + timedelta(minutes=6))
        assert shop.bench.fake.pass_time() == []
        assert shop.bench.deliveries() == []
        shop.sweep()
        assert look(shop, given) == "expired"
        page = shop.bench.fake.page(given["checkout_url"])
        # A bank that let somebody through a page which was closed by then.
        page.canceled_at, page.closes_at, page.pays_within = None, page.closes_at * 2, None
        shop.bench.pay(given["checkout_url"])
        shop.deliver_all()
    assert look(shop, given) == "paid"
    assert booked(shop) == ["contribution"]


@pytest.mark.parametrize("taken_status", [406, 400])
def test_the_payment_of_a_later_suffix_settles_the_same_attempt(shop: Desk, taken_status: int) -> None:
    """The first page's address was lost, and its key is forgotten by the second try."""
    shop.bench.fake.api.taken_status = taken_status
    with time_machine.travel(clock.now(), tick=False) as traveller:
        shop.bench.fake.fail_next("timeout_after_success", 2)
        assert shop.give("lost").status_code == 503
        shop.bench.end_faults()
        traveller.shift(timedelta(minutes=6))
        given = shop.give("lost").get_json()
        assert shop.bench.fake.page(given["checkout_url"]).order_id.endswith("-2")
        shop.bench.pay(given["checkout_url"])
        shop.deliver_all()
    assert look(shop, given) == "paid"
    assert booked(shop) == ["contribution"]


@pytest.mark.parametrize("as_http", [False, True])
def test_either_way_of_saying_that_nothing_is_known_yet(shop: Desk, as_http: bool) -> None:
    shop.bench.fake.api.core_errors_as_http = as_http
    given = shop.given()
    assert shop.sweep().failed == []
    assert look(shop, given) == "awaiting_payment"
