"""What must hold in the books; each returns the ids that break it."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from service import clock
from service.db import UtcDateTime
from service.finance.model import (
    Movement,
    MovementSequence,
    MovementSettlement,
    Payout,
    PayoutRow,
    Posting,
    ProcessorRow,
    is_paid_by_row,
)

_GRACE = timedelta(days=1)


def entries_balance(session: Session) -> list[str]:
    """Every entry's postings sum to zero in each currency, and a movement has two of its own."""
    return sorted({id_ for query in _unbalanced() for id_ in session.scalars(query)})


@cache
def _unbalanced() -> tuple[Select[str], Select[str]]:
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
    return unequal, two


def net_is_gross_less_fee(session: Session) -> list[str]:
    """net = gross - fee, and the postings move just that amount."""
    return list(session.scalars(_net_is_gross_less_fee()))


@cache
def _net_is_gross_less_fee() -> Select[str]:
    return (
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


def postings_follow_movements(session: Session) -> list[str]:
    """What a movement changes at the processor is its net, signed; and its lines stand on the
    accounts that it names."""
    return sorted({id_ for query in _astray() for id_ in session.scalars(query)})


@cache
def _astray() -> tuple[Select[str], Select[str]]:
    own = (Posting.movement_id == Movement.id) & (Posting.entry == "movement")
    held = (
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .where(own, Posting.account.startswith("Assets:Processor:"))
        .correlate(Movement)
        .scalar_subquery()
    )
    elsewhere = (
        select(Movement.id)
        .join(Posting, own)
        .where(
            or_(
                (Posting.amount_minor > 0) & (Posting.account != Movement.debit_account),
                (Posting.amount_minor < 0) & (Posting.account != Movement.credit_account),
            )
        )
    )
    return select(Movement.id).where(held != Movement.net_minor), elsewhere


def sequence_is_gapless(session: Session) -> list[str]:
    """Numbers run from 1 without a gap."""
    count, last = session.execute(
        select(func.count(), func.coalesce(func.max(MovementSequence.sequence), 0))
    ).one()
    return [] if count == last else [f"{count} numbers up to {last}"]


def exchanges_are_booked(session: Session) -> list[str]:
    """A movement that was settled in another currency has its exchange, and no other has."""
    return list(session.scalars(_exchanges_are_booked()))


@cache
def _exchanges_are_booked() -> Select[str]:
    exchanged = (
        select(Posting.id)
        .where(Posting.movement_id == MovementSettlement.movement_id, Posting.entry == "exchange")
        .exists()
    )
    return (
        select(MovementSettlement.movement_id)
        .join(Movement, Movement.id == MovementSettlement.movement_id)
        .where((MovementSettlement.currency != Movement.currency) != exchanged)
    )


def books_agree_with_processor(session: Session) -> list[str]:
    """Gross, fee and net of our books are those of the processor's, for every row that it
    listed more than a day ago."""
    return list(session.scalars(_books_agree_with_processor(), _grace()))


@cache
def _books_agree_with_processor() -> Select[str]:
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
    return (
        select(ProcessorRow.ref)
        .outerjoin(
            ours, (ours.c.processor == ProcessorRow.processor) & (ours.c.balance_ref == ProcessorRow.ref)
        )
        .where(
            ProcessorRow.fetched_at < bindparam("before", type_=UtcDateTime()),
            or_(
                ours.c.net.is_(None),
                ours.c.gross != ProcessorRow.gross_minor,
                ours.c.fee != ProcessorRow.fee_minor,
                ours.c.net != ProcessorRow.net_minor,
            ),
        )
    )


def payouts_add_up(session: Session) -> list[str]:
    """The movements that a payout pays out add up to it. One whose rows are not all booked
    yet has a day for that."""
    return list(session.scalars(_unequal_payouts(), _grace()))


@cache
def _unequal_payouts() -> Select[str]:
    booked = select(MovementSettlement.movement_id).where(is_paid_by_row()).exists()
    of_payout = (PayoutRow.payout_ref == Payout.ref, PayoutRow.processor == Payout.processor)
    waits = select(PayoutRow.balance_ref).where(*of_payout, ~booked).exists()
    paid = (
        select(func.coalesce(func.sum(MovementSettlement.net_minor), 0))
        .join(PayoutRow, is_paid_by_row())
        .where(*of_payout)
        .correlate(Payout)
        .scalar_subquery()
    )
    in_time = Payout.recorded_at >= bindparam("before", type_=UtcDateTime())
    return select(Payout.ref).where(Payout.itemised, paid != Payout.amount_minor, ~(in_time & waits))


def _grace() -> dict[str, datetime]:
    """What is younger than this may still be on its way."""
    return {"before": clock.now() - _GRACE}


INVARIANTS = (
    entries_balance,
    net_is_gross_less_fee,
    postings_follow_movements,
    sequence_is_gapless,
    exchanges_are_booked,
    books_agree_with_processor,
    payouts_add_up,
)
