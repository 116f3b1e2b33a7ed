"""Rows as CSV text: written by PostgreSQL itself, or here, in the same bytes.

Dialect ``standard``: comma, UTF-8, decimal dot. ``excel-id``: semicolon, UTF-8 with BOM,
decimal comma. A text that a spreadsheet would run as a formula is neutralised.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, Text, case, cast, func, literal_column, select

from service.clock import rfc3339
from service.finance.exports.columns import Column, Kind
from service.money import EXPONENTS, Money
from service.plain_text import FORMULA_STARTS, neutralise

_USUAL = ("IDR", "USD")
# What one minor unit is worth, by decimals; numeric, so that the product keeps its own.
_UNITS = {0: "1::numeric", 2: "0.01", 3: "0.001"}


@dataclass(frozen=True, slots=True)
class Notation:
    """How a dialect writes."""

    separator: str
    point: str
    start: bytes

    def header(self, columns: Sequence[Column]) -> bytes:
        """The first line, after what a file of this dialect begins with."""
        return self.start + (self.separator.join(column.name for column in columns) + "\n").encode()


NOTATIONS = {
    "standard": Notation(",", ".", b""),
    "excel-id": Notation(";", ",", "\ufeff".encode()),
}


def line_writer(columns: Sequence[Column], notation: Notation) -> Callable[[Sequence[Any]], str]:
    """What makes a line of a row of raw values, in the order of the columns."""
    places = {column.name: place for place, column in enumerate(columns)}
    cells = [_cell(column, places, notation) for column in columns]
    separator = notation.separator

    def line(row: Sequence[Any]) -> str:
        return separator.join([cell(row) for cell in cells]) + "\n"

    return line


def _cell(column: Column, places: dict[str, int], notation: Notation) -> Callable[[Sequence[Any]], str]:
    place = places[column.name]
    if column.kind == Kind.MONEY:
        currency = places[column.currency]
        return lambda row: _amount(row[place], row[currency], notation.point)
    write: dict[Kind, Callable[[Any], str]] = {
        Kind.NUMBER: str,
        Kind.CODE: str,
        Kind.TEXT: lambda text: _quoted(neutralise(text), notation.separator),
        Kind.DAY: date.isoformat,
        Kind.MOMENT: _moment,
        Kind.RATE: lambda rate: rate.replace(".", notation.point),
    }
    written = write[column.kind]
    return lambda row: "" if row[place] is None else written(row[place])


def _amount(minor: int | None, currency: str, point: str) -> str:
    if minor is None:
        return ""
    text = Money(minor, currency).export_text()
    return text if point == "." else text.replace(".", point)


def _moment(at: datetime) -> str:
    return rfc3339(at) or ""


def _quoted(text: str, separator: str) -> str:
    """As PostgreSQL's COPY quotes: only where it must be."""
    if separator in text or '"' in text or "\r" in text or "\n" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def as_text(columns: Sequence[Column], row: Subquery, notation: Notation) -> Select[*tuple[str, ...]]:
    """The rows with every cell written as text by PostgreSQL."""
    cells = [_text(column, row, notation).label(column.name) for column in columns]
    return select(*cells).order_by(row.c.sequence)


def _text(column: Column, row: Subquery, notation: Notation) -> ColumnElement[Any]:
    value = row.c[column.name]
    if column.kind == Kind.MONEY:
        text = cast(value * by_places(row.c[column.currency], _UNITS), Text)
        return text if notation.point == "." else func.replace(text, ".", notation.point)
    if column.kind == Kind.RATE:
        return value if notation.point == "." else func.replace(value, ".", notation.point)
    if column.kind == Kind.TEXT:
        return func.nullif(neutralised(value), "")
    if column.kind == Kind.DAY:
        return func.to_char(value, "YYYY-MM-DD")
    if column.kind == Kind.MOMENT:
        return func.to_char(func.timezone("UTC", value), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    return value


def neutralised(value: ColumnElement[str]) -> ColumnElement[str]:
    """`neutralise` in SQL: numbers are compared three times as fast as texts."""
    return case((func.ascii(value).in_([ord(start) for start in FORMULA_STARTS]), "'" + value), else_=value)


def by_places(currency: ColumnElement[str], values: Mapping[int, str]) -> ColumnElement[Any]:
    """One of three SQL values, for how many decimals a currency has. Most have two, and those
    that readers and processors use most are asked for first: this is told of every amount."""
    codes = {places: [code for code, its in EXPONENTS.items() if its == places] for places in (0, 3)}
    return case(
        (currency.in_(_USUAL), literal_column(values[2])),
        (currency.in_(codes[0]), literal_column(values[0])),
        (currency.in_(codes[3]), literal_column(values[3])),
        else_=literal_column(values[2]),
    )
