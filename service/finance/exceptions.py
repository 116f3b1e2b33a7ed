"""What finance must look at."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import N_
from service.finance.model import FinanceException


def newest(session: Session, limit: int) -> Sequence[FinanceException]:
    """Exceptions, newest first."""
    return session.scalars(select(FinanceException).order_by(FinanceException.id.desc()).limit(limit)).all()


KINDS = {
    "duplicate_payment": N_("A contribution was paid more than once"),
    "reversed_more_than_paid": N_("More went back than was paid"),
    "unapplied_event": N_("An event of the processor could not be applied"),
    "unapplied_fact": N_("What the processor told when it was asked could not be applied"),
    "unapplied_row": N_("A row of the processor's books could not be applied"),
    "payout_failed": N_("A payout came back from the bank"),
    "adjustment": N_("The processor changed our balance by itself"),
    "reconciliation_difference": N_("Our books and the processor's differ in a row"),
}


def words_of(kind: str) -> str:
    """What an exception is about, for people; a message id of the catalogue."""
    return KINDS.get(kind, kind)
