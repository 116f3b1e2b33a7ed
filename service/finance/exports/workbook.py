"""Cells as an Excel workbook: real dates and numbers, and a summary sheet in front.

rust_xlsxwriter through its Python binding (docs/decisions/0008): batches stream into the file.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from arro3.core import RecordBatch, RecordBatchReader
from rustpy_xlsxwriter import FastExcel, Format

from service.finance.exports.cells import schema_of
from service.finance.exports.columns import Column, Kind

MOST_ROWS = 1_048_576 - 1  # of a sheet, below its header
_DAY, _MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
_WIDTHS = {
    Kind.NUMBER: 9, Kind.CODE: 14, Kind.TEXT: 24, Kind.RATE: 14, Kind.DAY: 12, Kind.MOMENT: 20, Kind.MONEY: 16
}  # fmt: skip


def write(
    path: Path,
    columns: Sequence[Column],
    batches: Iterator[RecordBatch],
    count: int,
    summary: Mapping[str, list[dict[str, Any]]],
    most_rows: int = MOST_ROWS,
) -> None:
    """Write a workbook of cells (`cells.batches`); what does not fit on one sheet goes on on the
    next. ``count`` is how many rows there are; ``summary`` has a sheet's rows by its name."""
    book = FastExcel(str(path), autofit=False).freeze(row=1, col=0)
    bold = Format().set_bold()
    for name, lines in summary.items():
        book.sheet(name, lines, header_format=bold, column_widths=[44.0, 24.0, 24.0, 24.0, 24.0])
    schema, rows = schema_of(columns), _Rows(batches)
    for place in range(max(1, -(-count // most_rows))):
        book.sheet(
            "Data" if place == 0 else f"Data {place + 1}",
            RecordBatchReader.from_batches(schema, rows.take(most_rows)),
            column_formats={column.name: form for column in columns if (form := _format(column))},
            column_widths={column.name: float(_WIDTHS[column.kind]) for column in columns},
            header_format=bold,
            autofilter=True,
        )
    book.save()


class _Rows:
    """Batches to be taken by numbers of rows, one sheet after the other."""

    def __init__(self, batches: Iterator[RecordBatch]) -> None:
        self._batches = iter(batches)
        self._rest: RecordBatch | None = None

    def take(self, most: int) -> Iterator[RecordBatch]:
        """The next rows, ``most`` at the most."""
        while most and (batch := self._next()) is not None:
            if batch.num_rows > most:
                batch, self._rest = batch.slice(0, most), batch.slice(most)
            most -= batch.num_rows
            yield batch

    def _next(self) -> RecordBatch | None:
        rest, self._rest = self._rest, None
        return next(self._batches, None) if rest is None else rest


def _format(column: Column) -> Format | None:
    forms = {Kind.DAY: _DAY, Kind.MOMENT: _MOMENT, Kind.MONEY: "#,##0.00", Kind.NUMBER: "0"}
    form = forms.get(column.kind)
    return Format().set_num_format(form) if form else None
