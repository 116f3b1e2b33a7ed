"""The one place that reads the time, and the calendar that the books are kept in."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


def jakarta_date(moment: datetime) -> date:
    """The calendar day in Jakarta on which an aware moment falls."""
    return moment.astimezone(JAKARTA).date()


def rfc3339(moment: datetime | None) -> str | None:
    """An aware moment as UTC text ending in Z, to the second; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
