"""Compare our books with the processor's: of a payout or a period, page by page, resumable.

First its rows are fetched and kept. Rows that our books lack are explained by the processor
and applied, for events that were lost. Then every row is compared with the sum of our
movements for it; what does not agree is written down and shown to finance.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from service import clock
from service.db import end_reading, in_parts, transaction
from service.errors import NotFound, ProcessorRefused
from service.finance import exceptions
from service.finance.comparison import (
    DIFFERENT,
    MISSING_HERE,
    MISSING_THERE,
    Compared,
    Figures,
    compare,
    printed,
)
from service.finance.fetch import Repair, Scope, fetch, find_payout, is_listed
from service.finance.model import (
    MovementSettlement,
    PayoutRow,
    ProcessorRow,
    Reconciliation,
    ReconciliationDifference,
)
from service.money import Money
from service.processors.base import BalanceRow, Processor

RUNNING, FINISHED = "running", "finished"


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
    after = found.after
    try:
        if is_listed(session, scope, processor, repair):
            fetch(session, reconciliation_id, scope, after, processor)
        repaired = _repair(session, scope, processor, repair)
    except ProcessorRefused:
        return _end_refused(session, reconciliation_id)
    with transaction(session):
        found = session.get_one(Reconciliation, reconciliation_id)
        found.repaired += repaired
        _finish(session, found, scope)
    return found


def _end_refused(session: Session, reconciliation_id: str) -> Reconciliation:
    """The processor does not know what was asked for: that is the result."""
    with transaction(session):
        found = session.get_one(Reconciliation, reconciliation_id)
        found.state, found.finished_at, found.after = FINISHED, clock.now(), None
        found.result = {
            "matched": 0,
            **dict.fromkeys((MISSING_HERE, MISSING_THERE, DIFFERENT), 0),
            "totals": [],
            "refused": True,
            "agrees": False,
        }
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
    return {row.ref: _figures(row) for row in rows}


def _figures(row: ProcessorRow) -> Figures:
    return row.currency, row.gross_minor, row.fee_minor, row.net_minor


def _finish(session: Session, found: Reconciliation, scope: Scope) -> None:
    here, there = (
        ours(session, scope.processor, *_in_scope(scope, MovementSettlement)),
        _theirs(session, scope),
    )
    # A row may stand on the other side of the period's border in the other books: by name, then.
    only_there, only_here = there.keys() - here.keys(), here.keys() - there.keys()
    for refs in in_parts(only_there):
        here.update(ours(session, scope.processor, MovementSettlement.balance_ref.in_(refs)))
    for refs in in_parts(only_here):
        stray = select(ProcessorRow).where(
            ProcessorRow.processor == scope.processor, ProcessorRow.ref.in_(refs)
        )
        there.update({row.ref: _figures(row) for row in session.scalars(stray)})
    compared = compare(here, there)
    made = _made_at(session, scope.processor, [ref for _, ref, _ in compared.differences])
    for kind, ref, data in compared.differences:
        session.add(
            ReconciliationDifference(reconciliation_id=found.id, kind=kind, balance_ref=ref, data=data)
        )
        exceptions.raise_difference(session, scope.processor, ref, data, made.get(ref))
    found.state, found.finished_at, found.after = FINISHED, clock.now(), None
    found.result = _result(session, scope, compared)


def _made_at(session: Session, processor: str, refs: Sequence[str]) -> dict[str, datetime]:
    """When the rows of the processor's books were made: the days that differences concern."""
    made: dict[str, datetime] = {}
    for part in in_parts(refs):
        for side, ref in (
            (MovementSettlement, MovementSettlement.balance_ref),
            (ProcessorRow, ProcessorRow.ref),
        ):
            query = select(ref, side.made_at).where(side.processor == processor, ref.in_(part))
            made |= {name: at for name, at in session.execute(query) if at is not None}
    return made


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
        payout = find_payout(session, scope)
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
