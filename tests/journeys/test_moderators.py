"""Eight moderators' programs crash, the server is killed: each message is decided exactly once."""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from service import clock
from service.contributions.model import Message
from service.moderation.model import Decision
from tests.journeys.apart import Apart
from tests.journeys.desk_records import (
    Line,
    Records,
    broken_histories,
    broken_leases,
    told_twice,
    with_leases,
)
from tests.journeys.moderators import SECOND_EYES, Day, Moderators, Told
from tests.journeys.stack import wait_for
from tests.support.databases import create_database, sqlalchemy_url

SEED = int(os.environ.get("MODERATORS_SEED", "11"))
ROLES = ("moderator",) * 6 + ("lead",) * 2


@dataclass
class Shift:
    """How much there is to do on which database, and what goes wrong meanwhile."""

    database: str
    messages: int
    kills: int
    crashes: float  # chance at each request
    lease: int  # seconds
    within: int = 60  # seconds


SHIFTS = [
    pytest.param(Shift("postgresql", 300, 2, 0.02, 2), id="300 on PostgreSQL"),
    pytest.param(Shift("sqlite", 60, 1, 0.02, 1), id="60 on SQLite"),
    pytest.param(
        Shift("postgresql", 10_000, 20, 0.01, 3, 900), id="10,000 on PostgreSQL", marks=pytest.mark.drill
    ),
]


@pytest.fixture(params=SHIFTS)
def shift(request: pytest.FixtureRequest) -> Shift:
    found: Shift = request.param
    return found


@pytest.fixture
def service(shift: Shift, tmp_path: Path, worker_id: str) -> Iterator[Apart]:
    url = f"sqlite:///{tmp_path}/desk.sqlite"
    if shift.database == "postgresql":
        url = sqlalchemy_url(create_database(f"moderators_{worker_id}"))
    apart = Apart(tmp_path, url)
    apart.environment["APRESIASI_CLAIM_SECONDS"] = str(shift.lease)
    apart.environment["APRESIASI_SECOND_EYES"] = SECOND_EYES
    with apart:
        apart.run("serve")
        yield apart


def test_every_message_is_decided_once_and_never_leased_twice(
    service: Apart, shift: Shift, capfd: pytest.CaptureFixture[str]
) -> None:
    records = Records(service.environment["APRESIASI_DATABASE_URL"])
    records.fill(shift.messages, SEED)
    records.watch()
    day = Day(service.url, SEED, shift.crashes, shift.lease)
    moderators = Moderators(day, records.hire(ROLES))
    began = monotonic()
    moderators.start()
    try:
        _kill_at_random(service, records, shift)
        wait_for(lambda: records.waiting() <= shift.messages // 20, shift.within)
    finally:
        day.calm.set()
        moderators.finish(shift.within)
    took = monotonic() - began
    service.kill("serve")
    log = records.log()
    with capfd.disabled():
        sys.stderr.write(_figures(shift, moderators, log, took))
    assert moderators.odd == []
    assert records.waiting() == 0
    assert broken_leases(log) == []
    assert told_twice(moderators.told) == []
    assert records.broken() == []
    assert records.deadlocks() == 0
    assert "Traceback" not in service.log_of("serve").read_text()
    records.engine.dispose()


def _kill_at_random(service: Apart, records: Records, shift: Shift) -> None:
    """kill -9 for the server whenever so many messages are left as chance says."""
    chance = random.Random(SEED)
    moments = chance.sample(range(shift.messages // 10, shift.messages * 9 // 10), shift.kills)
    for left in sorted(moments, reverse=True):
        wait_for(lambda left=left: records.waiting() <= left, shift.within)
        service.kill("serve")
        service.run("serve")


def _figures(shift: Shift, moderators: Moderators, log: list[Line], took: float) -> str:
    seen = sum((one.seen for one in moderators.all), Counter())
    crashes = sum((one.crashes for one in moderators.all), Counter())
    held = sum(line.act == "DECIDE" and lease is not None for line, lease in with_leases(log))
    expired = sum(line.act == "UPDATE" and line.holder != line.old_holder for line in log)
    answers = ", ".join(f"{' '.join(map(str, answer))}: {seen[answer]}" for answer in sorted(seen, key=str))
    return (
        f"\n{shift.messages} messages on {shift.database}: seed {SEED}, {took:.0f} s, "
        f"{shift.messages / took:.0f} messages/s, {shift.kills} kills, {crashes.total()} crashes "
        f"{dict(crashes)}\n  decisions: {sum(line.act == 'DECIDE' for line in log)}, {held} under a lease; "
        f"leases that ran out and went to another: {expired}; told: {len(moderators.told)}\n  {answers}\n"
    )


NOW = clock.now()
SOON, LATER = NOW + timedelta(seconds=3), NOW + timedelta(seconds=6)
TAKEN = Line("INSERT", "m", "a", NOW, SOON)
TAKEN_OVER = Line("UPDATE", "m", "b", SOON, LATER, "a", SOON)
RENEWED = Line("UPDATE", "m", "a", NOW, LATER, "a", SOON)
GONE = Line("DELETE", "m", old_holder="a", old_until=SOON)


@pytest.mark.parametrize(
    ("log", "broken"),
    [
        ([TAKEN, Line("DECIDE", "m", "a", NOW), GONE], 0),
        ([TAKEN, RENEWED, Line("DECIDE", "m", "a", SOON)], 0),
        ([TAKEN, TAKEN_OVER, Line("DECIDE", "m", "b", SOON)], 0),
        ([TAKEN, GONE, Line("INSERT", "m", "b", NOW, SOON)], 0),
        ([TAKEN, Line("DECIDE", "m", "b", SOON)], 0),
        ([TAKEN, TAKEN_OVER._replace(since=SOON - timedelta(microseconds=1))], 1),
        ([TAKEN, RENEWED, TAKEN_OVER._replace(old_until=LATER)], 1),
        ([TAKEN, Line("DECIDE", "m", "b", NOW)], 1),
        ([TAKEN, TAKEN_OVER, Line("DECIDE", "m", "a", SOON)], 1),
        ([TAKEN_OVER], 1),
        ([TAKEN, Line("INSERT", "m", "b", LATER, LATER)], 1),
    ],
)
def test_a_log_of_a_broken_lease_is_found(log: list[Line], broken: int) -> None:
    assert len(broken_leases(log)) == broken


def test_two_programs_that_were_told_of_one_message_are_found() -> None:
    first = Told("m", "a", NOW, LATER)
    again, other = Told("m", "a", NOW, SOON), Told("m", "b", SOON, LATER)
    assert told_twice([first, again, other]) == [(first, other)]
    assert told_twice([again, other, Told("n", "b", NOW, SOON)]) == []


def _made(revision: int, decision: str, before: str, after: str, undoes: int | None = None) -> Decision:
    return Decision(
        message_id="m",
        revision=revision,
        decision=decision,
        state_before=before,
        state_after=after,
        undoes=undoes,
    )


PUBLISHED = _made(2, "publish", "pending", "published")
UNDONE = _made(3, "undo", "published", "pending", undoes=2)


@pytest.mark.parametrize(
    ("made", "whole"),
    [
        ([PUBLISHED], True),
        ([PUBLISHED, UNDONE, _made(4, "publish", "pending", "published")], True),
        ([_made(2, "reject", "pending", "pending"), _made(3, "publish", "pending", "published")], True),
        ([], False),
        ([PUBLISHED, UNDONE], False),
        ([PUBLISHED, PUBLISHED], False),
        ([PUBLISHED, _made(3, "publish", "published", "published")], False),
        ([PUBLISHED, _made(4, "publish", "pending", "published")], False),
        ([_made(2, "reject", "pending", "rejected"), _made(3, "publish", "pending", "published")], False),
        ([PUBLISHED, _made(3, "undo", "published", "pending", undoes=7), PUBLISHED], False),
    ],
)
def test_a_message_that_was_not_decided_exactly_once_is_found(made: list[Decision], whole: bool) -> None:
    last = made[-1].revision if made else 1
    message = Message(id="m", state="published", queue="published", revision=last)
    assert broken_histories([message], made) == ([] if whole else ["m"])
