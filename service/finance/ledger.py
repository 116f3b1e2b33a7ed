"""Book movements: once each, balanced, and never edited afterwards."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.clock import jakarta_date
from service.finance.model import (
    FinanceException,
    Movement,
    MovementSettlement,
    Payout,
    PayoutRow,
    Posting,
)
from service.finance.postings import Draft, Settled
from service.identifiers import new_id
from service.processors.base import PayoutMade


@dataclass(frozen=True, slots=True)
class Source:
    """What a movement copies from its contribution, so that the books stand alone."""

    contribution_id: str
    reference: str
    article_url: str
    article_section: str | None
    terms_version: str
    given_at: datetime
    paid_at: datetime | None


def find_movement(session: Session, processor: str, type_: str, ref: str) -> Movement | None:
    """The movement of one money fact, or None when it is not booked."""
    return session.scalar(
        select(Movement).where(Movement.processor == processor, Movement.type == type_, Movement.ref == ref)
    )


def find_contribution_movement(session: Session, processor: str, payment_ref: str) -> Movement | None:
    """The contribution row of a payment: the parent of its fees and exceptions."""
    return session.scalar(
        select(Movement).where(
            Movement.processor == processor,
            Movement.payment_ref == payment_ref,
            Movement.type == "contribution",
        )
    )


def book(
    session: Session, processor: str, draft: Draft, source: Source | None, parent: Movement | None = None
) -> Movement:
    """Book a draft inside a transaction; the one that is booked already, if it is."""
    known = find_movement(session, processor, draft.type, draft.ref)
    if known is not None:
        return known
    movement = _movement(processor, draft, source, parent)
    session.add(movement)
    session.flush()
    amount = draft.moved
    for account, signed in ((draft.debit, amount.minor), (draft.credit, -amount.minor)):
        session.add(
            Posting(movement_id=movement.id, account=account, currency=amount.currency, amount_minor=signed)
        )
    if draft.settled is not None:
        settle(session, movement, draft.settled)
    session.flush()
    return movement


def settle(session: Session, movement: Movement, settled: Settled) -> None:
    """Attach the processor's own figures to a movement, once."""
    if session.get(MovementSettlement, movement.id) is not None:
        return
    session.add(
        MovementSettlement(
            movement_id=movement.id,
            processor=movement.processor,
            balance_ref=settled.balance_ref,
            currency=settled.gross.currency,
            gross_minor=settled.gross.minor,
            fee_minor=settled.fee.minor,
            net_minor=settled.gross.minor - settled.fee.minor,
            exchange_rate=settled.exchange_rate,
            available_on=settled.available_on,
        )
    )


def record_payout(session: Session, processor: str, payout: PayoutMade) -> bool:
    """Remember a payout and which balance transactions it pays; False when known already."""
    known = select(Payout.id).where(Payout.processor == processor, Payout.ref == payout.ref)
    if session.scalar(known) is not None:
        return False
    session.add(
        Payout(
            processor=processor,
            ref=payout.ref,
            currency=payout.amount.currency,
            amount_minor=payout.amount.minor,
            arrival=payout.arrival,
        )
    )
    for row in payout.rows:
        if session.get(PayoutRow, (processor, row)) is None:
            session.add(PayoutRow(processor=processor, balance_ref=row, payout_ref=payout.ref))
    session.flush()
    return True


def raise_exception(session: Session, kind: str, subject: str, contribution_id: str | None) -> None:
    """Put something in front of finance, once for each subject."""
    known = select(FinanceException.id).where(
        FinanceException.kind == kind, FinanceException.subject == subject
    )
    if session.scalar(known) is None:
        session.add(
            FinanceException(
                kind=kind, subject=subject, contribution_id=contribution_id, opened_at=clock.now()
            )
        )


def _movement(processor: str, draft: Draft, source: Source | None, parent: Movement | None) -> Movement:
    return Movement(
        id=new_id(),
        type=draft.type,
        ref=draft.ref,
        processor=processor,
        payment_ref=draft.payment_ref,
        charge_ref=draft.charge_ref,
        parent_id=parent.id if parent else None,
        contribution_id=source.contribution_id if source else None,
        reference=source.reference if source else None,
        article_url=source.article_url if source else None,
        article_section=source.article_section if source else None,
        terms_version=source.terms_version if source else None,
        given_at=source.given_at if source else None,
        paid_at=source.paid_at if source else None,
        occurred_at=draft.occurred_at,
        booked_on=jakarta_date(draft.occurred_at),
        currency=draft.gross.currency,
        gross_minor=draft.gross.minor,
        fee_minor=draft.fee.minor,
        net_minor=draft.gross.minor - draft.fee.minor,
        method=draft.method or (parent.method if parent else None),
        live=draft.live,
        debit_account=draft.debit,
        credit_account=draft.credit,
        recorded_at=clock.now(),
    )
