"""What tests are given: an empty database of each kind, the app on it, a sandbox, people."""

import atexit
import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from service.app import create_app
from service.db import db
from service.processors.registry import Processors
from service.staff import passwords
from tests.support.benches import BENCHES, SandboxBench, StripeBench
from tests.support.databases import SERVER_URL, Postgresql, Sqlite
from tests.support.desk import Desk
from tests.support.postgresql import Server

BACKENDS = ("sqlite", "postgresql")
# Hundreds of tests sign in; what a real hash costs is looked at in tests/staff/test_passwords.py.
REAL_COST = dict(passwords.COST)
passwords.COST.update({"argon2__memory_cost": 64, "argon2__rounds": 1, "argon2__parallelism": 1})
_server: Server | None = None


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run starts the database server; its workers inherit the URL."""
    global _server  # noqa: PLW0603  # one server a run, stopped below
    if os.environ.get(SERVER_URL) or hasattr(config, "workerinput") or config.option.collectonly:
        return
    _server = Server()
    os.environ[SERVER_URL] = _server.start()


def pytest_unconfigure() -> None:
    if _server is not None:
        _server.stop()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql(worker_id: str) -> Postgresql:
    return Postgresql(worker_id)


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Sqlite | Postgresql:
    """Each test that asks for this runs on both databases."""
    found: Sqlite | Postgresql = request.getfixturevalue(request.param)
    return found


@cache
def _exports() -> Path:
    """Where the files of this process's exports lie, until it ends."""
    folder = Path(tempfile.mkdtemp(prefix="apresiasi-exports-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def environment(database_url: str, **changes: str) -> dict[str, str]:
    """The environment of a test's app."""
    return {
        "APRESIASI_DATABASE_URL": database_url,
        "APRESIASI_PUBLIC_URL": "http://localhost",
        "APRESIASI_SANDBOX_URL": "http://sandbox.test",
        "APRESIASI_QUEUE_URL": "memory://",
        "APRESIASI_EXPORT_FOLDER": str(_exports()),
        "APRESIASI_MAIL_FOLDER": str(_exports() / "mail"),
        "APRESIASI_ERASURE_LOG": str(_exports() / "erasures.jsonl"),
        "APRESIASI_RATELIMIT_ENABLED": "0",
        "APRESIASI_LOG_LEVEL": "CRITICAL",
        **changes,
    }


class ReadingClient(FlaskClient):
    """Reads answers to their end, as every server does: an unread export would keep its
    database connection."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture(scope="session")
def session_app(backend: Sqlite | Postgresql) -> Iterator[Flask]:
    app = create_app(environ=environment(backend.url))
    app.testing = False  # errors are answered as they are in production
    app.test_client_class = ReadingClient
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def desk(session_app: Flask, backend: Sqlite | Postgresql) -> Iterator[Desk]:
    """The service on an empty database, with a sandbox of its own."""
    yield from _desk(session_app, backend, SandboxBench())


@pytest.fixture
def postgresql_desk(postgresql: Postgresql) -> Iterator[Desk]:
    """On PostgreSQL only, for what needs two connections at once."""
    app = create_app(environ=environment(postgresql.sqlalchemy_url))
    app.test_client_class = ReadingClient
    yield from _desk(app, postgresql, SandboxBench())


@pytest.fixture(params=sorted(BENCHES))
def any_desk(
    request: pytest.FixtureRequest, session_app: Flask, backend: Sqlite | Postgresql
) -> Iterator[Desk]:
    """The same with every processor in its turn."""
    yield from _desk(session_app, backend, BENCHES[request.param]())


@pytest.fixture(params=["sandbox", "stripe"])
def listing_desk(
    request: pytest.FixtureRequest, session_app: Flask, backend: Sqlite | Postgresql
) -> Iterator[Desk]:
    """With every processor whose books can be listed."""
    yield from _desk(session_app, backend, BENCHES[request.param]())


@pytest.fixture
def dollar_desk(session_app: Flask, backend: Sqlite | Postgresql) -> Iterator[Desk]:
    """With a Stripe account that settles rupiah in US dollars."""
    yield from _desk(session_app, backend, StripeBench(settlement_currency="usd", exchange_rate="0.0000604"))


@pytest.fixture
def stripe_desk(session_app: Flask, backend: Sqlite | Postgresql) -> Iterator[Desk]:
    yield from _desk(session_app, backend, BENCHES["stripe"]())


@pytest.fixture
def midtrans_desk(session_app: Flask, backend: Sqlite | Postgresql) -> Iterator[Desk]:
    yield from _desk(session_app, backend, BENCHES["midtrans"]())


def _desk(session_app: Flask, backend: Sqlite | Postgresql, bench: Any) -> Iterator[Desk]:
    with session_app.app_context():
        engine = db.engine
    engine.dispose()
    backend.empty()
    wiring = session_app.extensions["wiring"]
    session_app.extensions["wiring"] = dataclasses.replace(
        wiring, processors=Processors([bench.processor], bench.name)
    )
    structlog.contextvars.clear_contextvars()
    # No application context stays open: requests of the test client would share it.
    with Session(engine, expire_on_commit=False) as session:
        yield Desk(session_app, bench, backend.name, session)
    session_app.extensions["wiring"] = wiring
    bench.close()
    engine.dispose()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly when tests that need a browser or a spreadsheet program did not run."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if "DID NOT RUN" in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.section("SOME TESTS DID NOT RUN", sep="!", red=True)
        terminalreporter.line(
            f"{len(skipped)} tests need Chromium or LibreOffice (Debian: chromium, libreoffice-calc-nogui)."
        )
