"""Faults planted by hand are found: by a seed, or for the lock by two connections at a barrier."""

import random
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from service.contributions import settle
from service.db import transaction
from service.jobs import check
from service.processors.base import RefundedOutside
from tests.simulation.history import run
from tests.simulation.mutations import MUTATIONS, contributions_are_not_locked
from tests.simulation.world import Stage, sqlite_stage
from tests.support.databases import Postgresql, Sqlite
from tests.support.desk import Desk

SEEDS = 200


@pytest.fixture(scope="module")
def stage(sqlite: Sqlite) -> Stage:
    return sqlite_stage(sqlite.template)


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_a_planted_fault_is_found_by_a_seed(stage: Stage, name: str) -> None:
    with MUTATIONS[name]():
        for seed in range(1, 1 + SEEDS):
            if run(seed, stage).broken:
                return
    pytest.fail(f"{name} was not found by {SEEDS} seeds")


def two_refunds_at_once(desk: Desk, postgresql: Postgresql) -> list[str]:
    """Two refunds of half a payment each, applied on two connections that both wait, with
    their work done, until the other has begun; what is broken afterwards."""
    paid = desk.paid(amount="20000")
    payment = desk.bench.took()[0].payment_ref
    told: list[RefundedOutside] = []
    for _ in range(2):
        desk.bench.refund(payment, 10_000)
        told += [it for it in desk.bench.read() if isinstance(it, RefundedOutside)]
    engine = create_engine(postgresql.sqlalchemy_url)
    begun, problems = threading.Barrier(2, timeout=20), []

    def apply(refund: RefundedOutside) -> None:
        try:
            with Session(engine) as session, transaction(session):
                begun.wait()
                settle.apply(session, "sandbox", refund, live=False)
                # With the lock the other waits in apply; without it, both get here.
                both_are_here.acquire(timeout=random.Random(1).uniform(0.5, 0.6))
        except Exception as problem:
            problems.append(problem)

    both_are_here = threading.Semaphore(0)
    threads = [threading.Thread(target=apply, args=(refund,)) for refund in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert problems == []
    desk.session.rollback()
    broken = [it.invariant for it in check.run(desk.session, desk.wiring) if it.broken]
    if desk.look(paid["id"])["status"] != "reversed":
        broken.append("not reversed")
    return broken


@pytest.mark.parametrize(
    ("plant", "found"),
    [(nullcontext, []), (contributions_are_not_locked, ["status_follows_facts", "not reversed"])],
)
def test_two_events_of_one_contribution_wait_for_each_other(
    postgresql_desk: Desk,
    postgresql: Postgresql,
    plant: Callable[[], AbstractContextManager[None]],
    found: list[str],
) -> None:
    with plant():
        assert two_refunds_at_once(postgresql_desk, postgresql) == found
