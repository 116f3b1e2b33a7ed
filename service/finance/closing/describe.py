"""A month for programs and pages: open, with what closing it needs; or closed, with its manifest."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.clock import jakarta_date, rfc3339
from service.finance.closing import months
from service.finance.closing.readiness import first_booking, readiness
from service.finance.exports.selection import Period
from service.finance.model import ClosedPeriod, PeriodManifest
from service.money import Money

OPEN, CLOSING, CLOSED = "open", "closing", "closed"


def describe(session: Session, period: Period) -> dict[str, Any]:
    """One month, whatever its state."""
    name = months.name_of(period)
    frozen, made = session.get(ClosedPeriod, name), session.get(PeriodManifest, name)
    if frozen is None:
        return {"period": name, "state": OPEN, **_open(session, period)}
    return {
        "period": name,
        "state": CLOSED if made else CLOSING,
        "closed_at": rfc3339(frozen.frozen_at),
        "closed_by": frozen.frozen_by,
        "sha256": made.sha256 if made else None,
        "manifest": json.loads(made.manifest) if made else None,
    }


def _open(session: Session, period: Period) -> dict[str, Any]:
    found = readiness(session, period)
    return {
        "blockers": found.blockers,
        "to_allocate": {
            currency: Money(minor, currency).export_text() for currency, minor in found.to_allocate.items()
        },
        "unexplained": [seen.exception.id for seen in found.unexplained],
        "unsettled": [
            {"currency": it.net.currency, "movements": it.movements, "net": it.net.export_text()}
            for it in found.unsettled
        ],
        "fees_unknown": found.fees_unknown,
    }


def known_months(session: Session) -> list[tuple[str, str]]:
    """Every month from the first booking to now with its state, newest first."""
    first = first_booking(session)
    if first is None:
        return []
    hashed = set(session.scalars(select(PeriodManifest.period)))
    frozen = set(session.scalars(select(ClosedPeriod.period)))
    found, month = [], months.month_of(first)
    while month.first <= jakarta_date(clock.now()):
        name = months.name_of(month)
        found.append((name, CLOSED if name in hashed else CLOSING if name in frozen else OPEN))
        month = months.next_month(month)
    return found[::-1]
