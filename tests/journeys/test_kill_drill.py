"""kill -9 under load: whatever moment it hits, one sweep ends in the right books."""

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from tests.journeys import books
from tests.journeys.apart import Apart
from tests.journeys.readers import Readers
from tests.support.databases import create_database

SEED = int(os.environ.get("KILL_DRILL_SEED", "11"))
SCRIPTS: list[dict[str, bool | int | str]] = [
    {"duplicate": 3, "shuffle": True, "count": 30}, {"duplicate": 2, "delay_s": 1, "count": 30},
    {"delay_s": 3, "count": 20}, {"drop": 10, "count": 20}, {"error": "500", "count": 3}, {"reset": True},
]  # fmt: skip
LEASE = 75  # seconds after which every key that was held at a kill has been freed


@dataclass
class Drill:
    """Who is killed, who is there and survives, and how often; whether there is time to wait
    until every key is answered."""

    killed: tuple[str, ...]
    survive: tuple[str, ...]
    kills: int
    insists: bool = True


DRILLS = [
    pytest.param(Drill(("serve",), ("sandbox", "worker"), 3, insists=False), id="three kills"),
    pytest.param(Drill(("serve",), ("sandbox",), 200), id="the server", marks=pytest.mark.drill),
    pytest.param(Drill(("serve",), ("sandbox", "worker"), 50), id="beside a worker", marks=pytest.mark.drill),
    pytest.param(
        Drill(("serve", "worker"), ("sandbox",), 50), id="server and worker", marks=pytest.mark.drill
    ),
]


@pytest.fixture
def service(tmp_path: Path, worker_id: str) -> Iterator[Apart]:
    """Nothing started yet, on an empty PostgreSQL database."""
    url = create_database(f"killed_{worker_id}")
    with Apart(tmp_path, url) as made:
        yield made


@pytest.mark.parametrize("drill", DRILLS)
def test_killed_at_any_moment_the_books_are_right_after_one_sweep(
    service: Apart, drill: Drill, capfd: pytest.CaptureFixture[str]
) -> None:
    began = monotonic()
    service.run(*drill.survive, *drill.killed)
    readers = Readers(service, SEED)
    readers.start()
    try:
        in_flight = _kill_at_random(service, readers, drill)
    finally:
        readers.stop()
    if drill.insists:
        readers.insist(LEASE)
    service.control(reset=True)
    books.let_pending_payments_end(service, readers.pending)
    service.command("sweep")
    taken, booked = books.taken(service), books.booked(service)
    with capfd.disabled():
        sys.stderr.write(_figures(drill, readers, in_flight, len(taken) // 2, monotonic() - began))
    assert readers.odd == []
    assert books.differences(taken, booked) == []
    _check_keys(readers, booked, drill)
    assert service.command_json("check")["ok"] is True
    assert all(service.is_running(name) for name in drill.survive)
    assert not [name for name in drill.killed if "Traceback" in service.log_of(name).read_text()]


def _kill_at_random(service: Apart, readers: Readers, drill: Drill) -> list[int]:
    """From at once to a second after the server answers; how many requests were on their way
    at each kill of the server."""
    chance, moment, in_flight = random.Random(SEED), Event(), []
    for _ in range(drill.kills):
        if chance.random() < 0.3:
            service.control(**chance.choice(SCRIPTS))
        moment.wait(chance.choice((0.05, 1, 1, 2)) * chance.random())
        doomed = chance.choice((drill.killed, drill.killed, drill.killed[:1], drill.killed[-1:]))
        if "serve" in doomed:
            in_flight.append(readers.in_flight)
        for name in doomed:
            service.kill(name)
        service.run(*doomed)
        assert readers.odd == []
    return in_flight


def _check_keys(readers: Readers, booked: books.Rows, drill: Drill) -> None:
    """A key means one contribution, a contribution one key, and nothing else was paid."""
    ids = [id_ for given in readers.gifts for id_ in given.ids]
    assert [given.key for given in readers.gifts if len(given.ids) > 1] == []
    assert len(ids) == len(set(ids))
    assert {row[2] for row in booked} <= set(ids)
    assert booked
    if drill.insists:
        assert readers.unanswered == []


def _figures(drill: Drill, readers: Readers, in_flight: list[int], payments: int, took: float) -> str:
    answers = ", ".join(f"{what} {status}: {count}" for (what, status), count in sorted(readers.seen.items()))
    return (
        f"\nkill drill of {' and '.join(drill.killed)}, beside {' and '.join(drill.survive)}: seed {SEED}, "
        f"{drill.kills} kills in {took:.0f} s, {payments} payments, {len(readers.gifts)} keys "
        f"({len(readers.unanswered)} without an answer), requests in flight at kills of the server: "
        f"{sum(in_flight)} in all, at {sum(map(bool, in_flight))} of {len(in_flight)} kills\n  {answers}\n"
    )
