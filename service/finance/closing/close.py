"""Close a month: freeze it in one transaction, then hash what was frozen.

From the freezing on nothing dated in the month is added (`months.open_day`, and triggers of
the database). The hashing can be long; if it is interrupted, closing again goes on with it.
"""

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from service import clock
from service.db import insert_new, transaction
from service.errors import PeriodClosed, PeriodNotReady
from service.finance import sequence
from service.finance.closing import allocation as allocations
from service.finance.closing import months
from service.finance.closing.manifest import canonical, digest, make_manifest
from service.finance.closing.readiness import readiness
from service.finance.exports.make import Workshop
from service.finance.exports.read import snapshot
from service.finance.exports.rows import StandingSource, live
from service.finance.exports.selection import Period
from service.finance.model import ClosedPeriod, PeriodManifest, PeriodRow
from service.staff import audit

# Columns of the live row, by the column of the snapshot that keeps them.
_KEPT = {
    "movement_id": "movement_id",
    "status": "status",
    "message_state": "message_state",
    "available_on": "available_on",
    "payout_ref": "payout_id",
    "payout_arrival": "payout_arrival",
    "currency": "settlement_currency",
    "gross_minor": "settlement_gross",
    "fee_minor": "settlement_fee",
    "net_minor": "settlement_net",
    "exchange_rate": "exchange_rate",
    "balance_ref": "balance_transaction_ref",
    "charge_ref": "charge_ref",
    "method": "method",
}


def close(
    shop: Workshop, session: Session, period: Period, allocation: allocations.Allocation, actor: str
) -> PeriodManifest:
    """Close a month with an allocation of its contributions, and return its manifest.

    Raises PeriodClosed, PeriodNotReady (with the reasons), AllocationMismatch.
    """
    name = months.name_of(period)
    if session.get(PeriodManifest, name) is not None:
        raise PeriodClosed
    for frozen in unfinished(session):
        made = finish(shop, session, frozen)
        if frozen == period:
            if not allocations.are_equal(session.get_one(ClosedPeriod, name).allocation, allocation):
                raise PeriodClosed
            return made
    with transaction(session):
        _freeze(session, shop.standing, period, allocation, actor)
    return finish(shop, session, period)


def finish(shop: Workshop, session: Session, period: Period) -> PeriodManifest:
    """Hash a frozen month, once; also where that was interrupted."""
    name = months.name_of(period)
    with snapshot(shop.engine) as books:
        text = canonical(make_manifest(shop, books, period))
    made = {"period": name, "manifest": text, "sha256": digest(text), "closed_at": clock.now()}
    with transaction(session):
        insert_new(session, PeriodManifest, [made])
    return session.get_one(PeriodManifest, name, populate_existing=True)


def unfinished(session: Session) -> list[Period]:
    """Months that are frozen and not hashed yet."""
    query = (
        select(ClosedPeriod.first_day, ClosedPeriod.last_day)
        .where(~select(PeriodManifest.period).where(PeriodManifest.period == ClosedPeriod.period).exists())
        .order_by(ClosedPeriod.first_day)
    )
    return [Period(first, last) for first, last in session.execute(query)]


def _freeze(
    session: Session,
    standing: StandingSource,
    period: Period,
    allocation: allocations.Allocation,
    actor: str,
) -> None:
    months.stop_booking(session)
    name = months.name_of(period)
    if session.get(ClosedPeriod, name) is not None:
        raise PeriodClosed
    sequence.assign(session)
    found = readiness(session, period)
    if unfinished(session):
        found.blockers.append("predecessor_open")  # each manifest names the hash of the one before
    if not found.ready:
        raise PeriodNotReady(found.blockers)
    allocations.require_exact(allocation, found.to_allocate)
    _keep_rows(session, standing, period)
    session.add(
        ClosedPeriod(
            period=name,
            first_day=period.first,
            last_day=period.last,
            allocation=allocation,
            frozen_at=clock.now().replace(microsecond=0),
            frozen_by=actor,
        )
    )
    details: dict[str, Any] = {"allocation": allocations.printed(allocation)}
    audit.record(session, actor, "finance.period_closed", name, details)


def _keep_rows(session: Session, standing: StandingSource, period: Period) -> None:
    """What could still change of each movement of the month, as it is now."""
    rows = live(standing()).subquery("row")
    chosen = select(*(rows.c[name] for name in _KEPT.values())).where(
        rows.c.booked_on_wib.between(period.first, period.last)
    )
    session.execute(insert(PeriodRow).from_select(list(_KEPT), chosen))
