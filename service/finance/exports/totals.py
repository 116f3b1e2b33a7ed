"""Control totals: what a spreadsheet's sums over an export must come to."""

from typing import Any

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from service.money import Money

_AMOUNTS = ("gross", "fee", "net")


def control_totals(session: Session, row: Subquery) -> dict[str, Any]:
    """Rows, and the sum of each amount by currency and by settlement currency, in major units."""
    return {
        "rows": session.scalar(select(func.count()).select_from(row)) or 0,
        "currencies": _sums(session, row, "currency", _AMOUNTS),
        "settlement": _sums(session, row, "settlement_currency", [f"settlement_{name}" for name in _AMOUNTS]),
    }


def _sums(session: Session, row: Subquery, currency: str, names: Any) -> list[dict[str, Any]]:
    there = [name for name in names if name in row.c]
    code = row.c[currency]
    query = (
        select(code, func.count(), *(func.sum(row.c[name]) for name in there))
        .where(code.is_not(None))
        .group_by(code)
        .order_by(code)
    )
    return [
        {
            "currency": found,
            "rows": count,
            **{
                name.removeprefix("settlement_"): Money(int(minor or 0), found).export_text()
                for name, minor in zip(there, sums, strict=True)
            },
        }
        for found, count, *sums in session.execute(query)
    ]
