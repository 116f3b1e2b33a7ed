"""What came in, by day, month, section or method: sums of the same movements that exports list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service.db import month_text
from service.finance import kinds
from service.finance.exports.selection import Period
from service.finance.model import Movement, MovementSettlement
from service.money import Money

# How movements are grouped; None is the whole period in one.
_BY: Mapping[str, ColumnElement[Any]] = {
    "day": Movement.booked_on.expression,
    "month": month_text(Movement.booked_on),
    "section": func.coalesce(Movement.article_section, ""),
    "method": func.coalesce(Movement.method, MovementSettlement.method, ""),
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Sums of one day, month, section or method, in one currency: net = gross + exceptions -
    fees. Payouts are neither: they only take money to the bank."""

    name: str
    contributions: int
    gross: Money
    fees: Money
    exceptions: Money
    net: Money


def buckets(session: Session, period: Period, by: str | None) -> list[Bucket]:
    """Sums by ``day``, ``month``, ``section`` or ``method`` (None: all in one) and currency."""
    given = Movement.type == kinds.CONTRIBUTION
    group = [_BY[by]] if by else []
    query = (
        select(
            *group,
            Movement.currency,
            func.count().filter(given),
            func.coalesce(func.sum(Movement.gross_minor).filter(given), 0),
            func.sum(Movement.fee_minor),
            func.coalesce(func.sum(Movement.gross_minor).filter(~given), 0),
            func.sum(Movement.net_minor),
        )
        .where(Movement.booked_on.between(period.first, period.last), Movement.type.not_in(kinds.PAYOUTS))
        .group_by(*group, Movement.currency)
        .order_by(*group, Movement.currency)
    )
    if by == "method":
        query = query.outerjoin(MovementSettlement, MovementSettlement.movement_id == Movement.id)
    return [_bucket("" if by is None else str(row[0]), row[-6:]) for row in session.execute(query)]


def _bucket(name: str, row: Any) -> Bucket:
    currency, count, *sums = row
    return Bucket(name, count, *(Money(int(minor), currency) for minor in sums))


def printed(bucket: Bucket) -> dict[str, Any]:
    """A bucket for programs, in major units."""
    return {
        "bucket": bucket.name,
        "currency": bucket.gross.currency,
        "contributions": bucket.contributions,
        "gross": bucket.gross.export_text(),
        "fees": bucket.fees.export_text(),
        "exceptions": bucket.exceptions.export_text(),
        "net": bucket.net.export_text(),
    }
