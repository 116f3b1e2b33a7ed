"""Fetch the processor's own rows, page by page, and keep them beside our books."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.db import end_reading, insert_new, transaction
from service.errors import NotFound
from service.finance import ledger
from service.finance.model import MovementSettlement, Payout, ProcessorRow, Reconciliation
from service.money import Money
from service.processors.base import BalanceRow, Page, Processor

# Applies what a row stands for; how much of it was new.
Repair = Callable[[Session, Processor, BalanceRow], int]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared: one payout, or the rows made from ``since`` to before ``until``."""

    processor: str
    payout_ref: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def is_listed(session: Session, scope: Scope, processor: Processor, repair: Repair) -> bool:
    """Whether the processor can list the rows of a scope. A payout is asked about until it is
    itemised; before that a list of its rows would be incomplete or refused."""
    if not processor.lists_books or scope.payout_ref is None:
        return processor.lists_books
    payout = find_payout(session, scope)
    if payout is None or payout.itemised:
        return payout is not None
    own = _own_row(session, payout)
    if own is not None:
        repair(session, processor, own)
    return bool(session.scalar(select(Payout.itemised).where(Payout.id == payout.id)))


def find_payout(session: Session, scope: Scope) -> Payout | None:
    return session.scalar(
        select(Payout)
        .where(Payout.processor == scope.processor, Payout.ref == scope.payout_ref)
        .execution_options(populate_existing=True)
    )


def _own_row(session: Session, payout: Payout) -> BalanceRow | None:
    """The row of the processor's books that a payout itself is."""
    movement = ledger.find_movement(session, payout.processor, "payout", payout.ref)
    settled = session.get(MovementSettlement, movement.id) if movement else None
    if movement is None or settled is None:
        return None
    return BalanceRow(
        ref=settled.balance_ref,
        kind="payout",
        at=movement.occurred_at,
        gross=Money(settled.gross_minor, settled.currency),
        fee=Money(settled.fee_minor, settled.currency),
        available_on=settled.available_on,
        source_ref=payout.ref,
    )


def keep_rows(session: Session, processor: str, rows: Sequence[BalanceRow]) -> None:
    """Keep rows of the processor's books, inside a transaction; each once."""
    now = clock.now()
    values = [
        {
            "processor": processor,
            "ref": row.ref,
            "kind": row.kind,
            "source_ref": row.source_ref,
            "made_at": row.at,
            "available_on": row.available_on,
            "currency": row.gross.currency,
            "gross_minor": row.gross.minor,
            "fee_minor": row.fee.minor,
            "net_minor": row.net.minor,
            "exchange_rate": row.exchange_rate,
            "fetched_at": now,
        }
        for row in rows
    ]
    insert_new(session, ProcessorRow, values)


def fetch(
    session: Session, reconciliation_id: str, scope: Scope, after: str | None, processor: Processor
) -> None:
    """Keep all pages from ``after`` on, each with where to go on, in one transaction."""
    while True:
        end_reading(session)
        page = _page(processor, scope, after)
        with transaction(session):
            keep_rows(session, scope.processor, page.rows)
            found = session.get_one(Reconciliation, reconciliation_id)
            found.fetched += len(page.rows)
            found.after = after = page.after
        if after is None:
            return


def _page(processor: Processor, scope: Scope, after: str | None) -> Page:
    if scope.payout_ref is not None:
        return processor.list_payout_rows(scope.payout_ref, after)
    if scope.since is None or scope.until is None:
        raise NotFound
    return processor.list_rows(scope.since, scope.until, after)
