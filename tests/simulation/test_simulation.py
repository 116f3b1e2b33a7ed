"""A thousand simulated histories in every run: whatever happens, the books end up right."""

import gc
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from tests.simulation.history import run
from tests.simulation.world import Stage, postgresql_stage, sqlite_stage
from tests.support.databases import Postgresql, Sqlite

FIRST = int(os.environ.get("SIMULATION_SEED", "1"))
HISTORIES, AT_ONCE = 1_000, 25
ON_POSTGRESQL = 24


@pytest.fixture(scope="session")
def stage(sqlite: Sqlite) -> Stage:
    return sqlite_stage(sqlite.template)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Histories make little garbage and much that lives; collecting it takes a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.mark.parametrize("first", range(FIRST, FIRST + HISTORIES, AT_ONCE))
def test_histories(stage: Stage, no_collector: None, first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        told = run(seed, stage)
        assert told.broken == [], story(told)


@pytest.mark.parametrize("first", range(FIRST, FIRST + ON_POSTGRESQL, 6))
def test_histories_on_postgresql(postgresql: Postgresql, no_collector: None, first: int) -> None:
    engine = create_engine(postgresql.sqlalchemy_url)
    try:
        on_postgresql = postgresql_stage(engine, postgresql.empty)
        for seed in range(first, first + 6):
            told = run(seed, on_postgresql)
            assert told.broken == [], story(told)
    finally:
        engine.dispose()


def test_a_seed_replays_to_the_same_history(stage: Stage) -> None:
    for seed in (7, 8, 9, 10):
        assert run(seed, stage).log == run(seed, stage).log


def story(told: object) -> str:
    """What a failure prints: the seed that replays it, and what happened."""
    lines = "\n".join(getattr(told, "log", []))
    seed = getattr(told, "seed", "?")
    return f"seed {seed} ({getattr(told, 'processor', '?')}); replay: make simulate SEED={seed}\n{lines}"
