"""The rows of an export as one query: of closed months from their snapshot, else as things stand.

All formats read this query; its values are raw (minor units, dates, moments), its labels the
contract's names. Movements of a closed month are told as they stood when it was closed.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, Subquery, case, func, select, union_all
from sqlalchemy.orm import Session, aliased

from service.db import month_text
from service.finance import kinds
from service.finance.closing.months import closed_until
from service.finance.exports.selection import Selection
from service.finance.model import (
    Movement,
    MovementSequence,
    MovementSettlement,
    Payout,
    PayoutRow,
    PeriodRow,
    is_paid_by_row,
)

# Each contribution's ``contribution_id, status, message_state``; the books do not know them.
StandingSource = Callable[[], Subquery]


def movements(session: Session, selection: Selection, standing: StandingSource) -> Subquery:
    """The numbered movements that were selected; order them by ``sequence``."""
    period, closed = selection.period, closed_until(session)
    parts = []
    if closed is not None and period.first <= closed:
        parts.append(_booked(_frozen(), period.first, min(period.last, closed)))
    if closed is None or period.last > closed:
        parts.append(_booked(live(standing()), max(period.first, _after(closed)), period.last))
    every = (parts[0] if len(parts) == 1 else union_all(*parts)).subquery("every")
    columns = {**every.c, "section": every.c.article_section}
    met = [columns[name] == value for name, value in selection.filters.items()]
    return select(every).where(*met).subquery("row") if met else every


def contributions(session: Session, selection: Selection, standing: StandingSource) -> Subquery:
    """What moved for each contribution, in each currency and month."""
    row = movements(session, selection, standing).c
    given = row.type == kinds.CONTRIBUTION
    settled_alike = func.min(row.settlement_currency) == func.max(row.settlement_currency)
    query = (
        select(
            func.min(row.sequence).label("sequence"),
            func.min(row.reference).label("reference"),
            row.contribution_id,
            func.max(row.status).label("status"),
            func.max(row.message_state).label("message_state"),
            func.max(row.article_url).label("article_url"),
            func.max(row.article_section).label("article_section"),
            func.max(row.created_at_utc).label("created_at_utc"),
            func.max(row.paid_at_utc).label("paid_at_utc"),
            func.min(row.booked_on_wib).label("booked_on_wib"),
            row.currency,
            _sum(row.gross, given).label("gross"),
            _sum(row.gross, ~given).label("exceptions"),
            _sum(row.fee).label("fee"),
            _sum(row.net).label("net"),
            case((settled_alike, func.max(row.settlement_currency))).label("settlement_currency"),
            case((settled_alike, func.sum(row.settlement_net))).label("settlement_net"),
            func.max(row.processor).label("processor"),
            func.max(row.method).label("method"),
            func.min(row.payment_ref).label("payment_ref"),
            func.max(row.payout_id).label("payout_id"),
            func.max(row.payout_arrival).label("payout_arrival"),
            func.count().label("movements"),
            func.max(row.terms_version).label("terms_version"),
            func.max(row.live).label("live"),
            row.period,
        )
        .where(row.contribution_id.is_not(None))
        .group_by(row.contribution_id, row.currency, row.period)
    )
    return query.subquery("contributed")


SOURCES = {"movements": movements, "contributions": contributions}


def _sum(amount: ColumnElement[int], which: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    total = func.sum(amount)
    return func.coalesce(total if which is None else total.filter(which), 0)


def _after(closed: date | None) -> date:
    return date.min if closed is None else date.fromordinal(closed.toordinal() + 1)


def live(standing: Subquery) -> Select[*tuple[Any, ...]]:
    """Numbered movements as things stand now; what `closing.close` keeps of a month."""
    settled, paying, own = MovementSettlement, aliased(Payout), aliased(Payout)
    payout = (
        func.coalesce(paying.ref, own.ref).label("payout_id"),
        func.coalesce(paying.arrival, own.arrival).label("payout_arrival"),
    )
    return (
        select(*_of_movement(), *_standing_of(standing.c), *_settled(settled), *payout)
        .join(MovementSequence, MovementSequence.movement_id == Movement.id)
        .outerjoin(settled, settled.movement_id == Movement.id)
        .outerjoin(PayoutRow, is_paid_by_row())
        .outerjoin(paying, (paying.processor == PayoutRow.processor) & (paying.ref == PayoutRow.payout_ref))
        .outerjoin(own, (own.processor == Movement.processor) & (own.ref == _payout_of_its_own()))
        .outerjoin(standing, standing.c.contribution_id == Movement.contribution_id)
    )


def _payout_of_its_own() -> ColumnElement[str | None]:
    """A condition of this form costs all other movements no search."""
    return case((Movement.type == kinds.PAYOUT, Movement.ref))


def _frozen() -> Select[*tuple[Any, ...]]:
    kept = PeriodRow
    payout = (kept.payout_ref.label("payout_id"), kept.payout_arrival.label("payout_arrival"))
    return (
        select(*_of_movement(), *_standing_of(kept), *_settled(kept), *payout)
        .join(MovementSequence, MovementSequence.movement_id == Movement.id)
        .join(kept, kept.movement_id == Movement.id)
    )


def _of_movement() -> list[Label[Any]]:
    """What can never change."""
    return [
        MovementSequence.sequence.label("sequence"),
        Movement.id.label("movement_id"),
        Movement.reference.label("reference"),
        Movement.contribution_id.label("contribution_id"),
        Movement.type.label("type"),
        Movement.article_url.label("article_url"),
        Movement.article_section.label("article_section"),
        func.coalesce(Movement.given_at, Movement.occurred_at).label("created_at_utc"),
        Movement.paid_at.label("paid_at_utc"),
        Movement.booked_on.label("booked_on_wib"),
        Movement.currency.label("currency"),
        Movement.gross_minor.label("gross"),
        Movement.fee_minor.label("fee"),
        Movement.net_minor.label("net"),
        Movement.processor.label("processor"),
        Movement.payment_ref.label("payment_ref"),
        Movement.parent_id.label("parent_movement_id"),
        case((Movement.live, "true"), else_="false").label("live"),
        Movement.debit_account.label("debit_account"),
        Movement.credit_account.label("credit_account"),
        Movement.terms_version.label("terms_version"),
        month_text(Movement.booked_on).label("period"),
    ]


def _standing_of(side: Any) -> list[Label[Any]]:
    return [side.status.label("status"), side.message_state.label("message_state")]


def _settled(side: Any) -> list[Label[Any]]:
    """What the processor's books say, now or when the month was closed."""
    return [
        side.available_on.label("available_on"),
        side.currency.label("settlement_currency"),
        side.gross_minor.label("settlement_gross"),
        side.fee_minor.label("settlement_fee"),
        side.net_minor.label("settlement_net"),
        side.exchange_rate.label("exchange_rate"),
        side.balance_ref.label("balance_transaction_ref"),
        func.coalesce(Movement.charge_ref, side.charge_ref).label("charge_ref"),
        func.coalesce(Movement.method, side.method).label("method"),
    ]


def _booked(query: Select[*tuple[Any, ...]], first: date, last: date) -> Select[*tuple[Any, ...]]:
    return query.where(Movement.booked_on.between(first, last))
