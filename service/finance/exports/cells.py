"""Rows as a workbook's cells, in Arrow batches: real dates and numbers, from PostgreSQL or made here.

A spreadsheet's date is a number with a date's format: days since 30 December 1899. At a million
rows it is the making of Python objects that costs, so none is made where PostgreSQL writes the
rows: its COPY is parsed into columns (arro3), which the writer of workbooks reads as they are.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from arro3.core import Array, DataType, Field, RecordBatch, Schema
from arro3.io import read_csv
from sqlalchemy import ColumnElement, Select, Subquery, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.orm import Session

from service.finance.exports.columns import Column, Kind
from service.finance.exports.read import driver_connection, raw_rows, statement_of
from service.finance.exports.text import by_places, neutralised
from service.money import exponent
from service.plain_text import neutralise

_EPOCH = date(1899, 12, 30)
_EPOCH_SECONDS = 2_209_161_600  # from then to 1970
_DAY_SECONDS = 86_400
_PARTS = {0: "1e0::float8", 2: "1e2::float8", 3: "1e3::float8"}  # minor units of a major one
_ROWS_AT_A_TIME = 4096
_READ = 256 * 1024  # bytes


def schema_of(columns: Sequence[Column]) -> Schema:
    """The types of the cells: whole numbers, numbers, texts."""
    return Schema([Field(column.name, _type_of(column), nullable=True) for column in columns])


def _type_of(column: Column) -> DataType:
    if column.kind == Kind.NUMBER:
        return DataType.int64()
    return DataType.utf8() if column.kind in (Kind.CODE, Kind.TEXT, Kind.RATE) else DataType.float64()


def batches(session: Session, columns: Sequence[Column], row: Subquery) -> Iterator[RecordBatch]:
    """The rows as cells, in their order: amounts in major units (exact to 15 digits, as every
    spreadsheet number is), moments in UTC, to the second."""
    if session.get_bind().dialect.name == "postgresql":
        return _copied(session, columns, as_cells(columns, row))
    return made_here(columns, raw_rows(session, columns, row))


def as_cells(columns: Sequence[Column], row: Subquery) -> Select[*tuple[Any, ...]]:
    """The rows with every value as the cell that it becomes."""
    cells = [_in_sql(column, row).label(column.name) for column in columns]
    return select(*cells).order_by(row.c.sequence)


def _in_sql(column: Column, row: Subquery) -> ColumnElement[Any]:
    value = row.c[column.name]
    if column.kind == Kind.MONEY:
        return value / by_places(row.c[column.currency], _PARTS)
    if column.kind == Kind.DAY:
        return value - literal_column(f"date '{_EPOCH}'")
    if column.kind == Kind.MOMENT:
        seconds = cast(func.floor(func.extract("epoch", value)), DOUBLE_PRECISION)
        return (seconds + literal_column(f"{_EPOCH_SECONDS}::float8")) / literal_column(
            f"{_DAY_SECONDS}::float8"
        )
    return neutralised(value) if column.kind == Kind.TEXT else value


def _copied(
    session: Session, columns: Sequence[Column], query: Select[*tuple[Any, ...]]
) -> Iterator[RecordBatch]:
    statement, params = statement_of(session, query)
    copied = f"COPY ({statement}) TO STDOUT (FORMAT csv)"
    with driver_connection(session).cursor() as cursor, cursor.copy(copied, params) as copy:
        lines = io.BufferedReader(_Lines(copy), _READ)
        yield from read_csv(lines, schema_of(columns), has_header=False, batch_size=_ROWS_AT_A_TIME)


class _Lines(io.RawIOBase):
    """The lines of a COPY, one by one, as a file to read from."""

    def __init__(self, lines: Iterator[memoryview]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        room = len(buffer)
        parts, size = [self._rest], len(self._rest)
        with suppress(StopIteration):
            while size < room:
                parts.append(bytes(next(self._lines)))
                size += len(parts[-1])
        read = b"".join(parts)
        taken, self._rest = read[:room], read[room:]
        buffer[: len(taken)] = taken
        return len(taken)


def made_here(columns: Sequence[Column], rows: Iterator[Sequence[Any]]) -> Iterator[RecordBatch]:
    """Raw rows, in the order of the columns, as the same cells."""
    schema = schema_of(columns)
    cells = [(_type_of(column), _cell(column, columns)) for column in columns]
    while taken := list(islice(rows, _ROWS_AT_A_TIME)):
        arrays = [Array([cell(row) for row in taken], type=type_) for type_, cell in cells]
        yield RecordBatch.from_arrays(arrays, schema=schema)


def _cell(column: Column, columns: Sequence[Column]) -> Callable[[Sequence[Any]], Any]:
    names = [other.name for other in columns]
    place = names.index(column.name)
    if column.kind == Kind.MONEY:
        currency = names.index(column.currency)
        return lambda row: None if row[place] is None else row[place] / 10 ** exponent(row[currency])
    write: dict[Kind, Callable[[Any], Any]] = {
        Kind.DAY: lambda day: float((day - _EPOCH).days),
        Kind.MOMENT: _moment,
        Kind.TEXT: neutralise,
    }
    written = write.get(column.kind, lambda value: value)
    return lambda row: None if row[place] is None else written(row[place])


def _moment(at: datetime) -> float:
    whole = int(at.astimezone(UTC).timestamp() // 1)
    return (whole + _EPOCH_SECONDS) / _DAY_SECONDS
