"""The first sheet of a workbook: what it holds, what its sums must be, and the statement."""

from typing import Any

from service.finance.exports.selection import Wanted

_NAMES = ("Keterangan / Summary", "A", "B", "C", "D")


def summary_of(wanted: Wanted, totals: dict[str, Any], statement: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by the sheet's name. They depend on the order and its rows alone, so that the same
    rows are the same cells."""
    period = wanted.selection.period
    lines: list[tuple[Any, ...]] = [
        ("Apresiasi Spesial",),
        ("Periode / Period (WIB)", period.first.isoformat(), period.last.isoformat()),
        ("Baris / Rows", wanted.rows, totals["rows"]),
        *((f"Filter: {name}", value) for name, value in wanted.selection.filters.items()),
        ("Waktu / Times", "UTC; booked_on_wib: Asia/Jakarta"),
        (),
    ]
    for title_, sums in (
        ("Total kontrol / Control totals", totals["currencies"]),
        ("Total penyelesaian / Settlement totals", totals["settlement"]),
    ):
        if sums:
            names = list(sums[0])
            lines.append((title_, *names[1:]))
            lines += [tuple(_value(name, row[name]) for name in names) for row in sums]
            lines.append(())
    lines += [("Pernyataan / Statement (7.2)",), *((line,) for line in statement.splitlines() if line)]
    return {"Ringkasan": [_row(line) for line in lines]}


def _value(name: str, value: Any) -> Any:
    return float(value) if name in ("gross", "fee", "net") else value


def _row(line: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(_NAMES, (*line, *[None] * len(_NAMES)), strict=False))
