"""Rows as an Excel workbook: real dates and numbers, and a summary sheet in front.

rust_xlsxwriter through its Python binding (docs/decisions/0008): rows stream into the file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

from service.finance.exports.columns import Column, Kind
from service.finance.exports.text import neutralise
from service.money import exponent

MOST_ROWS = 1_048_576 - 1  # of a sheet, below its header
_DAY, _MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
_WIDTHS = {Kind.NUMBER: 9, Kind.CODE: 14, Kind.TEXT: 24, Kind.DAY: 12, Kind.MOMENT: 20, Kind.MONEY: 16}


def write(
    path: Path,
    columns: Sequence[Column],
    rows: Iterator[Sequence[Any]],
    count: int,
    summary: Mapping[str, list[dict[str, Any]]],
    most_rows: int = MOST_ROWS,
) -> None:
    """Write a workbook; what does not fit on one sheet goes on on the next. ``count`` is how
    many rows there are; ``summary`` has a sheet's rows by its name."""
    book = FastExcel(str(path), autofit=False).freeze(row=1, col=0)
    bold = Format().set_bold()
    for name, lines in summary.items():
        book.sheet(name, lines, header_format=bold, column_widths=[44.0, 24.0, 24.0, 24.0, 24.0])
    cells = [_cell(column, columns) for column in columns]
    names = [column.name for column in columns]
    sheets = max(1, -(-count // most_rows))
    for place in range(sheets):
        book.sheet(
            "Data" if place == 0 else f"Data {place + 1}",
            _records(islice(rows, most_rows), names, cells) if count else [dict.fromkeys(names)],
            column_formats={column.name: form for column in columns if (form := _format(column))},
            column_widths={column.name: float(_WIDTHS[column.kind]) for column in columns},
            header_format=bold,
            autofilter=True,
        )
    book.save()


def _records(
    rows: Iterator[Sequence[Any]], names: Sequence[str], cells: Sequence[Callable[[Sequence[Any]], Any]]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {name: cell(row) for name, cell in zip(names, cells, strict=True)}


def _format(column: Column) -> Format | None:
    forms = {Kind.DAY: _DAY, Kind.MOMENT: _MOMENT, Kind.MONEY: "#,##0.00", Kind.NUMBER: "0"}
    form = forms.get(column.kind)
    return Format().set_num_format(form) if form else None


def _cell(column: Column, columns: Sequence[Column]) -> Callable[[Sequence[Any]], Any]:
    names = [other.name for other in columns]
    place = names.index(column.name)
    if column.kind == Kind.MONEY:
        currency = names.index(column.currency)
        return lambda row: _number(row[place], row[currency])
    if column.kind == Kind.MOMENT:
        return lambda row: _moment(row[place])
    if column.kind == Kind.TEXT:
        return lambda row: None if row[place] is None else neutralise(row[place])
    return lambda row: row[place]


def _number(minor: int | None, currency: str) -> float | None:
    """Exact to 15 digits, as every spreadsheet number is."""
    return None if minor is None else minor / 10 ** exponent(currency)


def _moment(at: datetime | None) -> datetime | None:
    """In UTC; a spreadsheet's times have no zone."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
