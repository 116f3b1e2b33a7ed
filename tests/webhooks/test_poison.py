"""Events that cannot be applied: set aside or waiting, stopping nothing, and applied once they can be."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.contributions import settle
from service.finance.model import Movement
from service.jobs.schedule import SCHEDULES, run
from service.processors.base import Happening
from service.webhooks.model import ReceivedEvent
from tests.support.desk import Desk
from tests.support.sandbox import Delivery

RETRY = next(it for it in SCHEDULES if it.name == "retry_waiting")
SIX_HOURS, ONE_DAY = timedelta(hours=6), timedelta(days=1)
BUGS = [ValueError, ZeroDivisionError, RuntimeError, AssertionError, RecursionError, StopIteration]


class Poison:
    """A bug in applying what is told of one attempt; ``error`` None mends it."""

    def __init__(self) -> None:
        self.attempt_id: str | None = None
        self.error: type[Exception] | None = None
        self._apply: Callable[..., settle.Outcome] = settle.apply

    def apply(self, session: Any, processor: str, happening: Happening, live: bool) -> settle.Outcome:
        if self.error is not None and getattr(happening, "attempt_id", None) == self.attempt_id:
            raise self.error
        return self._apply(session, processor, happening, live)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    made = Poison()
    monkeypatch.setattr(settle, "apply", made.apply)
    return made


@pytest.fixture
def traveller() -> Iterator[Any]:
    with time_machine.travel(clock.now(), tick=False) as made:
        yield made


def paid_events(desk: Desk) -> tuple[dict[str, Any], list[Delivery]]:
    given = desk.given()
    desk.bench.pay(given["checkout_url"])
    return given, desk.bench.deliveries()


def status(desk: Desk, contribution: dict[str, Any]) -> str:
    return str(desk.look(contribution["id"])["status"])


def rows(desk: Desk) -> list[ReceivedEvent]:
    desk.session.rollback()
    desk.session.expire_all()
    return list(desk.session.scalars(select(ReceivedEvent).order_by(ReceivedEvent.id)))


def due(event: ReceivedEvent) -> datetime:
    assert event.next_try_at is not None
    return event.next_try_at


def job(desk: Desk) -> None:
    desk.session.rollback()
    assert run(desk.session, desk.wiring, RETRY)


def waits(desk: Desk, traveller: Any, times: int) -> list[timedelta]:
    """How long the first event waits after each try of the job, which runs when its time has come."""
    found = []
    for _ in range(times):
        traveller.move_to(due(rows(desk)[0]), tick=False)
        job(desk)
        found.append(due(rows(desk)[0]) - clock.now())
    return found


@pytest.mark.parametrize("bug", BUGS)
def test_a_poison_event_is_kept_and_stops_nothing(desk: Desk, poison: Poison, bug: type[Exception]) -> None:
    bad, bad_events = paid_events(desk)
    good, good_events = paid_events(desk)
    poison.attempt_id, poison.error = bad_events[0].event["data"]["attempt_id"], bug
    for delivery in [*bad_events, *good_events]:
        assert desk.deliver(delivery).status_code == 200
    assert (status(desk, bad), status(desk, good)) == ("awaiting_payment", "paid")
    first = rows(desk)[0]
    assert first.status in ("quarantined", "waiting")
    assert bug.__name__ in str(first.reason)
    assert due(first) > clock.now()
    assert len(rows(desk)) == len(bad_events) + len(good_events)


@pytest.mark.parametrize("bug", BUGS)
def test_it_is_tried_less_and_less_often_and_does_not_stop_the_job(
    desk: Desk, poison: Poison, traveller: Any, bug: type[Exception]
) -> None:
    bad, bad_events = paid_events(desk)
    good, good_events = paid_events(desk)
    late = next(it for it in good_events if it.event["type"] == "payment.settled")
    poison.attempt_id, poison.error = bad_events[0].event["data"]["attempt_id"], ValueError
    desk.deliver(bad_events[0])
    poison.error = bug
    desk.deliver(late)
    assert [it.status for it in rows(desk)] == ["quarantined", "waiting"]
    found = waits(desk, traveller, 12)
    assert found == sorted(found)
    assert found[0] < found[3] < found[-1] <= ONE_DAY
    assert rows(desk)[1].tries > 1
    for delivery in good_events:
        assert desk.deliver(desk.bench.signed_again(delivery)).status_code == 200
    traveller.shift(ONE_DAY)
    job(desk)
    assert (status(desk, bad), status(desk, good)) == ("awaiting_payment", "paid")
    assert rows(desk)[1].status == "applied"


@pytest.mark.parametrize("bug", BUGS)
def test_once_the_bug_is_mended_the_job_applies_it(
    desk: Desk, poison: Poison, traveller: Any, bug: type[Exception]
) -> None:
    given, told = paid_events(desk)
    poison.attempt_id, poison.error = told[0].event["data"]["attempt_id"], bug
    for delivery in told:
        desk.deliver(delivery)
    traveller.shift(timedelta(hours=1))
    job(desk)
    assert status(desk, given) == "awaiting_payment"
    poison.error = None
    job(desk)
    assert status(desk, given) == "awaiting_payment"  # its time has not come
    traveller.shift(ONE_DAY)
    job(desk)
    assert status(desk, given) == "paid"
    assert {it.status for it in rows(desk)} <= {"applied", "duplicate"}
    assert all((it.next_try_at, it.reason) == (None, None) for it in rows(desk))
    desk.session.rollback()
    assert sorted(desk.session.scalars(select(Movement.type))) == ["contribution", "fee"]
    assert desk.broken() == []


def test_a_poison_event_is_not_tried_for_ever(desk: Desk, poison: Poison, traveller: Any) -> None:
    _, told = paid_events(desk)
    poison.attempt_id, poison.error = told[0].event["data"]["attempt_id"], ValueError
    desk.deliver(told[0])
    traveller.shift(timedelta(days=31))
    job(desk)
    (row,) = rows(desk)
    assert (row.status, row.next_try_at) == ("quarantined", None)
    poison.error = None
    traveller.shift(ONE_DAY)
    job(desk)
    assert rows(desk)[0].status == "quarantined"
    assert desk.command("webhooks", "replay", row.event_id).output.strip() == "applied"


def test_a_processor_away_is_asked_less_and_less_often(midtrans_desk: Desk, traveller: Any) -> None:
    """Midtrans's notifications say nothing by themselves: its API has to be asked."""
    desk = midtrans_desk
    given, told = paid_events(desk)
    desk.bench.wire.away = True
    assert desk.deliver(told[-1]).get_json()["status"] == "waiting"
    found = waits(desk, traveller, 18)
    assert found[0] < timedelta(seconds=10)
    assert all(after == min(2 * before, SIX_HOURS) for before, after in pairwise(found))
    assert found[-1] == SIX_HOURS
    (row,) = rows(desk)
    assert (row.status, row.reason) == ("waiting", "the processor is away")
    desk.bench.wire.away = False
    job(desk)
    assert status(desk, given) == "awaiting_payment"  # its time has not come
    traveller.shift(SIX_HOURS)
    job(desk)
    assert status(desk, given) == "paid"
    assert desk.broken() == []


def test_sent_again_it_is_tried_at_once(midtrans_desk: Desk) -> None:
    desk = midtrans_desk
    given, told = paid_events(desk)
    desk.bench.wire.away = True
    desk.deliver(told[-1])
    desk.bench.wire.away = False
    assert desk.deliver(told[-1]).status_code == 200
    assert status(desk, given) == "paid"
    (row,) = rows(desk)
    assert (row.status, row.deliveries) == ("applied", 2)


def listed(desk: Desk, *arguments: str) -> list[dict[str, Any]]:
    done = desk.command("webhooks", "list", "--json", *arguments)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.output)
    return found


def test_the_list_says_why_how_often_and_when_again(desk: Desk, poison: Poison) -> None:
    _, bad_events = paid_events(desk)
    _, good_events = paid_events(desk)
    poison.attempt_id, poison.error = bad_events[0].event["data"]["attempt_id"], ValueError
    for delivery in [*bad_events[:1] * 3, *good_events]:
        desk.deliver(delivery)
    (shown,) = listed(desk, "--status", "quarantined")
    kept = rows(desk)[0]
    assert shown["id"] == kept.event_id
    assert (shown["reason"], shown["deliveries"]) == ("bug: ValueError", 3)
    assert datetime.fromisoformat(shown["next_try_at"]) == due(kept).replace(microsecond=0)
    every = listed(desk)
    assert len(every) == len(good_events) + 1
    assert {it["next_try_at"] for it in every if it["status"] == "applied"} == {None}
    assert "next_try_at" in desk.command("webhooks", "list").output
