"""What finance sees first: how much came in, where from, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from service.finance import kinds, summary
from service.finance.closing.months import month_of
from service.finance.closing.readiness import is_paid_out
from service.finance.exports.selection import Period
from service.finance.model import Movement
from service.finance.summary import Bucket
from service.money import Money

# Upper ends, in days, of the ages of money that is not at the bank yet.
_AGES = (2, 7, 14)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Money on its way for up to ``days`` (None: longer than all others), in one currency."""

    days: int | None
    movements: int
    net: Money


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one month, and of today."""

    month: Period
    today: Sequence[Bucket]
    total: Sequence[Bucket]
    by_day: Sequence[Bucket]
    by_section: Sequence[Bucket]
    by_method: Sequence[Bucket]
    waiting: Sequence[Waiting]


def figures(session: Session, day: date, today: date, home: str) -> Figures:
    """The figures of the month in which ``day`` lies; days without money are there too."""
    month = month_of(day)
    return Figures(
        month=month,
        today=summary.buckets(session, Period(today, today), None),
        total=summary.buckets(session, month, None),
        by_day=_every_day(summary.buckets(session, month, "day"), month, today, home),
        by_section=_largest(summary.buckets(session, month, "section"), home),
        by_method=_largest(summary.buckets(session, month, "method"), home),
        waiting=waiting(session, today),
    )


def _every_day(found: Sequence[Bucket], month: Period, today: date, home: str) -> list[Bucket]:
    there = {bucket.name: bucket for bucket in found if bucket.gross.currency == home}
    days = (min(month.last, max(today, month.first)) - month.first).days + 1
    names = [(month.first + timedelta(days=place)).isoformat() for place in range(days)]
    none = Money(0, home)
    return [there.get(name) or Bucket(name, 0, none, none, none, none) for name in names]


def _largest(found: Sequence[Bucket], home: str) -> list[Bucket]:
    return sorted(
        (bucket for bucket in found if bucket.gross.currency == home),
        key=lambda bucket: (-bucket.gross.minor, bucket.name),
    )


def fee_ratio(bucket: Bucket) -> float | None:
    """Fees as a part of what was given; None where nothing was."""
    return bucket.fees.minor / bucket.gross.minor if bucket.gross.minor else None


def waiting(session: Session, today: date) -> list[Waiting]:
    """Money that no payout has taken to the bank, by how long ago it was booked."""
    ends = [(Movement.booked_on >= today - timedelta(days=days), days) for days in _AGES]
    age = case(*ends, else_=0).label("age")
    query = (
        select(Movement.currency, age, func.count(), func.sum(Movement.net_minor))
        .where(Movement.type.not_in(kinds.PAYOUTS), ~is_paid_out())
        .group_by(Movement.currency, age)
        .order_by(Movement.currency, age)
    )
    found = [
        Waiting(days or None, count, Money(int(net), currency))
        for currency, days, count, net in session.execute(query)
    ]
    return sorted(found, key=lambda it: (it.net.currency, it.days is None, it.days or 0))
