"""What must hold in the books; each returns the ids that break it."""

from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from service import clock
from service.finance.model import (
    Movement,
    MovementSequence,
    MovementSettlement,
    Payout,
    PayoutRow,
    Posting,
    ProcessorRow,
)

_GRACE = timedelta(days=1)


def entries_balance(session: Session) -> list[str]:
    """Every entry's postings sum to zero in each currency, and a movement has two of its own."""
    unequal = (
        select(Posting.movement_id)
        .group_by(Posting.movement_id, Posting.entry, Posting.currency)
        .having(func.sum(Posting.amount_minor) != 0)
    )
    two = (
        select(Movement.id)
        .outerjoin(Posting, (Posting.movement_id == Movement.id) & (Posting.entry == "movement"))
        .group_by(Movement.id)
        .having(func.count(Posting.id) != 2)
    )
    return sorted({*session.scalars(unequal), *session.scalars(two)})


def net_is_gross_less_fee(session: Session) -> list[str]:
    """net = gross - fee, and the postings move just that amount."""
    query = (
        select(Movement.id)
        .join(
            Posting,
            (Posting.movement_id == Movement.id)
            & (Posting.entry == "movement")
            & (Posting.amount_minor >= 0),
        )
        .where(
            or_(
                Movement.net_minor != Movement.gross_minor - Movement.fee_minor,
                Posting.amount_minor != func.abs(Movement.net_minor),
            )
        )
    )
    return list(session.scalars(query))


def sequence_is_gapless(session: Session) -> list[str]:
    """Numbers run from 1 without a gap."""
    count, last = session.execute(
        select(func.count(), func.coalesce(func.max(MovementSequence.sequence), 0))
    ).one()
    return [] if count == last else [f"{count} numbers up to {last}"]


def exchanges_are_booked(session: Session) -> list[str]:
    """A movement that was settled in another currency has its exchange, and no other has."""
    exchanged = (
        select(Posting.id)
        .where(Posting.movement_id == MovementSettlement.movement_id, Posting.entry == "exchange")
        .exists()
    )
    query = (
        select(MovementSettlement.movement_id)
        .join(Movement, Movement.id == MovementSettlement.movement_id)
        .where((MovementSettlement.currency != Movement.currency) != exchanged)
    )
    return list(session.scalars(query))


def books_agree_with_processor(session: Session) -> list[str]:
    """Gross, fee and net of our books are those of the processor's, for every row that it
    listed more than a day ago."""
    ours = (
        select(
            MovementSettlement.processor,
            MovementSettlement.balance_ref,
            func.sum(MovementSettlement.gross_minor).label("gross"),
            func.sum(MovementSettlement.fee_minor).label("fee"),
            func.sum(MovementSettlement.net_minor).label("net"),
        )
        .group_by(MovementSettlement.processor, MovementSettlement.balance_ref)
        .subquery()
    )
    query = (
        select(ProcessorRow.ref)
        .outerjoin(
            ours, (ours.c.processor == ProcessorRow.processor) & (ours.c.balance_ref == ProcessorRow.ref)
        )
        .where(
            ProcessorRow.fetched_at < clock.now() - _GRACE,
            or_(
                ours.c.net.is_(None),
                ours.c.gross != ProcessorRow.gross_minor,
                ours.c.fee != ProcessorRow.fee_minor,
                ours.c.net != ProcessorRow.net_minor,
            ),
        )
    )
    return list(session.scalars(query))


def payouts_add_up(session: Session) -> list[str]:
    """The movements that a payout pays out add up to it. One whose rows are not all booked
    yet has a day for that."""
    booked = (
        select(MovementSettlement.movement_id)
        .where(
            MovementSettlement.processor == PayoutRow.processor,
            MovementSettlement.balance_ref == PayoutRow.balance_ref,
        )
        .exists()
    )
    waits = (
        select(PayoutRow.balance_ref)
        .where(PayoutRow.payout_ref == Payout.ref, PayoutRow.processor == Payout.processor, ~booked)
        .exists()
    )
    paid = (
        select(func.coalesce(func.sum(MovementSettlement.net_minor), 0))
        .join(
            PayoutRow,
            (PayoutRow.processor == MovementSettlement.processor)
            & (PayoutRow.balance_ref == MovementSettlement.balance_ref),
        )
        .where(PayoutRow.payout_ref == Payout.ref, PayoutRow.processor == Payout.processor)
        .correlate(Payout)
        .scalar_subquery()
    )
    in_time = Payout.recorded_at >= clock.now() - _GRACE
    query = select(Payout.ref).where(Payout.itemised, paid != Payout.amount_minor, ~(in_time & waits))
    return list(session.scalars(query))


INVARIANTS = (
    entries_balance,
    net_is_gross_less_fee,
    sequence_is_gapless,
    exchanges_are_booked,
    books_agree_with_processor,
    payouts_add_up,
)
