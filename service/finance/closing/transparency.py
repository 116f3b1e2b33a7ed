"""The one aggregate account of closed months that everybody may read (clause 2.2)."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.finance.closing.allocation import PURPOSES
from service.finance.model import PeriodManifest
from service.money import Money

FEWEST = 5  # contributions; with fewer, a sum could tell what one person gave


def public_months(session: Session) -> list[dict[str, Any]]:
    """Each closed month and currency, newest first: count, gross, fees, exceptions, net and the
    three purposes in major units; no amounts where there were fewer than `FEWEST`."""
    query = select(PeriodManifest.manifest).order_by(PeriodManifest.period.desc())
    return [row for text in session.scalars(query) for row in _rows(json.loads(text))]


def _rows(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [_row(manifest, sums) for sums in manifest["summary"]] or [_row(manifest, _NOTHING)]


_NOTHING = {"currency": "IDR", "contributions": 0}


def _row(manifest: dict[str, Any], sums: dict[str, Any]) -> dict[str, Any]:
    currency = sums["currency"]
    few = _given_in(manifest) < FEWEST
    amounts = {name: sums.get(name) for name in ("gross", "fees", "exceptions", "net")}
    zero = Money(0, currency).export_text()
    purposes = {purpose: manifest["allocation"][purpose].get(currency, zero) for purpose in PURPOSES}
    return {
        "period": manifest["period"],
        "currency": currency,
        "contributions": sums["contributions"],
        "withheld": few,
        **(dict.fromkeys(amounts) if few else amounts),
        "purposes": None if few else purposes,
    }


def _given_in(manifest: dict[str, Any]) -> int:
    """The contributions of a month in the currency that has fewest of them: fees in another
    currency belong to the same contributions."""
    counts = [sums["contributions"] for sums in manifest["summary"] if sums["contributions"]]
    return min(counts, default=0)
