"""Bank statements as banks print them, and which payout each line is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from service.db import transaction
from service.errors import ValidationFailed
from service.finance.bank import lines, three_way
from service.finance.bank.statement import read_bytes, read_statement
from service.finance.model import BankLine, Payout
from service.money import Money
from tests.support.desk import Desk


@pytest.mark.parametrize(
    ("printed", "minor"),
    [
        ("1250000", 125_000_000), ("1.250.000", 125_000_000), ("1,250,000", 125_000_000), ("1.250.000,50", 125_000_050),
        ("1,250,000.50", 125_000_050), ("-1.234,56", -123_456), ("(1.234,56)", -123_456), ("1.234,56-", -123_456),
        ("-Rp1.000", -100_000), ("Rp. 1.000", 100_000), ("Rp -1.000", -100_000), ("IDR 1.000", 100_000), ("1.000,-", 100_000),
        ("1.000 DB", -100_000), ("1.000,00 CR", 100_000), ("1,000.00 DR", -100_000), ("+5", 500), ("0,5", 50),
    ],
)  # fmt: skip
def test_amounts_are_read_as_banks_print_them(printed: str, minor: int) -> None:
    (line,) = read_statement(f"tanggal;jumlah\n24/11/2026;{printed}\n", "IDR")
    assert line.amount == Money(minor, "IDR")


@pytest.mark.parametrize(
    "printed",
    [
        "1.234,567",
        "1,234.500",
        "1.234.56",
        "0.500",
        "1234.567",
        "1,2,3.45",
        "five",
        "",
        "1e5",
        "١٢",
        "9" * 30,
    ],
)
def test_what_could_be_read_two_ways_is_refused(printed: str) -> None:
    with pytest.raises(ValidationFailed):
        read_statement(f"tanggal;jumlah\n24/11/2026;{printed}\n", "IDR")


@pytest.mark.parametrize(
    "printed",
    ["2026-08-24", "24/08/2026", "24-08-2026", "24.08.2026", "24/08/26", "24 Aug 2026", "24 Agu 2026", "24 Agustus 2026",
     "24-Aug-26", "24/08/2026 13:05:00", "2026-08-24T13:05:00"],
)  # fmt: skip
def test_dates_are_read_with_the_day_first(printed: str) -> None:
    (line,) = read_statement(f"date,amount\n{printed},1\n", "IDR")
    assert line.booked_on == date(2026, 8, 24)


def test_a_whole_statement_with_head_and_foot() -> None:
    text = (
        "Rekening;0123\nPeriode;November\n\nTanggal;Keterangan;Debet;Kredit;Saldo\n"
        '24/11/2026;"SETTLEMENT; po_1";;24.825,00;100\n24/11/2026;BIAYA;2.500,00;;97\n;;;;\nSaldo Akhir;;;500;\n'
    )
    got = read_bytes(b"\xef\xbb\xbf" + text.encode(), "IDR")
    assert [(it.amount.minor, it.description) for it in got] == [
        (2_482_500, "SETTLEMENT; po_1"),
        (-250_000, "BIAYA"),
    ]
    assert [it.hash for it in read_bytes(text.encode("cp1252"), "IDR")] == [it.hash for it in got]


def test_a_column_that_says_which_side_is_heeded() -> None:
    got = read_statement("Tanggal,Jumlah,D/K\n24/11/2026,5,D\n24/11/2026,7,K\n", "IDR")
    assert [it.amount.minor for it in got] == [-500, 700]
    with pytest.raises(ValidationFailed):
        read_statement("date,debit,credit\n2026-11-24,5,7\n", "IDR")


def test_two_equal_lines_of_a_day_are_two_and_overlapping_files_add_nothing() -> None:
    text = "date,amount,description\n2026-11-24,5,x\n2026-11-24,5,x\n"
    first, second = read_statement(text, "IDR")
    assert first.hash != second.hash
    again = read_statement(text + "2026-11-25,5,x\n", "IDR")
    assert [it.hash for it in again[:2]] == [first.hash, second.hash]


def test_a_field_without_end_is_refused(desk: Desk) -> None:
    for content in (b'date,amount\n"' + b"x" * 200_000, b"date,amount\n2026-11-24,1\x00\n"):
        response = desk.client.post(
            "/api/v1/desk/finance/bank-lines", data=content, headers=desk.headers("finance")
        )
        assert (response.status_code, response.get_json()["code"]) == (422, "validation_failed")
    large = desk.client.post(
        "/api/v1/desk/finance/bank-lines", data=b"x" * (2 * 1024 * 1024 + 1), headers=desk.headers("finance")
    )
    assert large.status_code == 413


def test_a_line_in_another_currency_is_a_difference(desk: Desk) -> None:
    desk.paid(amount="25000")
    ref = desk.bench.pay_out()
    desk.deliver_all()
    desk.session.rollback()
    arrival = desk.session.scalars(select(Payout.arrival)).one()
    desk.session.rollback()
    with transaction(desk.session):
        lines.take_in(desk.session, read_statement(f"date,amount\n{arrival},24825\n", "USD"), "test")
        lines.assign(desk.session, desk.session.scalars(select(BankLine.id)).one(), ref, "mia")
    found = three_way.get(desk.session, ref)
    assert (found.state, found.bank) == ("differs", None)


def test_a_payout_that_failed_takes_no_line(desk: Desk) -> None:
    desk.paid(amount="25000")
    failed = desk.bench.pay_out()
    desk.deliver_all()
    desk.bench.fail_payout(failed)
    desk.deliver_all()
    arrival = desk.session.scalars(select(Payout.arrival)).one()
    desk.session.rollback()
    with transaction(desk.session):
        desk.session.add(
            Payout(
                processor="sandbox", ref="po_again", currency="IDR", arrival=arrival + timedelta(days=2),
                amount_minor=2_482_500, itemised=True, recorded_at=datetime(2026, 11, 24, tzinfo=UTC),
            )
        )  # fmt: skip
    text = f"date,amount\n{arrival + timedelta(days=2)},24825\n"
    with transaction(desk.session):
        lines.take_in(desk.session, read_statement(text, "IDR"), "test")
    assert three_way.get(desk.session, "po_again").line is not None
    assert three_way.get(desk.session, failed).state == "failed"
    assert desk.session.scalars(select(BankLine.matched_by)).one() == "service"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "bank-lines/9999999999999999999999999/match"), ("post", "exceptions/9999999999999999999999999/explanation"),
        ("get", "payouts/a%00b"), ("get", "periods/9999-12"), ("get", "summary?from=0001-01-01&to=9999-12-31"),
        ("get", "books?at=0001-01-01T00:00:00%2B14:00"), ("get", "export?from=0001-01-01&to=9999-12-31"),
    ],
)  # fmt: skip
def test_odd_places_and_days_are_refused(desk: Desk, method: str, path: str) -> None:
    call = getattr(desk.client, method)
    response = call(
        f"/api/v1/desk/finance/{path}",
        headers=desk.headers("finance"),
        **({"json": {"note": "x", "payout": "x"}} if method == "post" else {}),
    )
    assert response.status_code in (404, 422)


def test_a_comparison_of_impossible_days_is_refused(desk: Desk) -> None:
    for days in ({"from": "2026-01-01", "to": "9999-12-31"}, {"from": "0001-01-01", "to": "2026-01-01"}):
        response = desk.client.post(
            "/api/v1/desk/finance/reconciliations", json=days, headers=desk.headers("finance")
        )
        assert response.status_code == 422
