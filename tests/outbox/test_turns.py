"""Whose turn it is: what fails holds up nothing else, and a worker that stops leaves nothing behind."""

import threading
from datetime import timedelta

import pytest
import requests
import time_machine
from sqlalchemy.orm import Session

from service.errors import ProcessorUnavailable
from service.jobs import closing, effects, retaining, worker
from service.outbox.model import OutboxRow
from service.privacy import retention
from service.processors import resting
from service.wiring import Wiring
from tests.outbox.effects import Seen, put_now, rows, run
from tests.support.desk import Desk


def test_what_was_never_tried_comes_before_what_failed(desk: Desk, traveller: time_machine.Traveller) -> None:
    for number in range(3):
        put_now(desk, "mail", f"failed {number}")
    run(desk, Seen("failed 0", "failed 1", "failed 2"))
    traveller.shift(timedelta(seconds=3))  # the failed ones have been due for a second
    put_now(desk, "mail", "new")
    seen = Seen()
    assert run(desk, seen) == 4
    assert seen.subjects == ["new", "failed 0", "failed 1", "failed 2"]


def test_a_processor_that_is_away_is_not_asked_for_every_row(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    """Each call that runs out of time would hold up what others could do meanwhile."""
    given = [desk.given() for _ in range(5)]
    desk.close_feature()
    calls: list[int] = []

    def away(_call: object) -> requests.Response:
        calls.append(1)
        raise requests.ConnectionError

    desk.sandbox.wire.around = away
    assert desk.work_off() == 0
    once = len(calls)
    assert once < len(given), "of one row, with its repeats"
    assert {row.last_error for row in rows(desk).values()} == {"ProcessorUnavailable"}
    traveller.shift(timedelta(seconds=2))
    assert desk.work_off() == 0
    assert len(calls) == 2 * once, "one row finds out whether it is back"
    desk.sandbox.wire.around = None
    traveller.shift(timedelta(seconds=4))
    assert desk.work_off() == 5
    assert {desk.look(it["id"])["status"] for it in given} == {"expired"}


def test_trouble_of_our_own_is_none_of_the_processors(desk: Desk, traveller: time_machine.Traveller) -> None:
    processor = desk.wiring.processors.current
    with pytest.raises(ProcessorUnavailable), resting.considered(processor):
        raise ProcessorUnavailable
    traveller.shift(timedelta(seconds=3))
    with pytest.raises(ZeroDivisionError), resting.considered(processor):
        raise ZeroDivisionError
    with resting.considered(processor):
        """It is asked at once."""


def test_a_processor_that_refuses_one_call_goes_on_being_asked(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    given = [desk.given() for _ in range(3)]
    desk.close_feature()
    left = [1]

    def refuse_once(call: object) -> requests.Response:
        response: requests.Response = call()  # type: ignore[operator]  # the call itself
        if left:
            left.pop()
            response.status_code = 409
        return response

    desk.sandbox.wire.around = refuse_once
    assert desk.work_off() == 2
    traveller.shift(timedelta(seconds=2))
    assert desk.work_off() == 1
    assert {desk.look(it["id"])["status"] for it in given} == {"expired"}


class Slow:
    """An effect that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self, session: Session, wiring: Wiring, row: OutboxRow) -> None:
        self.begun.set()
        assert self.let_go.wait(20)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    monkeypatch.setattr(effects, "EFFECTS", {})
    monkeypatch.setattr(effects.run_due, "__defaults__", ({"mail": made}, None))
    return made


def test_a_worker_that_stops_gives_back_what_it_cannot_end(
    desk: Desk, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_ENDS_WITHIN", 0.1)
    put_now(desk, "mail", "a")
    with worker.outbox_worked_off(desk.app):
        assert slow.begun.wait(20)
        assert rows(desk)["a"].leased_until is not None
    seen = Seen()
    assert rows(desk)["a"].leased_until is None
    assert run(desk, seen) == 1, "another worker goes on at once"
    slow.let_go.set()
    for thread in threading.enumerate():
        if thread.name == "outbox":
            thread.join(20)


def test_a_worker_that_stops_ends_what_it_can_and_begins_nothing(
    desk: Desk, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_AT_ONCE", 1)
    for subject in ("a", "b"):
        put_now(desk, "mail", subject)
    with worker.outbox_worked_off(desk.app) as hands:
        assert slow.begun.wait(20)
        hands.stopping.set()
        slow.let_go.set()
    told = rows(desk)
    assert told["a"].done_at is not None
    assert told["b"].attempts == 0


@pytest.mark.clause("5.1")
def test_clause_5_1_what_was_done_long_ago_is_forgotten_and_not_done_again(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    """An address is kept for a year, so what says that a letter went to it stays for longer."""
    given = desk.given()
    desk.close_feature()
    put_now(desk, "mail", "letter")
    put_now(desk, "of the future", "still to be done")
    seen = Seen()
    every = {**effects.EFFECTS, "mail": seen}
    effects.run_due(desk.session, desk.wiring, every)
    for days, left in (
        (89, {"letter", "expired"}),
        (2, {"letter"}),
        (638, {"letter"}),
        (2, set()),
    ):
        traveller.shift(timedelta(days=days))
        retaining.run(desk.session, desk.wiring)
        kept = {
            subject if row.kind != "expire_checkout" else "expired" for subject, row in rows(desk).items()
        }
        assert kept == left | {"still to be done"}
        closing.catch_up(desk.session, desk.wiring)
        assert desk.look(given["id"])["status"] == "expired"
    counts = retention.last_runs(desk.session, 4)
    assert [(run.counts["done_effect"], run.counts["sent_letter"]) for run in reversed(counts)] == [
        (0, 0), (1, 0), (0, 0), (0, 1),
    ]  # fmt: skip
