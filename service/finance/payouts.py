"""What moves the balance at a processor without belonging to a payment: payouts, adjustments."""

from sqlalchemy.orm import Session

from service.finance import ledger, postings
from service.processors.base import BalanceAdjusted, PayoutFailed, PayoutMade


class PayoutUnknown(Exception):
    """A payout failed that was never told to be made; that has to come first."""


def apply(session: Session, processor: str, told: PayoutMade | PayoutFailed | BalanceAdjusted) -> bool:
    """Book it, inside the caller's transaction; False when all of it was known.

    Raises PayoutUnknown.
    """
    ledger.lock_balance(session, processor)
    if isinstance(told, PayoutMade):
        return _made(session, processor, told)
    if isinstance(told, PayoutFailed):
        return _failed(session, processor, told)
    return _adjusted(session, processor, told)


def _made(session: Session, processor: str, told: PayoutMade) -> bool:
    new = ledger.record_payout(session, processor, told)
    ledger.book(session, processor, postings.payout(told, processor), None)
    return new


def _failed(session: Session, processor: str, told: PayoutFailed) -> bool:
    made = ledger.find_movement(session, processor, "payout", told.ref)
    if made is None:
        raise PayoutUnknown
    if ledger.find_movement(session, processor, "payout_failed", told.ref) is not None:
        return False
    ledger.book(session, processor, postings.payout_failed(told, processor), None, made)
    ledger.raise_exception(session, "payout_failed", f"{processor}:{told.ref}"[:100], None, told.at)
    return True


def _adjusted(session: Session, processor: str, told: BalanceAdjusted) -> bool:
    if ledger.find_movement(session, processor, "adjustment", told.ref) is not None:
        return False
    ledger.book(session, processor, postings.adjustment(told, processor), None)
    ledger.raise_exception(session, "adjustment", f"{processor}:{told.ref}"[:100], None, told.at)
    return True
