"""Midtrans's settlement file: fees and payouts, which neither notification nor status tells.

One CSV line a row of its books, with these columns (others may stand beside them):
transaction_type (payment, refund, chargeback, deny), order_id, transaction_id, payment_type,
settlement_date, currency, gross_amount, fee, net_amount, payout_id, refund_id. Amounts are in
rupiah and signed. A file holds whole payouts: all rows of each payout that it names.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from service.clock import JAKARTA
from service.money import Money
from service.processors import base
from service.processors.midtrans.reading import attempt_of, lost_at_once
from service.processors.shape import short

_NEEDED = frozenset(
    [
        "transaction_type",
        "order_id",
        "transaction_id",
        "payment_type",
        "settlement_date",
        "currency",
        "gross_amount",
        "fee",
        "net_amount",
        "payout_id",
        "refund_id",
    ]
)
Line = Mapping[str, str]


def read(text: str, live: bool) -> base.SettlementFile:
    """The rows of a file and what they tell. Raises ValueError, naming the line."""
    lines = csv.DictReader(io.StringIO(text, newline=""))
    missing = _NEEDED - set(lines.fieldnames or ())
    if missing:
        raise ValueError(f"line 1: no column {', '.join(sorted(missing))}")
    rows: list[base.BalanceRow] = []
    told: list[base.Happening] = []
    payouts: defaultdict[str, list[base.BalanceRow]] = defaultdict(list)
    try:
        for line in lines:
            row = _row(line)
            rows.append(row)
            told += _happenings(line, row, live)
            if line["payout_id"]:
                payouts[short(line["payout_id"])].append(row)
    except (ValueError, TypeError, KeyError, csv.Error) as error:
        raise ValueError(f"line {lines.reader.line_num}: {error}") from error
    for ref, paid in payouts.items():
        told.append(_payout(ref, paid, live))
        rows.append(_own_row(ref, paid))
    return base.SettlementFile(tuple(rows), tuple(told))


def _row(line: Line) -> base.BalanceRow:
    if None in line or None in line.values():
        raise ValueError("not as many cells as columns")
    currency = short(line["currency"])
    if currency != "IDR":
        raise ValueError("not in rupiah")
    gross, fee = (Money.parse(line[name], currency) for name in ("gross_amount", "fee"))
    if gross - fee != Money.parse(line["net_amount"], currency):
        raise ValueError("net_amount is not gross_amount less fee")
    day = date.fromisoformat(line["settlement_date"])
    return base.BalanceRow(
        ref=_name(line),
        kind=short(line["transaction_type"]),
        at=_start_of(day),
        gross=gross,
        fee=fee,
        available_on=day,
        source_ref=short(line["transaction_id"]),
    )


def _name(line: Line) -> str:
    """A row has no id of its own: what happened to which transaction names it."""
    letter = {"payment": "p", "refund": "r", "chargeback": "c", "deny": "d"}[line["transaction_type"]]
    return short(f"{line['transaction_id']}-{letter}{line['refund_id']}")


def _happenings(line: Line, row: base.BalanceRow, live: bool) -> list[base.Happening]:
    """What a row stands for. A payment's row is also a witness of the payment, which may be
    the only one: once a payment was denied late, the status tells nothing else any more."""
    attempt_id = attempt_of(line["order_id"])
    if attempt_id is None:
        return [base.BalanceAdjusted(row.ref, row.at, row, live)]  # somebody else's order
    payment = short(line["transaction_id"])
    moved: dict[str, Any] = {
        "attempt_id": attempt_id,
        "ref": row.ref,
        "at": row.at,
        "payment_ref": payment,
        "amount": Money(abs(row.gross.minor), row.gross.currency),
        "row": row,
        "live": live,
    }
    match line["transaction_type"]:
        case "payment":
            method = short(line["payment_type"])
            paid = base.PaymentSucceeded(attempt_id, payment, row.at, row.gross, payment, None, method, live)
            return [paid, base.PaymentSettled(**moved, charge_ref=None, method=method)]
        case "refund":
            return [base.RefundedOutside(**moved)]
        case "chargeback":
            return lost_at_once(moved)
    return [base.PaymentDenied(**{**moved, "ref": payment})]


def _payout(ref: str, rows: list[base.BalanceRow], live: bool) -> base.PayoutMade:
    own = _own_row(ref, rows)
    return base.PayoutMade(
        ref=ref,
        balance_ref=own.ref,
        at=own.at,
        amount=-own.gross,
        arrival=own.available_on,
        rows=tuple(row.ref for row in rows),
        live=live,
    )


def _own_row(ref: str, rows: list[base.BalanceRow]) -> base.BalanceRow:
    currency = rows[0].gross.currency
    total = Money(sum(row.net.minor for row in rows), currency)
    day = max(row.available_on for row in rows)
    return base.BalanceRow(
        ref=short(f"{ref}-out"),
        kind="payout",
        at=_start_of(day),
        gross=-total,
        fee=Money(0, currency),
        available_on=day,
        source_ref=ref,
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), JAKARTA)
