"""What a month's contributions go to: exactly the three purposes of clause 2.1."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.errors import N_, AllocationMismatch, ValidationFailed
from service.finance import kinds
from service.finance.exports.selection import Period
from service.finance.model import ClosedPeriod, Movement
from service.money import Money

PURPOSES = ("service_continuity", "content_development", "newsroom_operations")
WORDS = {
    "service_continuity": N_("Continuity of the service"),
    "content_development": N_("Development of content"),
    "newsroom_operations": N_("Newsroom operations"),
}
FEES_STAND_UNDER = "service_continuity"

Amounts = dict[str, int]  # minor units by currency
Allocation = dict[str, Amounts]  # by purpose


def to_allocate(session: Session, period: Period) -> Amounts:
    """All contributions of a month, gross less reversals, by currency (clause 2.1). Fees are
    no deduction: they are part of what service continuity costs."""
    query = (
        select(Movement.currency, func.sum(Movement.gross_minor))
        .where(
            Movement.booked_on.between(period.first, period.last),
            Movement.type.in_((kinds.CONTRIBUTION, *kinds.REVERSALS)),
        )
        .group_by(Movement.currency)
        .order_by(Movement.currency)
    )
    return {currency: int(minor) for currency, minor in session.execute(query)}


def read(given: Mapping[str, Any], home: str) -> Allocation:
    """An allocation as it was sent: for each purpose an amount in ``home`` currency, or amounts
    by currency, in major units. Raises ValidationFailed by field."""
    errors: dict[str, tuple[str, str]] = {}
    read_: Allocation = {}
    for purpose in PURPOSES:
        amounts = given.get(purpose)
        by_currency = amounts if isinstance(amounts, Mapping) else {home: amounts}
        read_[purpose] = {}
        for currency, amount in by_currency.items():
            try:
                read_[purpose][currency] = _minor(amount, currency)
            except ValueError:
                field = f"allocation.{purpose}" + (f".{currency}" if currency != home else "")
                errors[field] = ("not_amount", N_("This must be an amount such as 1250000.50."))
    for unknown in given.keys() - set(PURPOSES):
        errors[f"allocation.{unknown}"] = ("unknown", N_("This field is not known here."))
    if errors:
        raise ValidationFailed(errors)
    return read_


def _minor(amount: Any, currency: Any) -> int:
    if not isinstance(currency, str) or not (
        len(currency) == 3 and currency.isascii() and currency.isupper()
    ):
        raise ValueError("no currency")
    if isinstance(amount, bool) or not isinstance(amount, str | int):
        raise ValueError("no amount")
    return Money.parse(str(amount), currency).minor


def require_exact(allocation: Allocation, expected: Amounts) -> None:
    """The three together are what there is to allocate, in each currency, to the sen.

    Raises AllocationMismatch, which names both sums.
    """
    currencies = {*expected, *(currency for amounts in allocation.values() for currency in amounts)}
    wrong = []
    for currency in sorted(currencies):
        given = sum(amounts.get(currency, 0) for amounts in allocation.values())
        if given != expected.get(currency, 0):
            wrong.append((Money(expected.get(currency, 0), currency), Money(given, currency)))
    if wrong:
        raise AllocationMismatch(wrong)


def are_equal(one: Mapping[str, Mapping[str, int]], other: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether two allocations give the same; an amount of nothing is none."""
    return _given(one) == _given(other)


def _given(allocation: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], int]:
    return {
        (purpose, currency): minor
        for purpose, amounts in allocation.items()
        for currency, minor in amounts.items()
        if minor
    }


def printed(allocation: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, str]]:
    """An allocation in major units."""
    return {
        purpose: {
            currency: Money(minor, currency).export_text() for currency, minor in sorted(amounts.items())
        }
        for purpose, amounts in allocation.items()
    }


def so_far(session: Session, until: date) -> Allocation:
    """What each purpose was given in all closed months up to a day: a negative month is
    carried forward in it."""
    sums: Allocation = {purpose: {} for purpose in PURPOSES}
    kept = select(ClosedPeriod.allocation).where(ClosedPeriod.last_day <= until)
    for allocation in session.scalars(kept):
        for purpose, amounts in allocation.items():
            for currency, minor in amounts.items():
                sums[purpose][currency] = sums[purpose].get(currency, 0) + minor
    return sums
