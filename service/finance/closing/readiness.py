"""Whether a month can be closed, and what finance should know before closing it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service import clock
from service.clock import jakarta_date
from service.errors import N_
from service.finance import exceptions, kinds
from service.finance.closing.allocation import Amounts, to_allocate
from service.finance.closing.months import closed_until, month_of, next_month
from service.finance.exports.selection import Period
from service.finance.model import Movement, MovementSettlement, PayoutRow, is_paid_by_row
from service.money import Money

WORDS = {
    "month_not_over": N_("The month is not over yet."),
    "predecessor_open": N_("The month before is not closed yet."),
    "before_first_movement": N_("Nothing was booked up to this month."),
    "exceptions_unexplained": N_("Some exceptions are neither reconciled nor explained."),
}


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Money of a month that no payout has brought to the bank yet, in one currency."""

    movements: int
    net: Money


@dataclass(frozen=True, slots=True)
class Readiness:
    """A month before it is closed. ``blockers`` are codes of `WORDS`; what is unsettled and
    fees that are not known yet are listed, and block nothing."""

    period: Period
    blockers: list[str]
    unexplained: list[exceptions.Seen]
    unsettled: list[Unsettled]
    fees_unknown: int
    to_allocate: Amounts

    @property
    def ready(self) -> bool:
        return not self.blockers


def readiness(session: Session, period: Period) -> Readiness:
    """Look at a month that is not closed."""
    unexplained = exceptions.unresolved(session, period.last)
    return Readiness(
        period=period,
        blockers=_blockers(session, period, bool(unexplained)),
        unexplained=unexplained,
        unsettled=unsettled(session, period),
        fees_unknown=fees_unknown(session, period),
        to_allocate=to_allocate(session, period),
    )


def _blockers(session: Session, period: Period, unexplained: bool) -> list[str]:
    found = []
    if period.last >= jakarta_date(clock.now()):
        found.append("month_not_over")
    closed, first = closed_until(session), first_booking(session)
    if closed is not None:
        follows = period == next_month(month_of(closed))
        found += [] if follows else ["predecessor_open"]
    elif first is None or first > period.last:
        found.append("before_first_movement")
    elif first < period.first:
        found.append("predecessor_open")
    if unexplained:
        found.append("exceptions_unexplained")
    return found


def first_booking(session: Session) -> date | None:
    """The first day on which anything is booked."""
    return session.scalar(select(func.min(Movement.booked_on)))


def unsettled(session: Session, period: Period) -> list[Unsettled]:
    """Movements of a month that belong to no payout yet, by currency."""
    query = (
        select(Movement.currency, func.count(), func.sum(Movement.net_minor))
        .where(
            Movement.booked_on.between(period.first, period.last),
            Movement.type.not_in(kinds.PAYOUTS),
            ~is_paid_out(),
        )
        .group_by(Movement.currency)
        .order_by(Movement.currency)
    )
    return [
        Unsettled(count, Money(int(minor), currency)) for currency, count, minor in session.execute(query)
    ]


def is_paid_out() -> ColumnElement[bool]:
    """Whether a payout has taken a movement to the bank, as a condition."""
    return (
        select(PayoutRow.payout_ref)
        .join(MovementSettlement, is_paid_by_row())
        .where(MovementSettlement.movement_id == Movement.id)
        .exists()
    )


def fees_unknown(session: Session, period: Period) -> int:
    """Contributions of a month whose fee the processor has not told yet."""
    query = (
        select(func.count())
        .select_from(Movement)
        .outerjoin(MovementSettlement, MovementSettlement.movement_id == Movement.id)
        .where(
            Movement.booked_on.between(period.first, period.last),
            Movement.type == kinds.CONTRIBUTION,
            MovementSettlement.movement_id.is_(None),
        )
    )
    return session.scalar(query) or 0
