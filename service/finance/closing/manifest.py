"""The manifest of a closed month: its hashes and sums, chained to the month before.

Everything in it is a function of the frozen rows, so that it can be made again and compared.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.clock import rfc3339
from service.finance import summary
from service.finance.closing import allocation as allocations
from service.finance.closing.months import name_of
from service.finance.exports.make import Workshop, text_chunks
from service.finance.exports.rows import movements
from service.finance.exports.selection import Period, Selection, Wanted
from service.finance.exports.totals import totals_and_span
from service.finance.kinds import PAYOUTS
from service.finance.model import ClosedPeriod, PeriodManifest, Posting
from service.money import Money

_FORMAT = 1  # of manifests and the files they hash; what is written otherwise gets another
_FILES = {"movements.csv": ("movements", "csv"), "movements.beancount": ("movements", "beancount")}


def make_manifest(shop: Workshop, books: Session, period: Period) -> dict[str, Any]:
    """What a frozen month amounts to."""
    frozen = books.get_one(ClosedPeriod, name_of(period))
    selection = Selection(period)
    rows = movements(books, selection, shop.standing)
    totals, span = totals_and_span(books, rows)
    return {
        "period": frozen.period,
        "format": _FORMAT,
        "closed_at": rfc3339(frozen.frozen_at),
        "previous": previous_of(books, period),
        "sequence": {"first": span.first, "last": span.last},
        "files": {name: _file(shop, books, selection, *kind) for name, kind in _FILES.items()},
        "control_totals": totals,
        "summary": [_printed(bucket) for bucket in summary.buckets(books, period, None)],
        "balances": balances(books, period),
        "allocation": allocations.printed(frozen.allocation),
        "fees_under": allocations.FEES_STAND_UNDER,
        "allocated_so_far": allocations.printed(allocations.so_far(books, period.last)),
        "unsettled": _unsettled(books, rows),
        "fees_unknown": _fees_unknown(books, rows),
    }


def canonical(manifest: dict[str, Any]) -> str:
    """The text that is hashed."""
    return json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def previous_of(session: Session, period: Period) -> dict[str, str] | None:
    """The closed month before, by name and hash."""
    query = (
        select(PeriodManifest.period, PeriodManifest.sha256)
        .join(ClosedPeriod, ClosedPeriod.period == PeriodManifest.period)
        .where(ClosedPeriod.last_day < period.first)
        .order_by(ClosedPeriod.last_day.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return {"period": found[0], "sha256": found[1]} if found else None


def balances(session: Session, period: Period) -> list[dict[str, str]]:
    """Each account's opening balance, what moved, and closing balance."""
    before, inside = Posting.booked_on < period.first, Posting.booked_on >= period.first
    query = (
        select(
            Posting.account,
            Posting.currency,
            func.coalesce(func.sum(Posting.amount_minor).filter(before), 0),
            func.coalesce(func.sum(Posting.amount_minor).filter(inside), 0),
        )
        .where(Posting.booked_on <= period.last)
        .group_by(Posting.account, Posting.currency)
        .order_by(Posting.account, Posting.currency)
    )
    return [
        {
            "account": account,
            "currency": currency,
            "opening": Money(int(opening), currency).export_text(),
            "movements": Money(int(moved), currency).export_text(),
            "closing": Money(int(opening) + int(moved), currency).export_text(),
        }
        for account, currency, opening, moved in session.execute(query)
    ]


def _file(shop: Workshop, books: Session, selection: Selection, rows: str, form: str) -> dict[str, str | int]:
    hashed, size = hashlib.sha256(), 0
    for chunk, _ in text_chunks(shop, books, Wanted(selection, rows, form)):
        hashed.update(chunk)
        size += len(chunk)
    return {"sha256": hashed.hexdigest(), "size": size}


def _printed(bucket: summary.Bucket) -> dict[str, Any]:
    return {name: value for name, value in summary.printed(bucket).items() if name != "bucket"}


def _unsettled(books: Session, rows: Any) -> list[dict[str, Any]]:
    query = (
        select(rows.c.currency, func.count(), func.sum(rows.c.net))
        .where(rows.c.payout_id.is_(None), rows.c.type.not_in(PAYOUTS))
        .group_by(rows.c.currency)
        .order_by(rows.c.currency)
    )
    return [
        {"currency": currency, "movements": count, "net": Money(int(net), currency).export_text()}
        for currency, count, net in books.execute(query)
    ]


def _fees_unknown(books: Session, rows: Any) -> int:
    query = (
        select(func.count())
        .select_from(rows)
        .where(rows.c.type == "contribution", rows.c.settlement_currency.is_(None))
    )
    return books.scalar(query) or 0
