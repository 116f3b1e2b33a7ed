"""Book movements: once each, balanced, and never edited afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from service import clock
from service.clock import jakarta_date
from service.db import insert_new
from service.finance.closing.months import open_day
from service.finance.model import (
    FinanceException,
    Movement,
    MovementSettlement,
    Payout,
    PayoutRow,
    Posting,
)
from service.finance.postings import Draft, Line, exchange
from service.identifiers import new_id
from service.money import Money
from service.processors.base import BalanceRow, PayoutMade


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
    return session.scalar(_MOVEMENT, {"processor": processor, "type": type_, "ref": ref})


def find_contribution_movement(session: Session, processor: str, payment_ref: str) -> Movement | None:
    """The contribution row of a payment: the parent of its fees and exceptions."""
    return session.scalar(_CONTRIBUTION, {"processor": processor, "payment_ref": payment_ref})


# Built once: these run for every event.
_MOVEMENT = select(Movement).where(
    Movement.processor == bindparam("processor"),
    Movement.type == bindparam("type"),
    Movement.ref == bindparam("ref"),
)
_CONTRIBUTION = select(Movement).where(
    Movement.processor == bindparam("processor"),
    Movement.payment_ref == bindparam("payment_ref"),
    Movement.type == "contribution",
)


def book(
    session: Session, processor: str, draft: Draft, source: Source | None, parent: Movement | None = None
) -> Movement:
    """Book a draft inside a transaction; the one that is booked already, if it is. What
    happened in a closed month is booked on the first open day."""
    known = find_movement(session, processor, draft.type, draft.ref)
    if known is not None:
        return known
    day = open_day(session, jakarta_date(draft.occurred_at))
    movement = _movement(processor, draft, source, parent, day)
    session.add(movement)
    session.flush()
    amount = draft.moved
    _post(session, movement, "movement", day, Line(draft.debit, amount), Line(draft.credit, -amount))
    if draft.settled is not None:
        settle(session, movement, draft.settled)
    session.flush()
    return movement


def settle(
    session: Session,
    movement: Movement,
    row: BalanceRow,
    charge_ref: str | None = None,
    method: str | None = None,
) -> bool:
    """Attach a movement's part of a row of the processor's books, once; False when it has
    one. Where the currencies differ, the exchange is posted to the same movement."""
    if session.get(MovementSettlement, movement.id) is not None:
        return False
    session.add(
        MovementSettlement(
            movement_id=movement.id,
            processor=movement.processor,
            balance_ref=row.ref,
            currency=row.gross.currency,
            gross_minor=row.gross.minor,
            fee_minor=row.fee.minor,
            net_minor=row.net.minor,
            exchange_rate=row.exchange_rate,
            available_on=row.available_on,
            made_at=row.at,
            charge_ref=charge_ref,
            method=method,
        )
    )
    paid = Money(movement.net_minor, movement.currency)
    today = open_day(session, max(jakarta_date(clock.now()), movement.booked_on))
    _post(session, movement, "exchange", today, *exchange(paid, row.net, movement.processor))
    session.flush()
    return True


def _post(session: Session, movement: Movement, entry: str, booked_on: date, *lines: Line) -> None:
    now = clock.now()
    for line in lines:
        session.add(
            Posting(
                movement_id=movement.id,
                account=line.account,
                currency=line.amount.currency,
                amount_minor=line.amount.minor,
                entry=entry,
                booked_on=booked_on,
                recorded_at=now,
            )
        )


def record_payout(session: Session, processor: str, payout: PayoutMade) -> bool:
    """Remember a payout, and the balance rows that it pays once they are known; False when
    all of that was known."""
    rows = select(Payout).where(Payout.processor == processor, Payout.ref == payout.ref).with_for_update()
    kept = session.scalar(rows)
    if kept is None:
        kept = Payout(
            processor=processor,
            ref=payout.ref,
            currency=payout.amount.currency,
            amount_minor=payout.amount.minor,
            arrival=payout.arrival,
            itemised=False,
            recorded_at=clock.now(),
        )
        session.add(kept)
    elif kept.itemised or payout.rows is None:
        return False
    if payout.rows is not None:
        itemise(session, kept, payout.rows)
    session.flush()
    return True


def itemise(session: Session, payout: Payout, rows: Sequence[str]) -> None:
    """Note which balance rows a payout pays out; each once."""
    insert_new(
        session,
        PayoutRow,
        [{"processor": payout.processor, "balance_ref": row, "payout_ref": payout.ref} for row in rows],
    )
    payout.itemised = True


def raise_exception(
    session: Session, kind: str, subject: str, contribution_id: str | None, about: datetime | None = None
) -> None:
    """Put something in front of finance, once for each subject, whoever finds it first.
    ``about`` is when it happened: the month of that day, if open, waits for its explanation."""
    now = clock.now()
    raised = {
        "kind": kind,
        "subject": subject,
        "contribution_id": contribution_id,
        "opened_at": now,
        "concerns_on": open_day(session, jakarta_date(about or now)),
    }
    insert_new(session, FinanceException, [raised])


def lock_balance(session: Session, processor: str) -> None:
    """Wait until nobody else books what belongs to no contribution, such as the same payout
    told twice at once. On SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK_BALANCE, {"name": f"balance:{processor}"})


_LOCK_BALANCE = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


def _movement(
    processor: str, draft: Draft, source: Source | None, parent: Movement | None, day: date
) -> Movement:
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
        booked_on=day,
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
