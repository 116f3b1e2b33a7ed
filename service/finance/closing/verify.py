"""Whether closed months are still what they were closed as."""

import json
from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.finance.closing.manifest import canonical, digest, make_manifest
from service.finance.closing.months import read_month
from service.finance.exports.make import Workshop
from service.finance.exports.read import snapshot
from service.finance.model import PeriodManifest

_TURN = 600  # seconds after which the next month has its turn


def broken_months(shop: Workshop, session: Session, thorough: bool) -> list[str]:
    """Closed months whose hash, chain or rows do not verify. Making a manifest again reads all
    rows of its month: ``thorough`` does that for all, otherwise the months take turns."""
    kept = session.scalars(select(PeriodManifest).order_by(PeriodManifest.period)).all()
    found = {made.period for made in kept if digest(made.manifest) != made.sha256}
    for before, after in pairwise(kept):
        link = json.loads(after.manifest)["previous"]
        if link != {"period": before.period, "sha256": before.sha256}:
            found.add(after.period)
    turns = kept if thorough else _whose_turn(kept)
    found |= {made.period for made in turns if not _is_remade(shop, made)}
    return sorted(found)


def _whose_turn(kept: Sequence[PeriodManifest]) -> Sequence[PeriodManifest]:
    place = int(clock.now().timestamp()) // _TURN % len(kept) if kept else 0
    return kept[place : place + 1]


def _is_remade(shop: Workshop, made: PeriodManifest) -> bool:
    with snapshot(shop.engine) as books:
        return canonical(make_manifest(shop, books, read_month(made.period))) == made.manifest
