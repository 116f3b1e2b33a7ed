"""The export: the contract's columns, in order, in both dialects, safe to open."""

import csv
import io
from datetime import UTC, datetime

import pytest
import time_machine

from service import clock
from service.finance.exports.columns import MOVEMENTS
from service.finance.exports.text import NOTATIONS, line_writer
from service.plain_text import neutralise
from tests.support.desk import Desk

CONTRACT = [
    "sequence",
    "movement_id",
    "reference",
    "contribution_id",
    "type",
    "article_url",
    "article_section",
    "created_at_utc",
    "paid_at_utc",
    "available_on",
    "payout_id",
    "payout_arrival",
    "booked_on_wib",
    "currency",
    "gross",
    "fee",
    "net",
    "settlement_currency",
    "settlement_gross",
    "settlement_fee",
    "settlement_net",
    "exchange_rate",
    "processor",
    "payment_ref",
    "charge_ref",
    "balance_transaction_ref",
    "parent_movement_id",
    "method",
    "status",
    "live",
    "debit_account",
    "credit_account",
    "terms_version",
    "message_state",
    "period",
]
EXPORT = "/api/v1/desk/finance/export"
YEAR = {"from": "2026-01-01", "to": f"{clock.now().year + 1}-12-31"}


def download(desk: Desk, role: str = "finance", **query: str) -> object:
    return desk.client.get(EXPORT, query_string={**YEAR, **query}, headers=desk.headers(role))


def test_the_columns_are_the_contracts(desk: Desk) -> None:
    response = download(desk)
    assert response.content_type.startswith("text/csv")
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert response.text.splitlines()[0].split(",") == CONTRACT == [column.name for column in MOVEMENTS]


def test_gross_and_fee_are_rows_of_their_own(desk: Desk) -> None:
    answer = desk.published(amount="25000")
    given, fee = desk.export()
    assert [given[name] for name in ("sequence", "type", "gross", "fee", "net")] == [
        "1", "contribution", "25000.00", "0.00", "25000.00",
    ]  # fmt: skip
    assert [fee[name] for name in ("sequence", "type", "gross", "fee", "net")] == [
        "2", "fee", "0.00", "175.00", "-175.00",
    ]  # fmt: skip
    assert fee["parent_movement_id"] == given["movement_id"]
    assert given["reference"] == fee["reference"] == answer["reference"]
    assert given["contribution_id"] == answer["id"]
    assert given["article_section"] == "Kemensos"
    assert (given["status"], given["message_state"], given["live"]) == ("paid", "published", "false")
    assert given["debit_account"] == fee["credit_account"] == "Assets:Processor:Sandbox"
    assert given["credit_account"] == "Income:Contributions"
    assert given["settlement_net"] == "25000.00"
    assert fee["settlement_net"] == "-175.00"
    assert given["method"] == "qris"
    assert given["terms_version"] == "2026-11"
    assert given["created_at_utc"].endswith("Z")


def test_fees_carry_sen(desk: Desk) -> None:
    desk.paid(amount="10001")
    assert desk.export()[1]["fee"] == "70.01"


def test_numbers_are_gapless_and_stay(desk: Desk) -> None:
    desk.paid()
    first = desk.export()
    desk.paid()
    second = desk.export()
    assert [row["sequence"] for row in second] == ["1", "2", "3", "4"]
    assert second[:2] == first


def test_the_same_rows_are_the_same_bytes(desk: Desk) -> None:
    desk.published()
    assert download(desk).data == download(desk).data
    assert download(desk, dialect="excel-id").data == download(desk, dialect="excel-id").data


def test_the_indonesian_dialect_opens_right_in_excel(desk: Desk) -> None:
    desk.paid(amount="10001")
    response = download(desk, dialect="excel-id")
    assert response.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[1]["fee"] == "70,01"
    assert rows[0]["gross"] == "10001,00"


def test_days_are_jakarta_days_and_inclusive(desk: Desk) -> None:
    # 17:30 UTC on the 30th is half past midnight on the 1st in Jakarta.
    with time_machine.travel(datetime(2026, 11, 30, 17, 30, tzinfo=UTC), tick=False):
        desk.paid()
        (row, _) = desk.export(**{"from": "2026-12-01", "to": "2026-12-01"})
        assert (row["booked_on_wib"], row["period"]) == ("2026-12-01", "2026-12")
        assert desk.export(**{"from": "2026-11-01", "to": "2026-11-30"}) == []


@pytest.mark.parametrize("query", [
    {"from": "x"}, {"to": "2026-13-01"}, {"from": "2026-12-02", "to": "2026-12-01"}, {"format": "pdf"}, {"dialect": "x"},
    {"rows": "people"}, {"format": "beancount", "rows": "contributions"}, {"currency": "RUPIAH"},
])  # fmt: skip
def test_malformed_queries_are_refused(desk: Desk, query: dict[str, str]) -> None:
    response = download(desk, **query)
    assert (response.status_code, response.get_json()["code"]) == (422, "validation_failed")


def test_both_days_are_required(desk: Desk) -> None:
    response = desk.client.get(EXPORT, headers=desk.headers("finance"))
    assert set(response.get_json()["errors"]) == {"from", "to"}


def test_an_export_is_audited_by_who_made_it(desk: Desk) -> None:
    download(desk)
    trail = desk.client.get("/api/v1/desk/audit?action=finance.exported", headers=desk.headers("admin"))
    (entry,) = trail.get_json()["items"]
    assert entry["actor"].startswith("token:")
    assert entry["subject"] == f"{YEAR['from']}..{YEAR['to']}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_cell_is_a_formula(start: str) -> None:
    assert neutralise(f"{start}cmd") == f"'{start}cmd"
    row = dict.fromkeys(CONTRACT) | {"article_section": f"{start}1+1", "net": -17_501, "currency": "IDR"}
    for notation in NOTATIONS.values():
        line = line_writer(MOVEMENTS, notation)(list(row.values()))
        (read,) = csv.DictReader(
            io.StringIO(line, newline=""), fieldnames=CONTRACT, delimiter=notation.separator
        )
        assert read["article_section"] == f"'{start}1+1"
        assert read["net"] == f"-175{notation.point}01"
