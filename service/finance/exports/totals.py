"""Control totals: what a spreadsheet's sums over an export must come to."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from service.money import Money

_AMOUNTS = ("gross", "fee", "net")
_SETTLED = tuple(f"settlement_{name}" for name in _AMOUNTS)


class Span(NamedTuple):
    """Between which numbers rows stand, and how many they are."""

    first: int | None
    last: int | None
    rows: int


def totals_and_span(session: Session, row: Subquery) -> tuple[dict[str, Any], Span]:
    """The control totals, and where the rows stand, in one pass over them. Totals are how many rows
    there are, and the sum of each amount by currency and by settlement currency, in major units."""
    amounts = [name for name in (*_AMOUNTS, *_SETTLED) if name in row.c]
    currencies = (row.c.currency, row.c.settlement_currency)
    span = (func.min(row.c.sequence), func.max(row.c.sequence), func.count())
    query = select(*currencies, *span, *(func.sum(row.c[name]) for name in amounts)).group_by(*currencies)
    spans, found = [], []
    for paid, settled, first, last, count, *sums in session.execute(query):
        spans.append((first, last))
        found.append((paid, settled, count, dict(zip(amounts, sums, strict=True))))
    rows = sum(count for _, _, count, _ in found)
    totals = {
        "rows": rows,
        "currencies": _by_currency(((paid, count, sums) for paid, _, count, sums in found), _AMOUNTS),
        "settlement": _by_currency(
            ((settled, count, sums) for _, settled, count, sums in found if settled is not None), _SETTLED
        ),
    }
    first = min((first for first, _ in spans), default=None)
    last = max((last for _, last in spans), default=None)
    return totals, Span(first, last, rows)


def _by_currency(
    found: Iterable[tuple[str, int, dict[str, Any]]], names: tuple[str, ...]
) -> list[dict[str, Any]]:
    rows: defaultdict[str, int] = defaultdict(int)
    sums: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for currency, count, amounts in found:
        rows[currency] += count
        for name in names:
            if name in amounts:
                sums[currency][name] = sums[currency].get(name, 0) + int(amounts[name] or 0)
    return [
        {
            "currency": currency,
            "rows": rows[currency],
            **{
                name.removeprefix("settlement_"): Money(minor, currency).export_text()
                for name, minor in sums[currency].items()
            },
        }
        for currency in sorted(rows)
    ]
