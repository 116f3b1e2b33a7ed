"""What closing does to checkouts that are open (clause 4.3), and what becomes of late money."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import give
from service.contributions.model import Attempt
from service.controls import switches
from service.db import transaction
from service.jobs import closing
from service.outbox.model import OutboxRow
from service.processors.base import Checkout
from tests.support.databases import Postgresql
from tests.support.desk import ARTICLE, Desk

ELSEWHERE = "https://money.kompas.com/read/2026/11/20/harga-beras"
HOUR = timedelta(hours=1)


def put_down(desk: Desk) -> set[str]:
    """The contributions whose checkouts are to be expired, or were."""
    desk.session.rollback()
    rows = select(Attempt.contribution_id).join(OutboxRow, OutboxRow.subject == Attempt.id)
    return set(desk.session.scalars(rows.where(OutboxRow.kind == "expire_checkout")))


def counts(desk: Desk, scope: str = "all") -> tuple[int, int, int]:
    desk.session.rollback()
    answer = desk.client.get("/api/v1/desk/feature", headers=desk.headers("auditor")).get_json()
    found = next(it for it in answer["items"] if it["scope"] == scope)
    return found["open_checkouts"], found["expired"], found["paid_late"]


@pytest.mark.clause("4.3")
@pytest.mark.parametrize(
    ("scope", "closed"),
    [
        ("all", {"here", "beside", "elsewhere"}),
        ("section:Kemensos", {"here", "beside"}),
        (f"article:{ARTICLE}", {"here"}),
    ],
)
def test_clause_4_3_closing_expires_the_open_checkouts_of_its_scope(
    desk: Desk, scope: str, closed: set[str]
) -> None:
    articles = {"here": ARTICLE, "beside": f"{ARTICLE}-2", "elsewhere": ELSEWHERE}
    given = {name: desk.given(article={"url": url}) for name, url in articles.items()}
    desk.close_feature(scope)
    assert put_down(desk) == {given[name]["id"] for name in closed}
    assert desk.work_off() == len(closed)
    statuses = {name: desk.look(answer["id"])["status"] for name, answer in given.items()}
    assert {name for name, status in statuses.items() if status == "expired"} == closed
    assert set(statuses.values()) <= {"expired", "awaiting_payment"}
    assert counts(desk, scope) == (0, len(closed), 0)
    assert desk.broken() == []


def test_closing_at_every_processor(any_desk: Desk) -> None:
    answer = any_desk.given()
    any_desk.close_feature()
    any_desk.work_off()
    assert any_desk.look(answer["id"])["status"] == "expired"
    assert any_desk.broken() == []


@pytest.mark.clause("4.3")
def test_what_was_paid_a_moment_before_is_booked_not_expired(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.close_feature()
    desk.work_off()
    assert desk.look(answer["id"])["status"] == "paid"
    assert counts(desk) == (0, 0, 1)
    assert len(desk.export()) == 2


@pytest.mark.clause("4.3")
def test_clause_4_3_late_money_is_booked_while_closed(desk: Desk) -> None:
    """The payment was pending at the bank when the editor closed."""
    answer = desk.given()
    desk.bench.pay_slowly(answer["checkout_url"])
    desk.deliver_all()
    desk.close_feature()
    desk.work_off()
    desk.bench.finish_slow()
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "paid"
    assert len(desk.export()) == 2
    assert counts(desk)[2] == 1
    assert desk.broken() == []


def test_money_that_comes_after_the_expiry_is_booked(desk: Desk) -> None:
    """The page was expired, and a payer who still had it open got through."""
    answer = desk.given()
    desk.close_feature()
    desk.work_off()
    assert desk.look(answer["id"])["status"] == "expired"
    store = desk.sandbox.parts.store
    checkout = next(iter(store.every("checkout")))
    store.put("checkout", checkout | {"status": "open"})
    desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "paid"
    assert counts(desk) == (0, 0, 1)
    assert len(desk.export()) == 2
    assert desk.broken() == []


def test_a_checkout_that_opens_just_after_the_closing_is_expired_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Checkout] = []

    def slowly(order: Any) -> Checkout:
        opened.append(open_checkout(order))
        desk.close_feature()  # while the processor is answering
        return opened[-1]

    open_checkout = desk.sandbox.open_checkout
    monkeypatch.setattr(desk.sandbox, "open_checkout", slowly)
    problem = desk.give(key="k").get_json()
    assert (problem["code"], problem["clause"]) == ("feature_closed", "4.3")
    assert desk.work_off() == 1
    monkeypatch.undo()
    again = desk.give(key="k").get_json()
    assert (again["status"], again["checkout_url"]) == ("expired", None)
    assert desk.broken() == []


def test_a_checkout_found_after_a_crash_in_a_closed_scope_is_expired(
    desk: Desk, traveller: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the processor's answer and its record."""
    with monkeypatch.context() as dying:
        dying.setattr(give, "record_checkout", lambda *_: 1 / 0)
        assert desk.give().status_code == 500
    desk.close_feature()
    assert put_down(desk) == set()
    traveller.shift(timedelta(minutes=2))
    desk.sweep()
    assert len(put_down(desk)) == 1
    desk.work_off()
    assert desk.session.scalars(select(Attempt.state)).one() == "expired"


def test_nobody_records_a_checkout_unseen_by_who_closes(
    postgresql_desk: Desk, postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout is being recorded on one connection while another closes: the closing waits
    for it, so that one of the two puts it down."""
    desk = postgresql_desk
    desk.sandbox.away = True
    desk.give(key="k")
    attempt_id = desk.session.scalars(select(Attempt.id)).one()
    desk.session.rollback()
    engine, recorded, closed = create_engine(postgresql.sqlalchemy_url), threading.Event(), threading.Event()

    def record() -> None:
        with Session(engine) as session, transaction(session):
            give.record_checkout(
                session, attempt_id, Checkout("ch_1", "http://sandbox.test/c/1", clock.now())
            )
            recorded.set()
            closed.wait(0.5)  # without the lock, the closing is through by now

    recording = threading.Thread(target=record)
    recording.start()
    recorded.wait(20)
    desk.close_feature()
    closed.set()
    recording.join()
    engine.dispose()
    assert len(put_down(desk)) == 1


def test_a_scheduled_closing_expires_when_it_begins(desk: Desk, traveller: time_machine.Traveller) -> None:
    first = desk.given()
    desk.close_feature(from_at=clock.now() + HOUR)
    assert desk.work_off() == 0
    second = desk.given()
    traveller.shift(HOUR)
    assert desk.work_off() == 3  # the closing, and two checkouts
    assert {desk.look(it["id"])["status"] for it in (first, second)} == {"expired"}
    assert desk.give().get_json()["code"] == "feature_closed"
    assert counts(desk) == (0, 2, 0)


def test_a_scheduled_closing_that_was_taken_back_expires_nothing(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    answer = desk.given()
    desk.close_feature(from_at=clock.now() + HOUR)
    desk.open_feature()
    traveller.shift(HOUR)
    desk.work_off()
    assert put_down(desk) == set()
    assert desk.look(answer["id"])["status"] == "awaiting_payment"


def test_closing_again_after_opening_expires_what_was_opened_between(desk: Desk) -> None:
    for _ in range(2):
        answer = desk.given()
        desk.close_feature()
        desk.work_off()
        assert desk.look(answer["id"])["status"] == "expired"
        desk.open_feature()
    assert counts(desk)[:2] == (0, 1)  # of the latest closing


def test_a_processor_that_is_away_is_asked_again_soon(desk: Desk, traveller: time_machine.Traveller) -> None:
    answer = desk.given()
    desk.close_feature()
    desk.sandbox.away = True
    assert desk.work_off() == 0
    row = desk.session.scalars(select(OutboxRow)).one()
    assert row.last_error == "ProcessorUnavailable"
    desk.session.rollback()
    assert "expire_checkout" in desk.client.get("/readyz").get_json()["checks"]["outbox"]
    desk.sandbox.away = False
    traveller.shift(timedelta(seconds=2))
    assert desk.work_off() == 1
    assert desk.look(answer["id"])["status"] == "expired"
    assert desk.client.get("/readyz").get_json()["checks"]["outbox"] == "ok"


def test_what_was_missed_is_caught_up_with_and_found_by_the_check(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    """As where the clocks of two nodes differ: an open checkout in a closed scope, put down by nobody."""
    desk.given()
    desk.close_feature()
    with transaction(desk.session):
        desk.session.delete(desk.session.scalars(select(OutboxRow)).one())
    assert desk.broken() == []
    traveller.shift(timedelta(minutes=6))
    assert [found.invariant for found in desk.broken()] == ["closed_scopes_are_closed_down"]
    closing.catch_up(desk.session, desk.wiring)
    assert len(put_down(desk)) == 1
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(switches, "stop_openings", lambda _session: 1 / 0)
        closing.catch_up(desk.session, desk.wiring)  # nothing is missed, so nobody is held up
    traveller.shift(timedelta(minutes=6))
    assert [found.invariant for found in desk.broken()] == ["outbox_is_worked_off"]
    desk.work_off()
    assert desk.broken() == []
