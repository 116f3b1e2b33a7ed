"""Money that goes back to the payer: refunds made in the dashboard, chargebacks made by banks."""

from tests.fakes.midtrans.answers import notify
from tests.fakes.midtrans.payouts import book
from tests.fakes.midtrans.records import Refused, Reversal, Transaction
from tests.fakes.midtrans.world import World

REVERSIBLE = ("settlement", "partial_refund", "partial_chargeback")


def refund(world: World, transaction: Transaction, amount: int | None, reason: str) -> int:
    """Refunds the rest or a part of it, in whole rupiah; gives Midtrans's id of the refund."""
    reversal = _take(world, transaction, amount, reason)
    reversal.key = f"dashboard-{reversal.id}"
    transaction.refunds.append(reversal)
    whole = sum(part.amount for part in transaction.refunds) == transaction.amount
    return _record(world, transaction, reversal, "refund" if whole else "partial_refund")


def chargeback(world: World, transaction: Transaction, amount: int | None, reason: str) -> int:
    """Charges back the rest or a part of it, in whole rupiah; gives Midtrans's id of it."""
    reversal = _take(world, transaction, amount, reason)
    transaction.chargebacks.append(reversal)
    whole = sum(part.amount for part in transaction.chargebacks) == transaction.amount
    return _record(world, transaction, reversal, "chargeback" if whole else "partial_chargeback")


def _take(world: World, transaction: Transaction, amount: int | None, reason: str) -> Reversal:
    left = transaction.remaining
    wanted = left if amount is None else amount
    if transaction.status not in REVERSIBLE or not 0 < wanted <= left:
        raise Refused(f"{transaction.order_id} is {transaction.status} with Rp{left} left, not Rp{wanted}")
    return Reversal(world.next_reversal(), world.uuid(), wanted, reason, world.now())


def _record(world: World, transaction: Transaction, reversal: Reversal, status: str) -> int:
    transaction.status = status
    book(world, status.removeprefix("partial_"), transaction, -reversal.amount, 0, reversal.id)
    notify(world, transaction)
    return reversal.id
