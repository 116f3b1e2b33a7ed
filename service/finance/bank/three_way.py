"""Ledger, processor and bank side by side, payout by payout: they agree, or the difference is named."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.finance.bank.lines import has_failed
from service.finance.model import BankLine, MovementSettlement, Payout, PayoutRow, is_paid_by_row
from service.money import Money
from service.plain_text import is_storable


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """A payout as each of the three knows it; None where one does not know it yet."""

    payout: Payout
    ledger: Money
    processor: Money
    bank: Money | None
    line: BankLine | None
    movements: int
    failed: bool

    @property
    def in_ledger(self) -> Money:
        """What our books have less (or more) than the processor says."""
        return self.ledger - self.processor

    @property
    def at_bank(self) -> Money | None:
        """What the bank received less (or more) than the processor says."""
        return None if self.bank is None else self.bank - self.processor

    @property
    def state(self) -> str:
        """``agrees``, ``differs``, ``not_itemised``, ``awaited`` (by the bank) or ``failed``."""
        if self.failed:
            return "failed"
        if not self.payout.itemised:
            return "not_itemised"
        if self.in_ledger.minor or (self.line is not None and (self.at_bank is None or self.at_bank.minor)):
            return "differs"  # a line in another currency, too
        return "awaited" if self.bank is None else "agrees"


def newest(session: Session, limit: int) -> list[ThreeWay]:
    """The last payouts."""
    query = _payouts().order_by(Payout.arrival.desc(), Payout.id.desc()).limit(limit)
    return [_three_way(row) for row in session.execute(query)]


def get(session: Session, ref: str) -> ThreeWay:
    """One payout by the processor's name for it. Raises NotFound."""
    row = session.execute(_payouts().where(Payout.ref == ref)).first() if is_storable(ref) else None
    if row is None:
        raise NotFound
    return _three_way(row)


def _payouts() -> Select[*tuple[Any, ...]]:
    """Payouts with the sum of the movements that they pay out, and their bank line."""
    of_payout = (PayoutRow.processor == Payout.processor, PayoutRow.payout_ref == Payout.ref)
    paid = (
        select(func.coalesce(func.sum(MovementSettlement.net_minor), 0))
        .join(PayoutRow, is_paid_by_row())
        .where(*of_payout)
        .correlate(Payout)
        .scalar_subquery()
    )
    rows = (
        select(func.count())
        .select_from(MovementSettlement)
        .join(PayoutRow, is_paid_by_row())
        .where(*of_payout)
        .correlate(Payout)
        .scalar_subquery()
    )
    return select(Payout, paid, rows, has_failed(), BankLine).outerjoin(
        BankLine, BankLine.payout_id == Payout.id
    )


def _three_way(row: Any) -> ThreeWay:
    payout, paid, rows, failed, line = row
    return ThreeWay(
        payout=payout,
        ledger=Money(int(paid), payout.currency),
        processor=Money(payout.amount_minor, payout.currency),
        bank=Money(line.amount_minor, line.currency) if line and line.currency == payout.currency else None,
        line=line,
        movements=rows,
        failed=failed,
    )
