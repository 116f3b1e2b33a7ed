"""The finance desk's pages: figures, files, payouts with bank lines, exceptions, months."""

import io
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service.db import transaction
from service.finance import ledger
from service.finance.model import BankLine, Export, FinanceException, Movement, Payout, Reconciliation
from tests.support.desk import Desk

PAGES = (
    "/desk/finance", "/desk/finance/exports", "/desk/finance/payouts", "/desk/finance/exceptions",
    "/desk/finance/periods", "/desk/finance/periods/2026-11",
)  # fmt: skip


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 10, 3, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def read(desk: Desk, path: str, role: str = "finance") -> str:
    response = desk.client.get(path, headers=desk.headers(role))
    assert response.status_code == 200, response.text
    return str(response.text)


def send(desk: Desk, path: str, role: str = "finance", **form: Any) -> Any:
    return desk.client.post(path, data=form, headers=desk.headers(role))


def finish_exports() -> None:
    """Wait for the threads that make files."""
    for thread in threading.enumerate():
        if thread.name.startswith("export-"):
            thread.join(30)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_page_opens_empty_and_full_in_both_languages(
    desk: Desk, clock: Any, path: str, lang: str
) -> None:
    assert f'<html lang="{lang}">' in read(desk, f"{path}?lang={lang}")
    desk.paid(amount="25000")
    desk.bench.pay_out()
    desk.deliver_all()
    with transaction(desk.session):
        ledger.raise_exception(desk.session, "adjustment", "x:1", None)
    page = read(desk, f"{path}?lang={lang}", "auditor")
    assert "None" not in re.sub("<[^>]*>", "", page)


def test_the_overview_shows_the_months_figures_and_a_table_beside_each_chart(desk: Desk, clock: Any) -> None:
    desk.paid(amount="25000")
    desk.paid(amount="50000")
    page = read(desk, "/desk/finance?lang=en")
    assert page.count("<svg") == 3
    assert "Rp75,000" in page
    assert "Fees are 0.70% of what was given." in page
    assert "up to 2 days ago" in page
    clock.move_to(datetime(2026, 12, 25, 3, tzinfo=UTC))
    december = read(desk, "/desk/finance?lang=en")
    assert "Nothing was booked in this month." in december
    assert "longer ago" in december
    assert "Rp75,000" in read(desk, "/desk/finance?lang=en&month=2026-11")
    assert read(desk, "/desk/finance?lang=en&month=tomorrow")


def test_a_file_is_asked_for_watched_and_downloaded(desk: Desk, clock: Any) -> None:
    desk.paid(amount="25000")
    wrong = send(
        desk,
        "/desk/finance/exports?lang=en",
        **{"from": "2026-12-02", "to": "2026-12-01", "section": "Nasional"},
    )
    assert wrong.status_code == 422
    assert "The first day lies after the last." in wrong.text
    assert 'value="Nasional"' in wrong.text
    right = send(desk, "/desk/finance/exports", **{"from": "2026-11-01", "to": "2026-11-30", "format": "csv"})
    assert right.status_code == 303
    export = desk.session.scalars(select(Export)).one()
    desk.session.rollback()
    finish_exports()
    page = read(desk, f"/desk/finance/exports/{export.id}?lang=en")
    assert f"/api/v1/desk/finance/exports/{export.id}/content" in page
    assert "25000.00" in page
    assert "http-equiv" not in page
    assert export.filename in read(desk, "/desk/finance/exports")


def test_a_bank_statement_finds_its_payout_and_differences_are_named(desk: Desk, clock: Any) -> None:
    desk.paid(amount="25000")
    desk.bench.pay_out()
    desk.deliver_all()
    payout = desk.session.scalars(select(Payout)).one()
    arrival = payout.arrival
    desk.session.rollback()
    statement = f"Tanggal;Keterangan;Jumlah\n{arrival:%d/%m/%Y};TRSF {payout.ref};24.825,00\n{arrival:%d/%m/%Y};BIAYA ADM;-2.500,00\n"
    done = send(desk, "/desk/finance/bank-lines", file=(io.BytesIO(statement.encode()), "mutasi.csv"))
    assert done.status_code == 303
    assert "lines=2&new=2&matched=1" in done.headers["Location"]
    page = read(desk, done.headers["Location"].replace("lang=id", "lang=en"))
    assert "all three agree" in page
    again = send(desk, "/desk/finance/bank-lines", file=(io.BytesIO(statement.encode()), "mutasi.csv"))
    assert "lines=2&new=0&matched=0" in again.headers["Location"]
    assert "all three agree" in read(desk, f"/desk/finance/payouts/{payout.ref}?lang=en")
    # Matched by hand to the wrong line: the difference is named to the rupiah.
    right, wrong = desk.session.scalars(select(BankLine).order_by(BankLine.id)).all()
    desk.session.rollback()
    assert send(desk, f"/desk/finance/bank-lines/{right.id}").status_code == 303
    assert send(desk, f"/desk/finance/bank-lines/{wrong.id}", payout=payout.ref).status_code == 303
    page = read(desk, "/desk/finance/payouts?lang=en")
    assert "differs: bank -Rp27,325" in page
    taken = send(desk, f"/desk/finance/bank-lines/{right.id}?lang=en", payout=payout.ref)
    assert (taken.status_code, "Another bank line belongs to this payout." in taken.text) == (422, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This is not a CSV file."),
        (b"\0\1\2", "This is not a CSV file."),
        (b"a,b\n1,2\n", "The file has no header with a date and an amount."),
        (b"date,amount\n2026-11-31,5\n", "A line of the file cannot be read: its date or amount."),
        (b"date,amount\n2026-11-30,five\n", "A line of the file cannot be read: its date or amount."),
    ],
)
def test_a_file_that_is_no_statement_is_refused_on_the_page(desk: Desk, content: bytes, said: str) -> None:
    answer = send(desk, "/desk/finance/bank-lines?lang=en", file=(io.BytesIO(content), "x.csv"))
    assert (answer.status_code, said in answer.text) == (422, True)
    missing = send(desk, "/desk/finance/bank-lines?lang=en")
    assert (missing.status_code, "Choose a file first." in missing.text) == (422, True)


def test_an_exception_is_explained_and_a_note_that_is_empty_is_not_lost(desk: Desk, clock: Any) -> None:
    with transaction(desk.session):
        ledger.raise_exception(desk.session, "adjustment", "sandbox:<b>", None)
    one = desk.session.scalars(select(FinanceException.id)).one()
    desk.session.rollback()
    page = read(desk, "/desk/finance/exceptions?lang=en")
    assert "sandbox:&lt;b&gt;" in page
    assert send(desk, f"/desk/finance/exceptions/{one}?lang=en", note="  ").status_code == 422
    long = send(desk, f"/desk/finance/exceptions/{one}?lang=en", note="x" * 1001)
    assert (long.status_code, "x" * 1001 in long.text) == (422, True)
    assert send(desk, f"/desk/finance/exceptions/{one}", note="A fee of the month.").status_code == 303
    assert "A fee of the month." in read(desk, "/desk/finance/exceptions?lang=en")
    assert send(desk, "/desk/finance/exceptions/999", note="x").status_code == 404
    assert send(desk, f"/desk/finance/exceptions/{one}", role="auditor", note="x").status_code == 403


def test_a_month_is_closed_from_its_page(desk: Desk, clock: Any) -> None:
    desk.paid(amount="25000")
    page = "/desk/finance/periods/2026-11"
    assert "The month is not over yet." in read(desk, f"{page}?lang=en")
    clock.move_to(datetime(2026, 12, 3, 3, tzinfo=UTC))
    form = {"service_continuity.IDR": "10000", "content_development.IDR": "10000"}
    wrong = send(desk, f"{page}?lang=en", **form, **{"newsroom_operations.IDR": "4999"})
    assert wrong.status_code == 422
    assert "IDR: to allocate 25000.00, given 24999.00" in wrong.text
    assert 'value="4999"' in wrong.text
    assert send(desk, page, role="auditor", **form).status_code == 403
    assert send(desk, page, **form, **{"newsroom_operations.IDR": "5000"}).status_code == 303
    closed = read(desk, f"{page}?lang=en")
    assert "This month is closed and never changes." in closed
    assert send(desk, f"{page}?lang=en", **form).status_code == 409
    assert "closed" in read(desk, "/desk/finance/periods?lang=en")


def test_a_comparison_lists_differences_of_both_sides(desk: Desk, clock: Any) -> None:
    desk.paid()
    response = desk.client.post(
        "/api/v1/desk/finance/reconciliations",
        json={"from": "2026-11-01", "to": "2026-11-09"},
        headers=desk.headers("finance"),
    )
    assert response.status_code == 202
    found = desk.session.scalars(select(Reconciliation)).one()
    desk.session.rollback()
    assert "still running" in read(desk, f"/desk/finance/reconciliations/{found.id}?lang=en")
    assert desk.session.scalar(select(Movement.id)) is not None
