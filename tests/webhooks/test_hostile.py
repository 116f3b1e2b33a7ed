"""What a hostile reader tried: odd signatures, two at once, refused and foreign objects, odd signs."""

import json
import socket
import threading
import time
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import asking, queries, sweep
from service.contributions.model import Attempt
from service.db import transaction
from service.errors import ProcessorRefused, ProcessorUnavailable
from service.finance import books, postings
from service.finance.model import FinanceException, Movement
from service.jobs import reconciling
from service.money import Money
from service.processors import base, http
from service.webhooks import inbox
from tests.support.desk import Desk


def exceptions(desk: Desk) -> list[str]:
    desk.session.rollback()
    return list(desk.session.scalars(select(FinanceException.kind)))


def test_a_signature_that_is_no_ascii_is_refused(stripe_desk: Desk) -> None:
    header = f"t={int(time.time())},v1=\xe9"
    refused = stripe_desk.client.post("/webhooks/stripe", data=b"{}", headers={"Stripe-Signature": header})
    assert (refused.status_code, refused.get_json()["code"]) == (400, "bad_signature")


@pytest.mark.parametrize("field", ["signature_key", "order_id", "status_code", "gross_amount"])
def test_half_a_character_is_refused(midtrans_desk: Desk, field: str) -> None:
    body = {"order_id": "a", "status_code": "200", "gross_amount": "1", "signature_key": "x", field: "\ud800"}
    refused = midtrans_desk.client.post("/webhooks/midtrans", data=json.dumps(body).encode())
    assert refused.status_code == 400


def test_a_status_of_any_length_is_answered(midtrans_desk: Desk) -> None:
    midtrans_desk.bench.pay(midtrans_desk.given()["checkout_url"])
    body = json.loads(midtrans_desk.bench.deliveries()[0].body) | {"transaction_status": "s" * 95}
    answer = midtrans_desk.client.post("/webhooks/midtrans", data=json.dumps(body).encode())
    assert answer.status_code in (200, 400)


def test_a_negative_payout_comes_from_the_bank() -> None:
    told = base.PayoutMade("po_1", "txn", clock.now(), Money(-500, "IDR"), date(2026, 1, 1), None, live=False)
    draft = postings.payout(told, "stripe")
    assert (draft.debit, draft.credit) == ("Assets:Processor:Stripe", "Assets:Bank")


def test_swapped_accounts_are_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    true_moved = postings._moved

    def swapped(fact: Any, kind: str, gross: Money, debit: str, credit: str) -> postings.Draft:
        return true_moved(fact, kind, gross, credit, debit)

    desk.paid()
    monkeypatch.setattr(postings, "_moved", swapped)
    desk.bench.refund(desk.bench.took()[0].payment_ref, 10_000)
    desk.deliver_all()
    assert [it.invariant for it in desk.broken()] == ["postings_follow_movements"]


def today_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "_complete_days", lambda *_: [clock.jakarta_date(clock.now())])


@pytest.mark.parametrize("which", ["mistyped", "manual"])
def test_a_payout_that_cannot_be_listed_stops_no_other(
    stripe_desk: Desk, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    stripe_desk.paid()
    if which == "manual":
        stripe_desk.bench.fake.pay_out(automatic=False)
        stripe_desk.deliver_all()
    else:
        body, headers = {"payout": "po_typo"}, stripe_desk.headers("finance")
        stripe_desk.client.post("/api/v1/desk/finance/reconciliations", json=body, headers=headers)
    stripe_desk.session.rollback()
    today_is_due(monkeypatch)
    done = reconciling.run_due(stripe_desk.session, stripe_desk.wiring)
    assert len(done) == 2
    assert reconciling.run_due(stripe_desk.session, stripe_desk.wiring) == []
    assert reconciling.DIFFERENCES.labels("stripe")._value.get() == 1


def test_what_is_not_ours_in_the_account_is_an_adjustment(
    stripe_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = stripe_desk
    desk.paid()
    price = {"currency": "idr", "unit_amount": 9_900_000, "product_data": {"name": "A book"}}
    made = desk.bench.processor.client.v1.checkout.sessions.create(
        params={
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": "https://shop.test/",
        }
    )
    desk.bench.pay(made.url)
    desk.bench.settle()
    desk.bench.pay_out()
    desk.deliver_all()
    today_is_due(monkeypatch)
    reconciling.run_due(desk.session, desk.wiring)
    monkeypatch.setattr("service.finance.invariants._GRACE", timedelta(days=-1))
    assert desk.broken() == []
    assert exceptions(desk) == ["adjustment"]
    held = {it.account: it.amount.minor for it in books.balances(desk.session)}
    assert held["Assets:Processor:Stripe"] == desk.bench.balance() == 0


def test_a_dispute_of_the_whole_after_a_refund_is_shown_to_finance(stripe_desk: Desk) -> None:
    stripe_desk.paid()
    payment = stripe_desk.bench.took()[0].payment_ref
    stripe_desk.bench.refund(payment, 10_000)
    stripe_desk.bench.fake.dispute(payment)
    stripe_desk.deliver_all()
    assert sorted(exceptions(stripe_desk)) == ["chargeback", "refund_external", "reversed_more_than_paid"]
    assert stripe_desk.broken() == []


def test_a_failed_payout_whose_row_comes_later_waits_for_it(stripe_desk: Desk) -> None:
    desk = stripe_desk
    desk.paid()
    payout = desk.bench.pay_out()
    desk.deliver_all()
    desk.bench.fail_payout(payout)
    kept = desk.bench.fake._store.by_id[payout]
    row, kept["failure_balance_transaction"] = kept["failure_balance_transaction"], None
    desk.deliver_all()
    kept["failure_balance_transaction"] = row
    desk.retry_waiting()
    assert "payout_failed" in desk.session.scalars(select(Movement.type)).all()


@pytest.mark.parametrize("problem", [ProcessorRefused, RuntimeError])
def test_one_attempt_in_trouble_does_not_stop_the_sweep(
    stripe_desk: Desk, monkeypatch: pytest.MonkeyPatch, problem: type[Exception]
) -> None:
    for _ in range(3):
        stripe_desk.given()
    true_ask, first, seen = stripe_desk.bench.processor.ask, [], set()

    def ask(ref: str) -> Any:
        first.append(ref)
        if ref == first[0]:
            raise problem
        seen.add(ref)
        return true_ask(ref)

    monkeypatch.setattr(stripe_desk.bench.processor, "ask", ask)
    swept = stripe_desk.sweep()
    assert (len(seen), len(swept.failed)) == (2, 1)


@pytest.mark.parametrize("paid", [True, False])
def test_old_questions_are_asked_seldom(any_desk: Desk, paid: bool) -> None:
    any_desk.given()
    if paid:
        any_desk.bench.pay(any_desk.given()["checkout_url"])
        any_desk.deliver_all()
    with transaction(any_desk.session):
        for attempt in any_desk.session.scalars(select(Attempt)):
            attempt.created_at = clock.now() - timedelta(hours=10)
            attempt.asked_at = clock.now() - timedelta(minutes=11)
    assert sweep.sweep(any_desk.session, any_desk.wiring).asked == 0


def test_sweep_and_webhook_lock_in_one_order(postgresql_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = postgresql_desk
    desk.bench.pay(desk.given()["checkout_url"])
    hooks = desk.bench.deliveries()
    attempt = desk.session.scalars(select(Attempt)).one()
    id_, told = attempt.id, desk.bench.processor.ask(attempt.checkout_ref)
    desk.session.rollback()
    asked, locked = threading.Event(), threading.Event()
    true_lock, answers, engine = queries.lock, [], desk.session.get_bind()

    def lock(session: Session, contribution_id: str) -> Any:
        if threading.current_thread().name == "sweep":
            asked.set()
            locked.wait(2)
            return true_lock(session, contribution_id)
        asked.wait(2)
        found = true_lock(session, contribution_id)
        locked.set()
        return found

    def sweeping() -> None:
        with Session(engine, expire_on_commit=False) as session:
            answers.append(asking.take(session, id_, desk.bench.processor, told) >= 0)

    def receiving() -> None:
        answers.extend(desk.deliver(hook).status_code == 200 for hook in hooks)

    monkeypatch.setattr(queries, "lock", lock)
    threads = [
        threading.Thread(target=sweeping, name="sweep"),
        threading.Thread(target=receiving, name="hook"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * (1 + len(hooks))


def test_one_payout_told_twice_at_once_is_booked_once(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    engine, both, answers = desk.session.get_bind(), threading.Barrier(2, timeout=10), []
    made = base.PayoutMade(
        "po_1", "txn_1", clock.now(), Money(100, "IDR"), date(2026, 11, 1), None, live=False
    )

    def receive(number: int) -> None:
        event = base.ProcessorEvent(f"evt_{number}", "payout.paid", (made,), {"type": "payout.paid"})
        with Session(engine, expire_on_commit=False) as session:
            both.wait()
            answers.append(inbox.receive(session, "sandbox", event, b"x", desk.wiring))

    threads = [threading.Thread(target=receive, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["applied", "duplicate"]
    assert exceptions(desk) == []


@pytest.mark.parametrize("stalls", [False, True])
def test_a_body_that_trickles_or_stalls_is_given_up_on(monkeypatch: pytest.MonkeyPatch, stalls: bool) -> None:
    monkeypatch.setattr(http, "TIMEOUT", (0.2, 0.3))
    server, ended = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def trickle() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(9_999)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not ended.wait(5 if stalls else 0.1):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    thread = threading.Thread(target=trickle)
    thread.start()
    began = time.monotonic()
    with pytest.raises(ProcessorUnavailable):
        http.Client(f"http://127.0.0.1:{server.getsockname()[1]}", http.Bearer("k")).call("GET", "/x")
    assert time.monotonic() - began < 3
    ended.set()
    thread.join()
    server.close()
