"""Rows of the settlement file, payouts to the bank, and the balance of the account."""

import csv
import io
from datetime import date, datetime
from typing import Any

from tests.fakes.midtrans.records import PayOut, Row, Transaction
from tests.fakes.midtrans.world import WIB, World, rupiah, wib

COLUMNS = (
    *("transaction_type", "order_id", "transaction_id", "payment_type", "transaction_time"),
    *("settlement_date", "currency", "gross_amount", "fee", "net_amount", "payout_id", "refund_id"),
)


def book(
    world: World, kind: str, transaction: Transaction, gross: int, fee: int, reversal: int | None = None
) -> None:
    """Adds one row, in whole rupiah, that the next payout will carry."""
    row = Row(kind, transaction, gross, fee, world.now(), reversal=reversal)
    world.rows.append(row)
    world.unpaid.append(row)
    world.moves.append((row.at, "effective", row.net))


def pay_out(world: World) -> PayOut | None:
    """Transfers all rows not yet paid out; none while they come to nothing or less."""
    amount = sum(row.net for row in world.unpaid)
    if amount <= 0:
        return None
    now = world.now()
    world.payouts += 1
    payout_id = f"PO-{datetime.fromtimestamp(now, WIB):%Y%m%d}-{world.payouts:04d}"
    for row in world.unpaid:
        row.payout_id = payout_id
    world.unpaid.clear()
    world.moves.append((now, "effective", -amount))
    return PayOut(payout_id, amount)


def settlement_report(world: World, first: date, last: date) -> str:
    """The rows of these Jakarta dates, both included, as a CSV file; an unpaid row names no payout."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in world.rows:
        if first <= datetime.fromtimestamp(row.at, WIB).date() <= last:
            writer.writerow(_cells(row))
    return out.getvalue()


def _cells(row: Row) -> tuple[str, ...]:
    paid = row.transaction
    return (
        *(row.kind, paid.order_id, paid.id, paid.method, wib(paid.chosen_at)),
        *(wib(row.at)[:10], "IDR", rupiah(row.gross), rupiah(row.fee), rupiah(row.net), row.payout_id),
        "" if row.reversal is None else str(row.reversal),
    )


def mutation(world: World, start: datetime, end: datetime) -> dict[str, Any]:
    """Balances at both ends of a window; Midtrans tells neither rows nor fees here."""
    opening = {name: _balance(world, name, start.timestamp()) for name in ("effective", "pending")}
    # The end is included to its whole second, as in 23:59:59.
    closing = {name: _balance(world, name, end.timestamp() + 1) for name in ("effective", "pending")}
    balances: dict[str, Any] = {}
    for name in ("effective", "pending"):
        balances[f"opening_balance_{name}"] = float(opening[name])
        balances[f"closing_balance_{name}"] = float(closing[name])
    balances["opening_balance_overall"] = float(sum(opening.values()))
    balances["closing_balance_overall"] = float(sum(closing.values()))
    window = {"currency": "IDR", "start_time": start.isoformat(), "end_time": end.isoformat()}
    return {**window, **balances, "wallets": [{"source": "payin", **balances}]}


def _balance(world: World, name: str, before: float) -> int:
    return sum(amount for at, wallet, amount in world.moves if wallet == name and at < before)
