"""A running service for each database, and a browser where there is one."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.stack import Stack
from tests.support.databases import create_database

_CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
MISSING = "Chromium was not found: the browser tests DID NOT RUN"


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Callable[[str], Stack]]:
    """Each service is started once in a test process, when a journey needs it first, and lives on:
    journeys of the two databases come in any order."""
    running: dict[str, Stack] = {}

    def started(database: str) -> Stack:
        if database not in running:
            folder = tmp_path_factory.mktemp(f"stack-{database}")
            sqlite = f"sqlite:///{folder}/apresiasi.sqlite"
            url = sqlite if database == "sqlite" else create_database(f"stack_{worker_id}")
            running[database] = Stack(folder, url)
            running[database].start()
        return running[database]

    yield started
    ended = {database: stack.stop() for database, stack in running.items()}
    assert not any(ended.values()), [stack.log.read_text() for stack in running.values()]


@pytest.fixture(params=["sqlite", "postgresql"])
def stack(request: pytest.FixtureRequest, stacks: Callable[[str], Stack]) -> Stack:
    """The service as `make run` starts it, shared by the journeys of one test process."""
    return stacks(request.param)


@pytest.fixture(scope="module")  # its event loop must not outlive the tests that use it
def browser() -> Iterator[Browser]:
    if _CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=_CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        yield started
        started.close()
