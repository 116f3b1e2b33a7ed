"""The books as they stand, and as they stood at any past moment."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.finance.model import Posting
from service.money import Money


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's balance in one currency: debits less credits."""

    account: str
    amount: Money


def balances(session: Session, at: datetime | None = None, on: date | None = None) -> list[Balance]:
    """Every account's balance, by account and currency.

    ``at``: what the books said at that moment, whatever was booked afterwards. ``on``: what is
    booked up to and including that Jakarta day, as known now (or at ``at``).
    """
    query = (
        select(Posting.account, Posting.currency, func.sum(Posting.amount_minor))
        .group_by(Posting.account, Posting.currency)
        .order_by(Posting.account, Posting.currency)
    )
    if at is not None:
        query = query.where(Posting.recorded_at <= at)
    if on is not None:
        query = query.where(Posting.booked_on <= on)
    return [
        Balance(account, Money(int(minor), currency)) for account, currency, minor in session.execute(query)
    ]
