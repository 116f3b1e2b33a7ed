"""What the books say of a contribution: its movements with settlement and payout, its exceptions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from service.finance import exceptions
from service.finance.model import (
    FinanceException,
    Movement,
    MovementSequence,
    MovementSettlement,
    Payout,
    PayoutRow,
    Posting,
    is_paid_by_row,
)
from service.money import Money


def movements(session: Session, contribution_id: str) -> list[dict[str, Any]]:
    """Every money movement, in the order in which they were booked."""
    rows = session.execute(
        select(Movement, MovementSequence.sequence, MovementSettlement, Payout)
        .outerjoin(MovementSequence, MovementSequence.movement_id == Movement.id)
        .outerjoin(MovementSettlement, MovementSettlement.movement_id == Movement.id)
        .outerjoin(PayoutRow, is_paid_by_row())
        .outerjoin(Payout, (Payout.processor == PayoutRow.processor) & (Payout.ref == PayoutRow.payout_ref))
        .where(Movement.contribution_id == contribution_id)
        .order_by(Movement.recorded_at, Movement.id)
    ).all()
    posted = _postings(session, [row[0].id for row in rows])
    return [_movement(row) | {"postings": "; ".join(posted[row[0].id])} for row in rows]


def _movement(row: Row[Movement, int, MovementSettlement, Payout]) -> dict[str, Any]:
    movement, sequence, settled, payout = row
    return {
        "sequence": sequence,
        "id": movement.id,
        "type": movement.type,
        "gross": Money(movement.gross_minor, movement.currency),
        "fee": Money(movement.fee_minor, movement.currency),
        "net": Money(movement.net_minor, movement.currency),
        "currency": movement.currency,
        "occurred_at": movement.occurred_at,
        "booked_on": movement.booked_on,
        "processor": movement.processor,
        "payment_ref": movement.payment_ref,
        "charge_ref": movement.charge_ref or (settled.charge_ref if settled else None),
        "method": movement.method or (settled.method if settled else None),
        "parent": movement.parent_id,
        "settlement_currency": settled.currency if settled else None,
        "settlement_net": Money(settled.net_minor, settled.currency) if settled else None,
        "exchange_rate": settled.exchange_rate if settled else None,
        "balance_transaction": settled.balance_ref if settled else None,
        "payout": payout.ref if payout else None,
        "payout_arrival": payout.arrival if payout else None,
    }


def _postings(session: Session, movement_ids: Sequence[str]) -> dict[str, list[str]]:
    posted: dict[str, list[str]] = {id_: [] for id_ in movement_ids}
    query = select(Posting).where(Posting.movement_id.in_(movement_ids)).order_by(Posting.id)
    for row in session.scalars(query):
        amount = Money(row.amount_minor, row.currency)
        posted[row.movement_id].append(f"{row.account} {amount.export_text()}")
    return posted


def exceptions_of(session: Session, contribution_id: str) -> list[dict[str, Any]]:
    """What finance had to look at, how it stands, and the last explanation."""
    query = select(FinanceException).where(FinanceException.contribution_id == contribution_id)
    rows = session.scalars(query.order_by(FinanceException.id)).all()
    return [
        {
            "kind": it.exception.kind,
            "subject": it.subject,
            "opened_at": it.exception.opened_at,
            "state": it.state,
            "note": it.note.note if it.note else None,
            "explained_by": it.note.explained_by if it.note else None,
            "explained_at": it.note.explained_at if it.note else None,
        }
        for it in exceptions.seen(session, rows)
    ]
