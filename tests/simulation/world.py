"""One simulated world: a database, a processor, a clock and a network that all follow one seed."""

import random
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import requests
import time_machine
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from service import clock
from service.config import Settings
from service.db import prepare_sqlite
from service.processors.registry import Processors
from service.terms import library
from service.wiring import Wiring, wire
from tests.conftest import environment
from tests.support.benches import BENCHES, StripeBench
from tests.support.sandbox import Delivery

# Evening in Jakarta, a few hours before a month ends there while it goes on in UTC.
_BEGINS = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
PROCESSORS = ("sandbox", "stripe", "midtrans", "dollar")


class Crash(BaseException):
    """The process dies here: nothing may catch it but the world."""


@dataclass
class Stage:
    """What many histories share: an engine whose database is made new for each, and settings."""

    engine: Engine
    empty: Callable[[], None]
    settings: Settings
    terms: library.Library


@dataclass
class InFlight:
    """A delivery on its way, and when it arrives."""

    delivery: Delivery
    at: datetime


@dataclass
class World:
    """A history as it unfolds. ``log`` tells it to people."""

    seed: int
    rng: random.Random
    stage: Stage
    bench: Any
    wiring: Wiring
    traveller: time_machine.Traveller
    session: Session
    flights: list[InFlight] = field(default_factory=list)
    gifts: dict[str, Any] = field(default_factory=dict)  # by the client's key
    answers: dict[str, str] = field(default_factory=dict)  # key -> contribution id
    pages: list[str] = field(default_factory=list)  # addresses of hosted pages that readers know
    refunds: list[str] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)
    payouts: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)  # the contributions whose receipts were sent
    strangers: int = 0  # forged or foreign events that have to be set aside
    stormy: bool = True
    crash_in: int | None = None
    crashes: int = 0
    log: list[str] = field(default_factory=list)

    def tell(self, line: str) -> None:
        self.log.append(f"{clock.now():%m-%d %H:%M:%S} {line}")

    def point(self, name: str) -> None:
        """A place where the process may die: before and after every commit and call."""
        if self.crash_in is None:
            return
        self.crash_in -= 1
        if self.crash_in <= 0:
            self.crash_in = None
            self.crashes += 1
            self.tell(f"CRASH {name}")
            raise Crash(name)

    def pass_time(self, by: timedelta) -> None:
        self.traveller.shift(by)
        self.bench.pass_time()

    def restart(self) -> None:
        """A new process: all that was only in memory is gone."""
        self.session.close()
        self.session = _session(self.stage.engine, self.point)

    def carry(self, call: Callable[[], requests.Response]) -> requests.Response:
        """A call over the network, which may lose the request, or the answer."""
        self.point("before a call")
        luck = self.rng.random() if self.stormy else 1.0
        if luck < 0.02:
            self.tell("a request is lost")
            raise requests.ConnectionError
        response = call()
        if luck < 0.05:
            self.tell("an answer is lost")
            raise requests.exceptions.ReadTimeout
        self.point("after a call")
        return response


class MortalSession(Session):
    """A session whose process may die before and after each commit."""

    point: Callable[[str], None]

    def commit(self) -> None:
        self.point("before a commit")
        super().commit()
        self.point("after a commit")


def _session(engine: Engine, point: Callable[[str], None]) -> Session:
    session = MortalSession(engine, expire_on_commit=False)
    session.point = point
    return session


def sqlite_stage(template: str) -> Stage:
    """Histories on SQLite in memory, each from a copy of a migrated file."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    prepare_sqlite(engine)
    origin = sqlite3.connect(template, check_same_thread=False)

    def empty() -> None:
        with engine.connect() as connection:
            origin.backup(connection.connection.driver_connection)

    return _stage(engine, empty, "sqlite:///:memory:")


def postgresql_stage(engine: Engine, empty: Callable[[], None]) -> Stage:
    """Histories on a PostgreSQL database that is emptied for each."""
    return _stage(engine, empty, str(engine.url))


def _stage(engine: Engine, empty: Callable[[], None], url: str) -> Stage:
    settings = Settings.from_environment(environment(url))
    return Stage(engine, empty, settings, library.load(settings.terms_folder, settings.publisher_name))


@contextmanager
def world(seed: int, stage: Stage, processor: str | None = None) -> Iterator[World]:
    """A new world for a seed; the same seed gives the same history."""
    rng = random.Random(seed)
    chosen = processor or PROCESSORS[seed % len(PROCESSORS)]
    starts = _BEGINS + timedelta(seconds=rng.randrange(8 * 3600))
    with (
        time_machine.travel(starts, tick=False) as traveller,
        patch.object(secrets, "token_hex", lambda n=32: rng.randbytes(n).hex()),
        patch.object(secrets, "token_bytes", lambda n=32: rng.randbytes(n)),
        patch.object(secrets, "choice", rng.choice),
        patch.object(random, "getrandbits", rng.getrandbits),
    ):
        stage.empty()
        bench = _bench(chosen, rng)
        wiring = wire(stage.settings, stage.terms, Processors([bench.processor], bench.name))
        made = World(seed, rng, stage, bench, wiring, traveller, session=Session(stage.engine))
        made.restart()
        bench.wire.around = made.carry
        try:
            yield made
        finally:
            made.session.close()
            bench.close()


def _bench(chosen: str, rng: random.Random) -> Any:
    if chosen == "dollar":
        return StripeBench(rng, settlement_currency="usd", exchange_rate="0.0000604", fees_at_once=False)
    if chosen == "stripe":
        return StripeBench(rng, fees_at_once=rng.random() < 0.5)
    return BENCHES[chosen](rng)
