"""Compare our books with the processor's: of a payout or a period, page by page, resumable.

First its rows are fetched and kept. Rows that our books lack are explained by the processor
and applied, for events that were lost. Then every row is compared with the sum of our
movements for it; what does not agree is written down and shown to finance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service import clock
from service.db import end_reading, transaction
from service.errors import NotFound
from service.finance import ledger
from service.finance.comparison import (
    DIFFERENT,
    MISSING_HERE,
    MISSING_THERE,
    Compared,
    Figures,
    compare,
    printed,
)
from service.finance.model import (
    MovementSettlement,
    Payout,
    PayoutRow,
    ProcessorRow,
    Reconciliation,
    ReconciliationDifference,
)
from service.money import Money
from service.processors.base import BalanceRow, Page, Processor

RUNNING, FINISHED = "running", "finished"

# Applies what a row stands for; how much of it was new.
Repair = Callable[[Session, Processor, BalanceRow], int]
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared: one payout, or the rows made from ``since`` to before ``until``."""

    processor: str
    payout_ref: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def begin(session: Session, scope: Scope) -> str:
    """The id of a reconciliation of this scope: one that was interrupted, else a new one."""
    with transaction(session):
        running = session.scalar(
            select(Reconciliation.id).where(
                Reconciliation.processor == scope.processor,
                Reconciliation.state == RUNNING,
                Reconciliation.payout_ref.is_not_distinct_from(scope.payout_ref),
                Reconciliation.since.is_not_distinct_from(scope.since),
                Reconciliation.until.is_not_distinct_from(scope.until),
            )
        )
        if running is not None:
            return running
        made = Reconciliation(
            processor=scope.processor,
            payout_ref=scope.payout_ref,
            since=scope.since,
            until=scope.until,
            state=RUNNING,
            started_at=clock.now(),
        )
        session.add(made)
        session.flush()
        return made.id


def run(session: Session, reconciliation_id: str, processor: Processor, repair: Repair) -> Reconciliation:
    """Go on with a reconciliation to its end. Raises NotFound, and ProcessorUnavailable,
    after which it can be gone on with."""
    found = session.get(Reconciliation, reconciliation_id, populate_existing=True)
    if found is None:
        raise NotFound
    if found.state == FINISHED:
        return found
    scope = Scope(found.processor, found.payout_ref, found.since, found.until)
    if processor.lists_books:
        _fetch(session, found.id, scope, found.after, processor)
    repaired = _repair(session, scope, processor, repair)
    with transaction(session):
        found = session.get_one(Reconciliation, reconciliation_id)
        found.repaired += repaired
        _finish(session, found, scope)
    return found


def get(session: Session, reconciliation_id: str) -> Reconciliation:
    """A reconciliation. Raises NotFound."""
    found = session.get(Reconciliation, reconciliation_id)
    if found is None:
        raise NotFound
    return found


def newest(session: Session, limit: int) -> Sequence[Reconciliation]:
    """The last comparisons, newest first."""
    return session.scalars(
        select(Reconciliation).order_by(Reconciliation.started_at.desc(), Reconciliation.id).limit(limit)
    ).all()


def differences_of(session: Session, reconciliation_id: str) -> Sequence[ReconciliationDifference]:
    """What did not agree, in the order of the rows' names."""
    return session.scalars(
        select(ReconciliationDifference)
        .where(ReconciliationDifference.reconciliation_id == reconciliation_id)
        .order_by(ReconciliationDifference.kind, ReconciliationDifference.balance_ref)
    ).all()


def keep_rows(session: Session, processor: str, rows: Sequence[BalanceRow]) -> None:
    """Keep rows of the processor's books, inside a transaction; each once."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
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
    for start in range(0, len(values), _AT_A_TIME):
        part = values[start : start + _AT_A_TIME]
        session.execute(dialect.insert(ProcessorRow).values(part).on_conflict_do_nothing())


def _fetch(
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
            if scope.payout_ref is not None:
                _itemise(session, scope, page, last=after is None)
        if after is None:
            return


def _page(processor: Processor, scope: Scope, after: str | None) -> Page:
    if scope.payout_ref is not None:
        return processor.list_payout_rows(scope.payout_ref, after)
    if scope.since is None or scope.until is None:
        raise NotFound
    return processor.list_rows(scope.since, scope.until, after)


def _itemise(session: Session, scope: Scope, page: Page, last: bool) -> None:
    payout = session.scalar(
        select(Payout).where(Payout.processor == scope.processor, Payout.ref == scope.payout_ref)
    )
    if payout is not None and page.rows:
        was = payout.itemised
        ledger.itemise(session, payout, [row.ref for row in page.rows])
        payout.itemised = was or last


def _repair(session: Session, scope: Scope, processor: Processor, repair: Repair) -> int:
    """Apply what stands behind rows that our books lack."""
    missing = session.scalars(
        _rows_there(scope)
        .where(
            ~select(MovementSettlement.movement_id)
            .where(
                MovementSettlement.processor == ProcessorRow.processor,
                MovementSettlement.balance_ref == ProcessorRow.ref,
            )
            .exists()
        )
        .order_by(ProcessorRow.made_at, ProcessorRow.ref)
    ).all()
    rows = [_balance_row(row) for row in missing]
    end_reading(session)
    return sum(repair(session, processor, row) for row in rows)


def _rows_there(scope: Scope) -> Select[ProcessorRow]:
    return select(ProcessorRow).where(
        ProcessorRow.processor == scope.processor, *_in_scope(scope, ProcessorRow)
    )


def _in_scope(scope: Scope, side: Any) -> list[ColumnElement[bool]]:
    """Which rows of a side belong to the scope."""
    ref = ProcessorRow.ref if side is ProcessorRow else MovementSettlement.balance_ref
    if scope.payout_ref is not None:
        paid = select(PayoutRow.balance_ref).where(
            PayoutRow.processor == scope.processor, PayoutRow.payout_ref == scope.payout_ref
        )
        return [ref.in_(paid)]
    return [side.made_at >= scope.since, side.made_at < scope.until]


def _balance_row(row: ProcessorRow) -> BalanceRow:
    return BalanceRow(
        ref=row.ref,
        kind=row.kind,
        at=row.made_at,
        gross=Money(row.gross_minor, row.currency),
        fee=Money(row.fee_minor, row.currency),
        available_on=row.available_on,
        source_ref=row.source_ref,
        exchange_rate=row.exchange_rate,
    )


def ours(session: Session, processor: str, *which: ColumnElement[bool]) -> dict[str, Figures]:
    """Our figures by balance row: the sum of the movements that belong to it."""
    side = MovementSettlement
    query = (
        select(
            side.balance_ref,
            func.min(side.currency),
            func.sum(side.gross_minor),
            func.sum(side.fee_minor),
            func.sum(side.net_minor),
        )
        .where(side.processor == processor, *which)
        .group_by(side.balance_ref)
    )
    return {
        ref: (currency, int(gross), int(fee), int(net))
        for ref, currency, gross, fee, net in session.execute(query)
    }


def _theirs(session: Session, scope: Scope) -> dict[str, Figures]:
    rows = session.scalars(_rows_there(scope))
    return {row.ref: (row.currency, row.gross_minor, row.fee_minor, row.net_minor) for row in rows}


def _finish(session: Session, found: Reconciliation, scope: Scope) -> None:
    here, there = (
        ours(session, scope.processor, *_in_scope(scope, MovementSettlement)),
        _theirs(session, scope),
    )
    # A row may stand on the other side of the period's border there: ours are looked up by name.
    for ref in there.keys() - here.keys():
        here.update(ours(session, scope.processor, MovementSettlement.balance_ref == ref))
    compared = compare(here, there)
    for kind, ref, data in compared.differences:
        session.add(
            ReconciliationDifference(reconciliation_id=found.id, kind=kind, balance_ref=ref, data=data)
        )
        subject = f"{scope.processor}:{ref}"[:100]
        ledger.raise_exception(session, "reconciliation_difference", subject, None)
    found.state, found.finished_at, found.after = FINISHED, clock.now(), None
    found.result = _result(session, scope, compared)


def _result(session: Session, scope: Scope, compared: Compared) -> dict[str, Any]:
    kinds = [kind for kind, _, _ in compared.differences]
    result: dict[str, Any] = {
        "matched": compared.matched,
        **{kind: kinds.count(kind) for kind in (MISSING_HERE, MISSING_THERE, DIFFERENT)},
        "totals": [
            {
                "currency": currency,
                **{side: printed((currency, *sums)) for side, sums in sides.items()},  # type: ignore[arg-type]
            }
            for currency, sides in sorted(compared.totals.items())
        ],
    }
    agrees = not kinds
    if scope.payout_ref is not None:
        payout = session.scalar(
            select(Payout).where(Payout.processor == scope.processor, Payout.ref == scope.payout_ref)
        )
        rows = sum(sides["processor"][2] for sides in compared.totals.values())
        amount = payout.amount_minor if payout else None
        agrees = agrees and payout is not None and payout.itemised and rows == amount
        result["payout"] = {
            "ref": scope.payout_ref,
            "amount": Money(amount, payout.currency).export_text() if payout and amount is not None else None,
            "rows": Money(rows, payout.currency).export_text() if payout else None,
            "itemised": bool(payout and payout.itemised),
        }
        if agrees and payout is not None:
            payout.reconciled_at = clock.now()
    return result | {"agrees": agrees}
