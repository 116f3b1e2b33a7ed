"""Rows as a workbook's cells: real dates and numbers, made by PostgreSQL itself or here.

At a million rows it is the making of Python objects that costs, so PostgreSQL hands over values
that need no second look, and streams them while the file is written.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal_column, select
from sqlalchemy.orm import Session

from service.finance.exports.columns import Column, Kind
from service.finance.exports.read import driver_connection, raw_rows, statement_of
from service.finance.exports.text import neutralise, neutralised
from service.money import EXPONENTS, exponent

Record = dict[str, Any]
_ROWS_AT_A_TIME = 1000


def records(session: Session, columns: Sequence[Column], row: Subquery) -> Iterator[Record]:
    """The rows as cells by the column's name, in their order; amounts as numbers in major units
    (exact to 15 digits, as every spreadsheet number is), moments in UTC without a zone."""
    if session.get_bind().dialect.name == "postgresql":
        return _streamed(session, as_cells(columns, row))
    return _made_here(columns, raw_rows(session, columns, row))


def as_cells(columns: Sequence[Column], row: Subquery) -> Select[*tuple[Any, ...]]:
    """The rows with every value as the cell that it becomes."""
    cells = [_in_sql(column, row).label(column.name) for column in columns]
    return select(*cells).order_by(row.c.sequence)


def _streamed(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Record]:
    statement, params = statement_of(session, query)
    with driver_connection(session).cursor(row_factory=dict_row) as cursor:
        yield from cursor.stream(statement, params, size=_ROWS_AT_A_TIME, binary=True)


def _in_sql(column: Column, row: Subquery) -> ColumnElement[Any]:
    value = row.c[column.name]
    if column.kind == Kind.MONEY:
        return value / _parts(row.c[column.currency])
    if column.kind == Kind.MOMENT:
        return func.date_trunc("second", func.timezone("UTC", value))
    return neutralised(value) if column.kind == Kind.TEXT else value


def _parts(currency: ColumnElement[str]) -> ColumnElement[Any]:
    """How many minor units make a major one."""
    of_places = {places: [code for code, found in EXPONENTS.items() if found == places] for places in (0, 3)}
    return case(
        *(
            (currency.in_(codes), literal_column(f"1e{places}::float8"))
            for places, codes in of_places.items()
        ),
        else_=literal_column("1e2::float8"),
    )


def _made_here(columns: Sequence[Column], rows: Iterator[Sequence[Any]]) -> Iterator[Record]:
    cells = [(column.name, _cell(column, columns)) for column in columns]
    for row in rows:
        yield {name: cell(row) for name, cell in cells}


def _cell(column: Column, columns: Sequence[Column]) -> Callable[[Sequence[Any]], Any]:
    names = [other.name for other in columns]
    place = names.index(column.name)
    if column.kind == Kind.MONEY:
        currency = names.index(column.currency)
        return lambda row: None if row[place] is None else row[place] / 10 ** exponent(row[currency])
    if column.kind == Kind.MOMENT:
        return lambda row: _moment(row[place])
    if column.kind == Kind.TEXT:
        return lambda row: None if row[place] is None else neutralise(row[place])
    return lambda row: row[place]


def _moment(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
