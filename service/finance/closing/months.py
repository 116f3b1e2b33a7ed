"""Which months are closed, and on which day a fact is booked that belongs to one of them."""

from calendar import monthrange
from datetime import date, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.errors import N_, ValidationFailed
from service.finance.exports.selection import FIRST_DAY, LAST_DAY, Period
from service.finance.model import ClosedPeriod

_LOCK = 724_003  # any number that no other advisory lock here uses


def read_month(name: str) -> Period:
    """The days of a month such as ``2026-11``. Raises ValidationFailed."""
    try:
        first = date.fromisoformat(f"{name}-01")
        if not FIRST_DAY <= first <= LAST_DAY:
            raise ValueError("no month of these books")
    except ValueError as error:
        raise ValidationFailed(
            {"period": ("not_month", N_("This must be a month such as 2026-11."))}
        ) from error
    return month_of(first)


def month_of(day: date) -> Period:
    """The first and last day of a day's month."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def next_month(period: Period) -> Period:
    """The month after."""
    return month_of(period.last + timedelta(days=1))


def name_of(period: Period) -> str:
    """``2026-11``."""
    return period.first.isoformat()[:7]


def closed_until(session: Session) -> date | None:
    """The last day of the last closed month; every day up to it is closed."""
    return session.scalar(_CLOSED_UNTIL)


_CLOSED_UNTIL = select(func.max(ClosedPeriod.last_day))


def open_day(session: Session, day: date) -> date:
    """The day on which something is booked that happened on ``day``: that day, or the first
    open one. Call inside a transaction: until it ends, no month is closed."""
    _lock(session, "pg_advisory_xact_lock_shared")
    closed = closed_until(session)
    return day if closed is None or day > closed else closed + timedelta(days=1)


def stop_booking(session: Session) -> None:
    """Wait for whoever books, and let nobody begin until the transaction ends."""
    _lock(session, "pg_advisory_xact_lock")


def _lock(session: Session, function: str) -> None:
    """On SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCKS[function], {"key": _LOCK})


_LOCKS = {
    name: text(f"SELECT {name}(:key)") for name in ("pg_advisory_xact_lock", "pg_advisory_xact_lock_shared")
}
