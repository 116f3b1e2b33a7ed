"""Forget what a bank wrote on lines that are no payout of ours: it may name people."""

from datetime import date

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from service.finance.model import BankLine


def due(session: Session, before: date) -> int:
    """How many descriptions of lines without a payout are older than a day."""
    return session.scalar(select(func.count()).select_from(BankLine).where(_is_old(before))) or 0


def forget_descriptions(session: Session, before: date, count: int) -> int:
    """Empty up to ``count`` of them, inside a transaction; how many. Day, amount and the hash that
    keeps a line from being taken in twice stay; so do lines that are a payout: they are books."""
    old = session.scalars(select(BankLine.id).where(_is_old(before)).order_by(BankLine.id).limit(count)).all()
    session.execute(
        update(BankLine)
        .where(BankLine.id.in_(old))
        .values(description="")
        .execution_options(synchronize_session=False)
    )
    return len(old)


def _is_old(before: date) -> ColumnElement[bool]:
    return BankLine.payout_id.is_(None) & (BankLine.description != "") & (BankLine.booked_on < before)
