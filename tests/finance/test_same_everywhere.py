"""The rows of a closed month are the same file from either database and from any node."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from python_calamine import load_workbook
from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.orm import Session

from service import models
from service.app import create_app
from service.db import db, transaction
from service.finance.model import Movement
from service.staff import tokens
from tests.conftest import ReadingClient, environment
from tests.finance.test_closing import closing, look, thirds
from tests.support.databases import Postgresql, Sqlite
from tests.support.desk import Desk

NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
KINDS = [
    {"rows": rows, "format": form, "dialect": dialect}
    for rows in ("movements", "contributions")
    for form, dialect in (("csv", "standard"), ("csv", "excel-id"), ("xlsx", "standard"), ("beancount", "standard"))
    if (rows, form) != ("contributions", "beancount")
]  # fmt: skip


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 10, 3, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def a_month(desk: Desk, clock: Any) -> None:
    """Texts that need care, a refund, a dispute, a payout, the last second of the month; closed."""
    desk.published(amount="10001", message='"Terima kasih"; hebat, ya')
    desk.paid(amount="50000", display_name="=1+1")
    desk.paid(amount="25000", article={"url": "https://kompas.com/kemensos/read/1"})
    payments = desk.session.scalars(
        select(Movement.payment_ref).where(Movement.type == "contribution").order_by(Movement.gross_minor)
    ).all()
    desk.bench.refund(payments[0], 2_000)
    desk.bench.close_dispute(desk.bench.dispute(payments[1]), "lost")
    desk.deliver_all()
    desk.bench.pay_out()
    clock.move_to(datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC))
    desk.paid(amount="100000")
    clock.move_to(datetime(2026, 12, 3, 3, tzinfo=UTC))
    assert closing(desk, thirds(look(desk)["to_allocate"]["IDR"])).status_code == 200


def copy_to(source: Engine, sqlite: Sqlite) -> str:
    """All rows of a database, in an SQLite file of its own."""
    sqlite.empty()
    target = create_engine(sqlite.url)
    last = ("closed_period", "period_manifest", "period_row")
    tables = sorted(models.metadata.sorted_tables, key=lambda table: table.name in last)
    with Session(source) as reading, target.begin() as writing:
        for table in tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
    target.dispose()
    return sqlite.url


def node(url: str, folder: Path) -> Flask:
    """A web server of its own on a database."""
    app = create_app(environ=environment(url, APRESIASI_INSTANCE_FOLDER=str(folder)))
    app.test_client_class = ReadingClient
    return app


def files(app: Flask) -> list[Any]:
    """Every kind of file: bytes, and for a workbook its cells."""
    with app.app_context():
        with transaction(db.session):
            secret = tokens.issue(db.session, "finance", "finance", "test")[1]
        db.session.rollback()
    found = []
    for kind in KINDS:
        response = app.test_client().get(
            "/api/v1/desk/finance/export",
            query_string={**NOVEMBER, **kind},
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert response.status_code == 200, response.text
        found.append(_cells(response.data) if kind["format"] == "xlsx" else response.data)
    with app.app_context():
        db.engine.dispose()
    return found


def _cells(content: bytes) -> dict[str, Any]:
    book = load_workbook(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_from_two_nodes_and_both_databases(
    postgresql_desk: Desk, postgresql: Postgresql, sqlite: Sqlite, clock: Any, tmp_path: Path
) -> None:
    desk = postgresql_desk
    a_month(desk, clock)
    with desk.app.app_context():
        copied = copy_to(db.engine, sqlite)
    first = files(node(postgresql.sqlalchemy_url, tmp_path / "one"))
    assert files(node(postgresql.sqlalchemy_url, tmp_path / "two")) == first
    assert files(node(copied, tmp_path / "three")) == first
    csv = first[0].decode()
    assert csv.count("\n") == 13
    assert "'=1+1" not in csv  # names are nobody's business here
    movements = first[2]["Data"]
    assert len(movements) == 13


def test_a_workbooks_cells_have_their_types(desk: Desk, clock: Any) -> None:
    desk.paid(amount="10001")
    response = desk.client.get(
        "/api/v1/desk/finance/export",
        query_string={**NOVEMBER, "format": "xlsx"},
        headers=desk.headers("finance"),
    )
    cells = _cells(response.data)
    header, *lines = cells["Data"]
    rows = {line[header.index("type")]: dict(zip(header, line, strict=True)) for line in lines}
    row = rows["contribution"]
    assert row["booked_on_wib"] == date(2026, 11, 10)
    assert row["created_at_utc"] == datetime(2026, 11, 10, 3, tzinfo=UTC).replace(tzinfo=None)
    assert (row["gross"], row["net"]) == (10001.0, 10001.0)
    assert rows["fee"]["fee"] == 70.01
    assert {row["sequence"] for row in rows.values()} == {1.0, 2.0}
    assert isinstance(row["reference"], str)
    summary = {line[0]: line[1:] for line in cells["Ringkasan"]}
    assert "Total kontrol / Control totals" in summary
    assert summary["IDR"][:3] == [2.0, 10001.0, 70.01]
    assert any("7.2" in str(line) for line in summary)
