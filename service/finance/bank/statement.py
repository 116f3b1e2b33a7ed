"""Read a bank statement from CSV (pure): whatever names and notation its columns have.

Known are the headers of Indonesian and English internet banking; separator, decimal mark and
the order of dates are told from the file itself.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.errors import N_, ValidationFailed
from service.money import Money

_HEADERS: Mapping[str, frozenset[str]] = {
    "date": frozenset(["date", "tanggal", "booking date", "posting date", "tgl", "tanggal transaksi", "transaction date"]),
    "amount": frozenset(["amount", "jumlah", "nominal", "mutasi"]),
    "credit": frozenset(["credit", "kredit", "cr"]),
    "debit": frozenset(["debit", "debet", "db"]),
    "description": frozenset(["description", "keterangan", "uraian", "remark", "remarks", "deskripsi", "details", "berita"]),
    "reference": frozenset(["reference", "referensi", "ref", "no referensi", "reference number"]),
    "currency": frozenset(["currency", "mata uang", "valuta", "ccy"]),
}  # fmt: skip
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d %b %Y")
_SIGNED = re.compile(r"(?P<number>[-+]?[0-9.,]+)\s*(?P<side>CR|DB|K|D)?", re.ASCII | re.IGNORECASE)
_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: money that came (positive) or went (negative). ``hash`` tells it from every
    other, also from an equal one of the same day."""

    booked_on: date
    amount: Money
    description: str
    hash: str


def read_statement(text: str, home: str) -> list[StatementLine]:
    """The lines of a statement; ``home`` is the currency where a line names none.

    Raises ValidationFailed: for the whole file, or naming the first line that cannot be read.
    """
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=_separator(text)))
    place, columns = _header(rows)
    lines: list[StatementLine] = []
    seen: Counter[tuple[object, ...]] = Counter()
    for number, row in enumerate(rows[place + 1 :], start=place + 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: row[column].strip() for name, column in columns.items() if column < len(row)}
        try:
            day, amount = _date(cells["date"]), _amount(cells, home)
        except (KeyError, ValueError) as error:
            raise _refused(N_("A line of the file cannot be read: its date or amount."), number) from error
        told = " ".join(filter(None, (cells.get("description"), cells.get("reference"))))[:300]
        key = (day, amount, told)
        seen[key] += 1
        lines.append(StatementLine(day, amount, told, _hash(*key, seen[key])))
        if len(lines) > _MOST_LINES:
            raise _refused(N_("The file has too many lines; send a shorter period."), number)
    return lines


def _refused(message: str, line: int | None = None) -> ValidationFailed:
    return ValidationFailed({"file" if line is None else f"line {line}": ("unreadable", message)})


def _separator(text: str) -> str:
    first = next((line for line in text.splitlines() if line.count(";") + line.count(",") > 0), "")
    return ";" if first.count(";") > first.count(",") else ","


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Where the header is, and which column is what; banks print lines of their own before it."""
    for place, row in enumerate(rows[:30]):
        columns = {
            name: column
            for column, cell in reversed(list(enumerate(row)))
            for name, known in _HEADERS.items()
            if " ".join(cell.casefold().replace("_", " ").split()) in known
        }
        if "date" in columns and columns.keys() & {"amount", "credit", "debit"}:
            return place, columns
    raise _refused(N_("The file has no header with a date and an amount."))


def _date(text: str) -> date:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a calendar day
        except ValueError:
            continue
    raise ValueError("no date")


def _amount(cells: Mapping[str, str], home: str) -> Money:
    currency = cells.get("currency", "").upper() or home
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise ValueError("no currency")
    if cells.get("amount"):
        return _money(cells["amount"], currency)
    came, went = (
        _money(cells[side], currency) if cells.get(side) else Money(0, currency)
        for side in ("credit", "debit")
    )
    if came.minor < 0 or not (came.minor or went.minor):
        raise ValueError("no amount")
    return came if came.minor else Money(-abs(went.minor), currency)


def _money(text: str, currency: str) -> Money:
    match = _SIGNED.fullmatch(text.removeprefix("Rp").strip())
    if match is None:
        raise ValueError("no amount")
    amount = Money.parse(_plain(match["number"].lstrip("+")), currency)
    went = (match["side"] or "").upper() in ("DB", "D")
    return Money(-abs(amount.minor), currency) if went else amount


def _plain(number: str) -> str:
    """A number without grouping: the last of two marks is the decimal one, and a single mark
    with exactly three digits behind it groups."""
    marks = [sign for sign in number if sign in ".,"]
    if not marks:
        return number
    last = marks[-1]
    decimal = marks.count(last) == 1 and len(number.rpartition(last)[2]) != 3
    whole, _, fraction = number.rpartition(last) if decimal else (number, "", "")
    whole = whole.replace(".", "").replace(",", "")
    return f"{whole}.{fraction}" if fraction else whole


def _hash(day: date, amount: Money, told: str, nth: int) -> str:
    content = f"{day}|{amount.minor}|{amount.currency}|{told}|{nth}"
    return hashlib.sha256(content.encode()).hexdigest()
