"""Rows as a workbook's cells: real dates and numbers, made by PostgreSQL itself or here.

A spreadsheet's date is a number with a date's format: days since 30 December 1899. At a million
rows it is the making of Python objects that costs, so PostgreSQL hands over text that is cut and
needs no second look, and computes the next rows while the file is written.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.orm import Session

from service.finance.exports.columns import Column, Kind
from service.finance.exports.read import driver_connection, raw_rows, statement_of
from service.finance.exports.text import by_places, neutralise, neutralised
from service.money import exponent

Record = dict[str, Any]
_EPOCH = date(1899, 12, 30)
_EPOCH_SECONDS = 2_209_161_600  # from then to 1970
_DAY_SECONDS = 86_400
_PARTS = {0: "1e0::float8", 2: "1e2::float8", 3: "1e3::float8"}  # minor units of a major one
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_READ: dict[Kind, Callable[[str], float]] = {
    Kind.NUMBER: int,
    Kind.MONEY: float,
    Kind.DAY: int,
    Kind.MOMENT: float,
}


def records(session: Session, columns: Sequence[Column], row: Subquery) -> Iterator[Record]:
    """The rows as cells by the column's name, in their order: amounts in major units (exact to 15
    digits, as every spreadsheet number is), moments in UTC, to the second."""
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


def _copied(session: Session, columns: Sequence[Column], query: Select[*tuple[Any, ...]]) -> Iterator[Record]:
    names = [column.name for column in columns]
    numbers = [(place, _READ[column.kind]) for place, column in enumerate(columns) if column.kind in _READ]
    statement, params = statement_of(session, query)
    copied = f"COPY ({statement}) TO STDOUT (FORMAT text, NULL '')"
    with driver_connection(session).cursor() as cursor, cursor.copy(copied, params) as copy:
        for data in copy:
            line = str(data, "utf-8")
            cells: list[Any] = line[:-1].split("\t")
            if "\\" in line:
                cells = [_unescaped(cell) for cell in cells]
            for place, read in numbers:
                cells[place] = read(cells[place]) if cells[place] else None
            yield dict(zip(names, cells, strict=True))


def _unescaped(cell: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), cell)


def made_here(columns: Sequence[Column], rows: Iterator[Sequence[Any]]) -> Iterator[Record]:
    """Raw rows, in the order of the columns, as the same cells."""
    cells = [(column.name, _cell(column, columns)) for column in columns]
    for row in rows:
        yield {name: cell(row) for name, cell in cells}


def _cell(column: Column, columns: Sequence[Column]) -> Callable[[Sequence[Any]], Any]:
    names = [other.name for other in columns]
    place = names.index(column.name)
    if column.kind == Kind.MONEY:
        currency = names.index(column.currency)
        return lambda row: None if row[place] is None else row[place] / 10 ** exponent(row[currency])
    write: dict[Kind, Callable[[Any], Any]] = {
        Kind.DAY: lambda day: (day - _EPOCH).days,
        Kind.MOMENT: _moment,
        Kind.TEXT: neutralise,
    }
    written = write.get(column.kind, lambda value: value)
    return lambda row: None if row[place] is None else written(row[place])


def _moment(at: datetime) -> float:
    whole = int(at.astimezone(UTC).timestamp() // 1)
    return (whole + _EPOCH_SECONDS) / _DAY_SECONDS
