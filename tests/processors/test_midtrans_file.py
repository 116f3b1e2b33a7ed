"""Midtrans's settlement file: read whole or not at all, and harmless to import again."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from service.finance.model import Movement, Payout, PayoutRow
from service.processors import base
from service.processors.midtrans import settlement
from tests.support.desk import Desk

HEADER = (
    "transaction_type,order_id,transaction_id,payment_type,settlement_date,"
    "currency,gross_amount,fee,net_amount,payout_id,refund_id"
)
GOOD = {
    "transaction_type": "payment",
    "order_id": "a" * 32,
    "transaction_id": "t-1",
    "payment_type": "qris",
    "settlement_date": "2026-11-24",
    "currency": "IDR",
    "gross_amount": "25000.00",
    "fee": "175.00",
    "net_amount": "24825.00",
    "payout_id": "PO-1",
    "refund_id": "",
}


def file(*lines: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(GOOD))
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def read(text: str) -> base.SettlementFile:
    return settlement.read(text, live=False)


def test_a_payment_and_its_payout() -> None:
    found = read(file(GOOD))
    assert [(row.ref, row.kind, row.gross.minor, row.fee.minor, row.net.minor) for row in found.rows] == [
        ("t-1-p", "payment", 2_500_000, 17_500, 2_482_500),
        ("PO-1-out", "payout", -2_482_500, 0, -2_482_500),
    ]
    kinds = [type(it) for it in found.told]
    assert kinds == [base.PaymentSucceeded, base.PaymentSettled, base.PayoutMade]
    payout = found.told[-1]
    assert isinstance(payout, base.PayoutMade)
    assert (payout.amount.minor, payout.rows) == (2_482_500, ("t-1-p",))


def test_a_row_that_is_not_ours_counts_in_its_payout_and_is_an_adjustment() -> None:
    found = read(file(GOOD, {**GOOD, "order_id": "shop-77", "transaction_id": "t-2"}))
    payout = found.told[-1]
    assert isinstance(payout, base.PayoutMade)
    assert payout.amount.minor == 2 * 2_482_500
    assert [type(it) for it in found.told].count(base.BalanceAdjusted) == 1


def test_a_chargeback_is_lost_also_where_the_file_is_its_only_witness() -> None:
    back = {"gross_amount": "-25000.00", "fee": "0.00", "net_amount": "-25000.00", "refund_id": "9"}
    found = read(file({**GOOD, **back, "transaction_type": "chargeback"}))
    kinds = [type(it) for it in found.told][:-1]
    assert kinds == [base.DisputeOpened, base.DisputeWithdrawn, base.DisputeLost]
    assert {it.ref for it in found.told[:-1]} == {"t-1-c9"}


@pytest.mark.parametrize(
    "change",
    [
        {"transaction_type": "adjustment"},
        {"transaction_type": ""},
        {"transaction_id": ""},
        {"transaction_id": "t" * 101},
        {"order_id": ""},
        {"payment_type": ""},
        {"settlement_date": "24/11/2026"},
        {"settlement_date": ""},
        {"currency": ""},
        {"currency": "USD"},
        {"gross_amount": "25.000,00"},
        {"gross_amount": ""},
        {"gross_amount": "Rp25000"},
        {"gross_amount": "25000.005"},
        {"fee": ""},
        {"fee": "1e3"},
        {"net_amount": "24825.01"},
        {"payout_id": "P" * 101},
        {"payout_id": "PO\n1"},
    ],
)
def test_a_broken_line_is_named(change: dict[str, str]) -> None:
    text = file(GOOD, {**GOOD, "transaction_id": "t-2"}, {**GOOD, "transaction_id": "t-3", **change})
    last = len(text.splitlines())
    with pytest.raises(ValueError, match=rf"^line {last}: "):
        read(text)


@pytest.mark.parametrize("cells", range(1, 11))
def test_a_line_that_was_cut_off_is_named(cells: int) -> None:
    """As a download that broke leaves it: the last line has fewer cells."""
    whole = file(GOOD).splitlines()[1].split(",")
    text = file({**GOOD, "transaction_id": "t-0"}) + ",".join(whole[:cells])
    with pytest.raises(ValueError, match=r"^line 3: "):
        read(text)


@pytest.mark.parametrize(
    "spoil", [lambda line: f"{line},x", lambda line: line.replace("qris", "q" * 200_000)]
)
def test_a_line_that_is_too_long_is_named(spoil: Callable[[str], str]) -> None:
    head, line = file(GOOD).splitlines()
    with pytest.raises(ValueError, match=r"^line 2: "):
        read(f"{head}\n{spoil(line)}\n")


@pytest.mark.parametrize(
    "text", ["", "\n", "hello", HEADER.replace("fee,", ""), "\x00", "{}", "<html></html>"]
)
def test_what_is_no_settlement_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^line 1: no column"):
        read(text)


def test_an_empty_file_tells_nothing() -> None:
    assert read(HEADER) == base.SettlementFile((), ())


def test_other_columns_may_stand_beside_in_any_order() -> None:
    names = ["bank", *reversed(GOOD), "note"]
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerow({**GOOD, "bank": "BNI, Jakarta", "note": 'said "hello"\nand left'})
    assert read(out.getvalue()) == read(file(GOOD))


def test_a_late_denial_gives_back_what_the_payment_brought() -> None:
    back = {"gross_amount": "-25000.00", "fee": "-175.00", "net_amount": "-24825.00"}
    found = read(file(GOOD, {**GOOD, **back, "transaction_type": "deny"}))
    assert sum(row.net.minor for row in found.rows) == 0
    assert [row.ref for row in found.rows[:2]] == ["t-1-p", "t-1-d"]
    assert isinstance(found.told[2], base.PaymentDenied)


def counts(desk: Desk) -> tuple[Any, ...]:
    desk.session.rollback()
    return tuple(
        desk.session.scalar(select(func.count()).select_from(table))
        for table in (Movement, Payout, PayoutRow)
    )


def test_importing_twice_or_after_a_broken_file_is_harmless(midtrans_desk: Desk) -> None:
    desk = midtrans_desk
    desk.paid()
    desk.paid(amount="10000")
    desk.bench.pay_out()
    desk.deliver_all()
    report, before = desk.bench.report(), counts(desk)
    broken = desk.command("settlements", "import", "-", input=report.replace("10000.00", "10000.01", 1))
    assert broken.exit_code == 1
    assert "line 3" in broken.output
    assert counts(desk) == before == (2, 0, 0)
    for _ in range(3):
        done = desk.command("settlements", "import", "-", input=report)
        assert done.exit_code == 0, done.output
        assert counts(desk) == (5, 1, 2)
    assert desk.broken() == []


def test_a_payment_that_only_the_file_tells_is_booked(midtrans_desk: Desk) -> None:
    desk, given = midtrans_desk, midtrans_desk.given()
    desk.bench.pay(given["checkout_url"])
    desk.bench.pay_out()
    desk.bench.deliveries()
    done = desk.command("settlements", "import", "-", input=desk.bench.report())
    assert done.exit_code == 0, done.output
    assert desk.look(given["id"])["status"] == "paid"
    assert counts(desk) == (3, 1, 1)
    assert desk.broken() == []
