"""What is exported: the days, and what the rows must be like."""

from dataclasses import dataclass
from datetime import date
from typing import Any

# The calendar of the books: days that any month and moment can be computed for.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
FORMATS = ("csv", "xlsx", "beancount")
DIALECTS = ("standard", "excel-id")
ROWS = ("movements", "contributions")
FILTERS = ("status", "section", "processor", "currency")


@dataclass(frozen=True, slots=True)
class Period:
    """Jakarta dates, both inclusive, on which movements were booked."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of a period; each filter that is set must be met exactly."""

    period: Period
    status: str | None = None
    section: str | None = None
    processor: str | None = None
    currency: str | None = None

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name in FILTERS if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A whole order: which rows, as which kind of file."""

    selection: Selection
    rows: str = "movements"
    format: str = "csv"
    dialect: str = "standard"

    @property
    def filename(self) -> str:
        """What the file is called, from the order alone."""
        period = self.selection.period
        parts = [self.rows, f"{period.first}", f"{period.last}", *self.selection.filters.values()]
        if self.format == "csv" and self.dialect != "standard":
            parts.append(self.dialect)
        plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in "-".join(parts))
        return f"{plain}.{self.format}"

    def record(self) -> dict[str, Any]:
        """The order as plain values."""
        period = self.selection.period
        return {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "rows": self.rows,
            "format": self.format,
            "dialect": self.dialect,
            **{name: getattr(self.selection, name) for name in FILTERS},
        }

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> "Wanted":
        """The order again."""
        period = Period(date.fromisoformat(record["from"]), date.fromisoformat(record["to"]))
        selection = Selection(period, **{name: record[name] for name in FILTERS})
        return cls(selection, record["rows"], record["format"], record["dialect"])


def of_query(query: dict[str, Any]) -> Wanted:
    """The order that a query or form makes: its fields as `schemas.ExportQuery` loads them."""
    period = Period(query["first"], query["last"])
    selection = Selection(period, **{name: query.get(name) for name in FILTERS})
    return Wanted(selection, query["rows"], query["format"], query["dialect"])
