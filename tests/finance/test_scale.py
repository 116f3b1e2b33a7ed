"""Exports stay fast and small: a CSV costs what the database's own copy does, a workbook what a
bare writer does. Scaled in every run, at a million rows in `make drill`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import requests
from alembic import command
from python_calamine import load_workbook
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from service.config import ROOT
from service.contributions.queries import standing
from service.finance.exports.cells import as_cells, batches
from service.finance.exports.columns import MOVEMENTS
from service.finance.exports.read import along_numbers, driver_connection, snapshot, statement_of
from service.finance.exports.rows import movements
from service.finance.exports.selection import Period, Selection
from service.finance.exports.text import NOTATIONS, as_text
from service.finance.exports.totals import Span, totals_and_span
from service.finance.exports.workbook import write
from service.migrations_state import alembic_config
from tests.finance.large import fill
from tests.journeys.stack import two_free_ports, wait_for_server
from tests.support.databases import create_database, sqlalchemy_url

NOVEMBER = Selection(Period(date(2026, 11, 1), date(2026, 11, 30)))
QUERY = "from=2026-11-01&to=2026-11-30"
SMALL = 20_000
SIZES = [SMALL, pytest.param(1_000_000, marks=pytest.mark.drill)]


@dataclass
class Books:
    """A database with many movements, and a web server of its own before it."""

    engine: Engine
    url: str
    database_url: str
    folder: Path
    server: subprocess.Popen[bytes]
    headers: dict[str, str]
    size: int

    def memory(self, name: str) -> int:
        """VmRSS or VmHWM of the server, in bytes."""
        total = 0
        for pid in (self.server.pid, *_children(self.server.pid)):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
        return total

    def download(self, query: str, to: Path) -> tuple[float, str]:
        """Seconds until the last byte of an export, and the id of its record."""
        began = time.perf_counter()
        with requests.get(
            f"{self.url}/api/v1/desk/finance/export?{query}", headers=self.headers, stream=True, timeout=600
        ) as response:
            assert response.status_code == 200
            with to.open("wb") as file:
                for chunk in response.iter_content(1024 * 1024):
                    file.write(chunk)
        return time.perf_counter() - began, response.headers["X-Export-Id"]

    def record(self, export_id: str) -> dict[str, Any]:
        answer = requests.get(
            f"{self.url}/api/v1/desk/finance/exports/{export_id}", headers=self.headers, timeout=30
        ).json()
        assert isinstance(answer, dict)
        return answer


def _children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    direct = [int(line) for line in found.stdout.split()]
    return direct + [deeper for child in direct for deeper in _children(child)]


@pytest.fixture(scope="module", params=SIZES)
def books(
    request: pytest.FixtureRequest, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Books]:
    plain = create_database(f"export_scale_{worker_id}")
    url = sqlalchemy_url(plain)
    command.upgrade(alembic_config(url), "head")
    engine = create_engine(url)
    fill(engine, request.param)
    folder = tmp_path_factory.mktemp("scale")
    port = two_free_ports()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("APRESIASI_")} | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "APRESIASI_DATABASE_URL": plain,
        "APRESIASI_INSTANCE_FOLDER": str(folder),
        "APRESIASI_RATELIMIT_ENABLED": "0",
    }
    program = [sys.executable, "-m", "flask", "--app", "wsgi"]
    issued = subprocess.run(
        [*program, "staff", "token", "--role", "finance"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    headers = {"Authorization": f"Bearer {issued.stdout.splitlines()[-1]}"}
    server = subprocess.Popen(
        [*program, "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    made = Books(engine, f"http://127.0.0.1:{port}", plain, folder, server, headers, request.param)
    wait_for_server(made.url)
    yield made
    server.terminate()
    server.wait(30)
    engine.dispose()


def say(line: str) -> None:
    """A figure, past pytest's capturing."""
    print(line, file=sys.__stderr__, flush=True)  # what a drill is run for


def psql_copy(books: Books, to: Path) -> float:
    """Seconds of psql's own \\copy of the very query."""
    with Session(books.engine) as session:
        query = as_text(MOVEMENTS, movements(session, NOVEMBER, standing), NOTATIONS["standard"])
        written = str(query.compile(books.engine, compile_kwargs={"literal_binds": True}))
    statement = f"\\copy ({' '.join(written.split())}) to '{to}' with (format csv)".replace("%%", "%")
    began = time.perf_counter()
    done = subprocess.run(
        ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, books.database_url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:2000]
    return time.perf_counter() - began


def test_a_csv_costs_what_the_databases_own_copy_does(books: Books, tmp_path: Path) -> None:
    ours, bare = tmp_path / "ours.csv", tmp_path / "bare.csv"
    books.download(QUERY + "&status=disputed", ours)  # warm
    before = books.memory("VmRSS")
    turns = [(psql_copy(books, bare), *books.download(QUERY, ours)) for _ in range(3)]
    growth = books.memory("VmHWM") - before
    copy, http = (median(turn[place] for turn in turns) for place in (0, 1))
    say(
        f"{books.size} movements: psql \\copy {copy:.2f} s, over HTTP {http:.2f} s ({http / copy:.2f}x), growth {growth / 2**20:.1f} MiB"
    )
    header, _, rest = ours.read_bytes().partition(b"\n")
    assert rest == bare.read_bytes()
    assert header.decode().split(",") == [column.name for column in MOVEMENTS]
    record = books.record(turns[-1][2])
    assert (record["state"], record["rows"]) == ("finished", books.size)
    assert growth < 64 * 2**20
    if books.size > SMALL:
        assert http <= 1.5 * copy


def test_a_workbook_costs_what_a_bare_writer_does(books: Books, tmp_path: Path) -> None:
    ours, bare = tmp_path / "ours.xlsx", tmp_path / "bare.xlsx"
    turns = [(bare_writer(books, bare), *books.download(QUERY + "&format=xlsx", ours)) for _ in range(2)]
    alone, took = (min(turn[place] for turn in turns) for place in (0, 1))
    export_id = turns[-1][2]
    say(f"{books.size} rows as XLSX: bare writer {alone:.2f} s, over HTTP {took:.2f} s ({took / alone:.2f}x)")
    assert books.record(export_id)["size"] == ours.stat().st_size
    sheet = load_workbook(str(ours)).get_sheet_by_name("Data")
    assert sheet.height == books.size + 1
    if books.size > SMALL:
        assert took <= 1.3 * alone


def test_rows_of_a_workbook_leave_before_all_are_read(books: Books) -> None:
    with snapshot(books.engine) as session:
        row = movements(session, NOVEMBER, standing)
        span = totals_and_span(session, row)[1]
        assert span == (1, books.size, books.size)
        assert along_numbers(session, row, Span(1, books.size, books.size // 5)) is row, "far apart"
        statement, params = statement_of(session, as_cells(MOVEMENTS, along_numbers(session, row, span)))
        lines = driver_connection(session).execute(f"EXPLAIN {statement}", params)
        plan = " ".join(line for (line,) in lines)
    assert "Index Scan using pk_movement_sequence" in plan
    assert not {"Sort", "Hash"} & set(plan.replace("(", " ").split())


def bare_writer(books: Books, to: Path) -> float:
    """Seconds of the writer alone: the same workbook, of rows that lie ready in memory. Arrow
    batches and dictionaries take it the same time (docs/decisions/0008)."""
    with Session(books.engine) as session:
        ready = list(batches(session, MOVEMENTS, movements(session, NOVEMBER, standing)))
    began = time.perf_counter()
    write(to, MOVEMENTS, iter(ready), books.size, {})
    return time.perf_counter() - began
