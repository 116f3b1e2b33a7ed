"""The outbox: once by kind and subject, after the commit, and forgotten by no crash."""

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from service import clock
from service.db import transaction
from service.jobs.effects import run_due
from service.outbox.put import put, put_many
from service.outbox.take import LEASE, finish, take
from tests.outbox.effects import Seen, put_now, rows, run
from tests.support.databases import Postgresql
from tests.support.desk import Desk


def test_a_row_is_put_once_and_stays_once_it_is_done(desk: Desk) -> None:
    assert put_now(desk, "mail", "a")
    assert not put_now(desk, "mail", "a")
    seen = Seen()
    assert (run(desk, seen), run(desk, seen)) == (1, 0)
    assert not put_now(desk, "mail", "a")
    with transaction(desk.session):
        put_many(desk.session, "mail", ["a", "b"])
    assert run(desk, seen) == 1
    assert seen.subjects == ["a", "b"]


def test_a_row_goes_with_its_transaction(desk: Desk) -> None:
    with pytest.raises(RuntimeError), transaction(desk.session):
        put(desk.session, "mail", "a")
        raise RuntimeError
    assert run(desk, Seen()) == 0


def test_a_row_waits_until_it_is_due(desk: Desk, traveller: time_machine.Traveller) -> None:
    put_now(desk, "mail", "later", due_at=clock.now() + timedelta(hours=1))
    put_now(desk, "mail", "now", data={"code": "x"})
    seen = Seen()
    run(desk, seen)
    traveller.shift(timedelta(hours=1))
    run(desk, seen)
    assert seen.subjects == ["now", "later"]
    assert rows(desk)["now"].data == {"code": "x"}


def test_a_row_that_fails_is_put_off_and_stops_no_other(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    for subject in ("poison", "good"):
        put_now(desk, "mail", subject)
    seen = Seen("poison")
    assert run(desk, seen) == 1
    assert run(desk, seen) == 0
    assert seen.subjects == ["poison", "good"]
    poison = rows(desk)["poison"]
    assert (poison.attempts, poison.last_error, poison.done_at) == (1, "ValueError", None)
    traveller.shift(timedelta(seconds=3))
    seen.failing.clear()
    assert run(desk, seen) == 1
    assert rows(desk)["poison"].last_error is None


def test_pauses_grow_and_end_at_ten_minutes(desk: Desk, traveller: time_machine.Traveller) -> None:
    put_now(desk, "mail", "poison")
    pauses = []
    for _ in range(12):
        run(desk, Seen("poison"))
        pauses.append((rows(desk)["poison"].due_at - clock.now()).total_seconds())
        traveller.shift(timedelta(minutes=11))
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]


def test_an_unknown_kind_waits_for_a_version_that_knows_it(desk: Desk) -> None:
    put_now(desk, "of the future", "a")
    assert run(desk, Seen()) == 0
    assert rows(desk)["a"].last_error == "UnknownKind"


def test_a_crash_frees_its_row_and_a_late_worker_ends_nothing(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    put_now(desk, "mail", "a")
    lost = take(desk.session)
    assert lost is not None
    assert take(desk.session) is None
    traveller.shift(LEASE)
    again = take(desk.session)
    assert again is not None
    assert (again.subject, again.attempts) == ("a", 2)
    finish(desk.session, lost)
    assert rows(desk)["a"].done_at is None
    finish(desk.session, again)
    assert rows(desk)["a"].done_at == clock.now()


def test_two_workers_never_do_one_row(postgresql_desk: Desk, postgresql: Postgresql) -> None:
    """Four workers start together on forty rows."""
    desk, subjects = postgresql_desk, [f"row {number:02}" for number in range(40)]
    with transaction(desk.session):
        put_many(desk.session, "mail", subjects)
    engine, start, seen = create_engine(postgresql.sqlalchemy_url), threading.Barrier(4, timeout=20), Seen()

    def work() -> None:
        with Session(engine) as session:
            start.wait()
            run_due(session, desk.wiring, {"mail": seen})

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    engine.dispose()
    assert sorted(seen.subjects) == subjects


def test_two_transactions_put_one_row_between_them(postgresql_desk: Desk, postgresql: Postgresql) -> None:
    engine = create_engine(postgresql.sqlalchemy_url)
    put_first, answers = threading.Event(), list[bool]()

    def second() -> None:
        put_first.wait(20)
        with Session(engine) as session, transaction(session):
            answers.append(put(session, "mail", "a"))

    other = threading.Thread(target=second)
    other.start()
    with transaction(postgresql_desk.session):
        assert put(postgresql_desk.session, "mail", "a")
        put_first.set()
    other.join()
    engine.dispose()
    assert answers == [False]
