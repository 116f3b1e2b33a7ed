"""Movements as CSV: the contract's columns, in order of their gapless sequence, streamed."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Subquery, select
from sqlalchemy.orm import Session, aliased

from service.clock import rfc3339
from service.finance.model import (
    Movement,
    MovementSequence,
    MovementSettlement,
    Payout,
    PayoutRow,
)
from service.money import Money

COLUMNS = (
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
)
DIALECTS = ("standard", "excel-id")
FORMATS = ("csv", "beancount")

_ROWS_AT_A_TIME = 1000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Period:
    """Jakarta dates, both inclusive, on which movements were booked."""

    first: date
    last: date


def movements(session: Session, period: Period, standing: Subquery) -> Iterator[dict[str, Any]]:
    """The numbered movements of a period as column values; Money, dates and texts.

    ``standing`` names each contribution's ``contribution_id, status, message_state``.
    """
    settlement, own_payout = MovementSettlement, aliased(Payout)
    query = (
        select(MovementSequence.sequence, Movement, settlement, own_payout, standing)
        .join(MovementSequence, MovementSequence.movement_id == Movement.id)
        .outerjoin(settlement, settlement.movement_id == Movement.id)
        .outerjoin(
            PayoutRow,
            (PayoutRow.processor == settlement.processor) & (PayoutRow.balance_ref == settlement.balance_ref),
        )
        .outerjoin(
            own_payout,
            (own_payout.processor == Movement.processor)
            & (
                (own_payout.ref == PayoutRow.payout_ref)
                | ((own_payout.ref == Movement.ref) & (Movement.type == "payout"))
            ),
        )
        .outerjoin(standing, standing.c.contribution_id == Movement.contribution_id)
        .where(Movement.booked_on.between(period.first, period.last))
        .order_by(MovementSequence.sequence)
        .execution_options(yield_per=_ROWS_AT_A_TIME)
    )
    with closing(session.execute(query)) as rows:
        for row in rows:
            sequence, movement, settled, payout, *_ = row
            yield _values(sequence, movement, settled, payout, row._mapping)
            session.expunge(movement)


def _values(
    sequence: int,
    movement: Movement,
    settled: MovementSettlement | None,
    payout: Payout | None,
    row: Mapping[Any, Any],
) -> dict[str, Any]:
    currency = movement.currency
    return {
        "sequence": sequence,
        "movement_id": movement.id,
        "reference": movement.reference,
        "contribution_id": movement.contribution_id,
        "type": movement.type,
        "article_url": movement.article_url,
        "article_section": movement.article_section,
        "created_at_utc": rfc3339(movement.given_at or movement.occurred_at),
        "paid_at_utc": rfc3339(movement.paid_at),
        "available_on": settled.available_on if settled else None,
        "payout_id": payout.ref if payout else None,
        "payout_arrival": payout.arrival if payout else None,
        "booked_on_wib": movement.booked_on,
        "currency": currency,
        "gross": Money(movement.gross_minor, currency),
        "fee": Money(movement.fee_minor, currency),
        "net": Money(movement.net_minor, currency),
        "settlement_currency": settled.currency if settled else None,
        "settlement_gross": Money(settled.gross_minor, settled.currency) if settled else None,
        "settlement_fee": Money(settled.fee_minor, settled.currency) if settled else None,
        "settlement_net": Money(settled.net_minor, settled.currency) if settled else None,
        "exchange_rate": settled.exchange_rate if settled else None,
        "processor": movement.processor,
        "payment_ref": movement.payment_ref,
        "charge_ref": movement.charge_ref or (settled.charge_ref if settled else None),
        "balance_transaction_ref": settled.balance_ref if settled else None,
        "parent_movement_id": movement.parent_id,
        "method": movement.method or (settled.method if settled else None),
        "status": row["status"],
        "live": "true" if movement.live else "false",
        "debit_account": movement.debit_account,
        "credit_account": movement.credit_account,
        "terms_version": movement.terms_version,
        "message_state": row["message_state"],
        "period": f"{movement.booked_on:%Y-%m}",
    }


def as_csv(rows: Iterator[dict[str, Any]], dialect: str) -> Iterator[bytes]:
    """Rows as CSV bytes, a chunk of lines at a time, header first.

    ``standard``: comma, UTF-8, decimal dot. ``excel-id``: semicolon, UTF-8 with BOM,
    decimal comma. Texts that a spreadsheet would run as a formula are neutralised.
    """
    indonesian = dialect == "excel-id"
    cell = _indonesian_cell if indonesian else _standard_cell
    buffer = io.StringIO("\ufeff" if indonesian else "", newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer, delimiter=";" if indonesian else ",", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for place, row in enumerate(rows, start=1):
        writer.writerow([cell(row[column]) for column in COLUMNS])
        if place % _ROWS_AT_A_TIME == 0:
            yield _take(buffer)
    yield _take(buffer)


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _standard_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return value.export_text()
    if isinstance(value, str):
        return neutralise(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _indonesian_cell(value: Any) -> str:
    if isinstance(value, Money):
        return value.export_text().replace(".", ",")
    return _standard_cell(value)


def neutralise(text: str) -> str:
    """A text that no spreadsheet takes for a formula (CSV injection, ASVS 5.0 1.2.10)."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


StandingSource = Callable[[], Subquery]
