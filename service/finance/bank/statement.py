"""Read a bank statement from CSV (pure): whatever names and notation its columns have.

Known are the headers of Indonesian and English internet banking. A date that is not ISO has the
day first; an amount is grouped by dots or commas in threes, or has up to two decimals.
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
from service.plain_text import is_storable

_HEADERS: Mapping[str, frozenset[str]] = {
    "date": frozenset(["date", "tanggal", "booking date", "posting date", "tgl", "tanggal transaksi", "transaction date"]),
    "amount": frozenset(["amount", "jumlah", "nominal", "mutasi"]),
    "credit": frozenset(["credit", "kredit", "cr"]),
    "debit": frozenset(["debit", "debet", "db"]),
    "description": frozenset(["description", "keterangan", "uraian", "remark", "remarks", "deskripsi", "details", "berita"]),
    "reference": frozenset(["reference", "referensi", "ref", "no referensi", "reference number"]),
    "side": frozenset(["d/k", "dk", "db/cr", "cr/db", "dbcr", "d/c", "type", "jenis"]),
    "currency": frozenset(["currency", "mata uang", "valuta", "ccy"]),
}  # fmt: skip
_DATES = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d/%m/%y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
)
_MONTHS = {"mei": "may", "agu": "aug", "agt": "aug", "agustus": "august", "okt": "oct", "oktober": "october", "des": "dec", "desember": "december",
           "januari": "january", "februari": "february", "maret": "march", "juni": "june", "juli": "july"}  # fmt: skip
_CLOCK = re.compile(r"[t ]\d{1,2}[:.]\d{2}([:.]\d{2})?.*$", re.ASCII)
_AMOUNT = re.compile(
    r"(?P<open>\()?(?P<sign>[-+])?\s*(?:(?:Rp|IDR|USD)\.?\s*)?(?P<after>[-+])?(?P<number>\d[\d.,]*?)(?:[.,]-)?"
    r"(?P<last>-)?(?(open)\))\s*(?P<side>CR|DB|DR|K|D)?",
    re.ASCII | re.IGNORECASE,
)
_NUMBERS = (
    re.compile(r"(?P<whole>\d+)(?:[.,](?P<part>\d{1,2}))?", re.ASCII),
    re.compile(r"(?P<whole>[1-9]\d{0,2}(?:\.\d{3})+)(?:,(?P<part>\d{1,2}))?", re.ASCII),
    re.compile(r"(?P<whole>[1-9]\d{0,2}(?:,\d{3})+)(?:\.(?P<part>\d{1,2}))?", re.ASCII),
)
_WENT = ("DB", "DR", "D")
_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: money that came (positive) or went (negative). ``hash`` tells it from every
    other, also from an equal one of the same day."""

    booked_on: date
    amount: Money
    description: str
    hash: str


def read_bytes(raw: bytes, home: str) -> list[StatementLine]:
    """The lines of a statement file, in UTF-8 or as older programs write. Raises ValidationFailed."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    if not text.strip() or not is_storable(text):
        raise _refused(N_("This is not a CSV file."))
    return read_statement(text, home)


def read_statement(text: str, home: str) -> list[StatementLine]:
    """The lines of a statement; ``home`` is the currency where a line names none.

    Raises ValidationFailed: for the whole file, or naming the first line that cannot be read.
    """
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=_separator(text)))
    except csv.Error as error:
        raise _refused(N_("This is not a CSV file.")) from error
    place, columns = _header(rows)
    lines: list[StatementLine] = []
    seen: Counter[tuple[object, ...]] = Counter()
    for number, row in enumerate(rows[place + 1 :], start=place + 2):
        cells = {name: row[column].strip() for name, column in columns.items() if column < len(row)}
        if not any(sign.isdecimal() for sign in cells.get("date", "")):
            continue  # an empty row, or the bank's own sums at the end
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
    words = re.split(r"([ -])", _CLOCK.sub("", text.casefold()).strip())
    plain = "".join(_MONTHS.get(word, word) for word in words)
    for form in _DATES:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007  # a calendar day
        except ValueError:
            continue
    raise ValueError("no date")


def _amount(cells: Mapping[str, str], home: str) -> Money:
    currency = cells.get("currency", "").upper() or home
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise ValueError("no currency")
    if cells.get("amount"):
        amount = _money(cells["amount"], currency)
        went = cells.get("side", "").upper() in _WENT
        return Money(-abs(amount.minor), currency) if went else amount
    came, went_ = (
        _money(cells[side], currency) if cells.get(side) else Money(0, currency)
        for side in ("credit", "debit")
    )
    if came.minor < 0 or bool(came.minor) == bool(went_.minor):
        raise ValueError("no amount, or two")
    return came if came.minor else Money(-abs(went_.minor), currency)


def _money(text: str, currency: str) -> Money:
    match = _AMOUNT.fullmatch(text.replace("\u00a0", " ").strip())
    if match is None:
        raise ValueError("no amount")
    amount = Money.parse(_plain(match["number"]), currency)
    minus = match["open"] or "-" in (match["sign"], match["after"], match["last"])
    went = minus or (match["side"] or "").upper() in _WENT
    return Money(-abs(amount.minor), currency) if went else amount


def _plain(number: str) -> str:
    """A number without grouping, with a dot. Raises ValueError for what could be read two ways."""
    for form in _NUMBERS:
        match = form.fullmatch(number)
        if match is not None:
            whole = match["whole"].replace(".", "").replace(",", "")
            return f"{whole}.{match['part']}" if match["part"] else whole
    raise ValueError("no number")


def _hash(day: date, amount: Money, told: str, nth: int) -> str:
    content = f"{day}|{amount.minor}|{amount.currency}|{told}|{nth}"
    return hashlib.sha256(content.encode()).hexdigest()
