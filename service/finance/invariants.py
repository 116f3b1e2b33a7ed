"""What must hold in the books; each returns the ids that break it."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from service.finance.model import (
    Movement,
    MovementSequence,
    MovementSettlement,
    Payout,
    PayoutRow,
    Posting,
)


def entries_balance(session: Session) -> list[str]:
    """Every movement's postings sum to zero in each currency, and there are two of them."""
    query = (
        select(Movement.id)
        .outerjoin(Posting, Posting.movement_id == Movement.id)
        .group_by(Movement.id)
        .having(
            or_(
                func.coalesce(func.sum(Posting.amount_minor), 0) != 0,
                func.count(Posting.id) != 2,
                func.count(func.distinct(Posting.currency)) != 1,
            )
        )
    )
    return list(session.scalars(query))


def net_is_gross_less_fee(session: Session) -> list[str]:
    """net = gross - fee, and the postings move just that amount."""
    query = (
        select(Movement.id)
        .join(Posting, (Posting.movement_id == Movement.id) & (Posting.amount_minor >= 0))
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


def payouts_add_up(session: Session) -> list[str]:
    """The movements that a payout pays out add up to it."""
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
    return list(session.scalars(select(Payout.ref).where(paid != Payout.amount_minor)))


INVARIANTS = (entries_balance, net_is_gross_less_fee, sequence_is_gapless, payouts_add_up)
