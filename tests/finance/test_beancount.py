"""The beancount file: other people's checker finds nothing, and its balances are the ledger's."""

import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core.data import Transaction
from sqlalchemy import select

from service import clock
from service.finance import books
from service.finance.model import Movement
from tests.support.desk import Desk

EVERYTHING = {"from": "2026-01-01", "to": "2030-12-31", "format": "beancount"}


def exported(desk: Desk, tmp_path: Path) -> Path:
    response = desk.client.get(
        "/api/v1/desk/finance/export", query_string=EVERYTHING, headers=desk.headers("finance")
    )
    assert response.status_code == 200, response.text
    assert response.headers["Content-Disposition"].endswith('.beancount"')
    file = tmp_path / "books.beancount"
    file.write_bytes(response.data)
    return file


def a_hard_week(desk: Desk) -> None:
    """Payments, a refund, a dispute, a payout that came back."""
    paid = [desk.paid(display_name='Sri "Ayu" \\ Wahyuni') for _ in range(3)]
    payments = desk.session.scalars(
        select(Movement.payment_ref).where(Movement.type == "contribution").order_by(Movement.payment_ref)
    ).all()
    desk.bench.refund(payments[0], 5_000)
    desk.bench.close_dispute(desk.bench.dispute(payments[1]), "lost")
    desk.deliver_all()
    payout = desk.bench.pay_out()
    desk.deliver_all()
    if payout and desk.bench.name != "midtrans":
        desk.bench.fail_payout(payout)
        desk.deliver_all()
    assert paid


def test_bean_check_passes_and_balances_equal_the_ledger(any_desk: Desk, tmp_path: Path) -> None:
    _check(any_desk, tmp_path)


def test_so_they_do_with_two_currencies(dollar_desk: Desk, tmp_path: Path) -> None:
    _check(dollar_desk, tmp_path)


def _check(desk: Desk, tmp_path: Path) -> None:
    a_hard_week(desk)
    file = exported(desk, tmp_path)
    checked = subprocess.run(
        [Path(sys.executable).parent / "bean-check", file], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    entries, errors, _ = loader.load_file(str(file))
    assert errors == []
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                sums[posting.account, posting.units.currency] += posting.units.number
    desk.session.rollback()
    ledger = {(it.account, it.amount.currency): it.amount.as_decimal() for it in books.balances(desk.session)}
    assert dict(sums) == ledger
    assert len([entry for entry in entries if isinstance(entry, Transaction)]) >= 5


def test_the_same_books_are_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    a_hard_week(desk)
    first = exported(desk, tmp_path).read_bytes()
    assert exported(desk, tmp_path).read_bytes() == first
    day = clock.jakarta_date(clock.now()).isoformat()
    done = desk.command("export", "--from", day, "--to", day, "--format", "beancount")
    assert done.exit_code == 0
    assert done.stdout.encode() == first
