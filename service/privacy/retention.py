"""Retention: forget what was kept for long enough, in small batches, and leave a record.

Every batch is a transaction of its own that finds its rows afresh: a run that was interrupted is
gone on with by the next one. The books are not touched.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.db import transaction
from service.privacy.classes import CLASSES, RetentionClass, days_of
from service.privacy.model import RetentionRun
from service.staff import audit
from service.wiring import Wiring

log = structlog.get_logger()

FORGOTTEN = Counter("apresiasi_retention_forgotten", "Rows that the retention de-identified", ["class"])
BATCH = 500
BY_ITSELF = "service"

# What is kept outside of the tables: a name, and what counts it (dry) or deletes it.
Beside = Mapping[str, Callable[[bool], int]]


def due(session: Session, wiring: Wiring, beside: Beside | None = None) -> dict[str, int]:
    """How many rows and files of each class are older than they may be; changes nothing."""
    days = days_of(wiring)
    counted = {it.name: it.due(session, _before(days[it.name])) for it in CLASSES}
    return counted | {name: forget(True) for name, forget in (beside or {}).items()}


def run(
    session: Session, wiring: Wiring, actor: str = BY_ITSELF, beside: Beside | None = None
) -> RetentionRun:
    """Forget all that is due; the record, which is written class by class."""
    days = days_of(wiring)
    with transaction(session):
        row = RetentionRun(started_at=clock.now(), by=actor, days=days, counts={})
        session.add(row)
        session.flush()
        run_id = row.id
    for kept in CLASSES:
        count = _forget(session, kept, days[kept.name])
        FORGOTTEN.labels(kept.name).inc(count)
        _note(session, run_id, kept.name, count)
    for name, forget in (beside or {}).items():
        _note(session, run_id, name, forget(False))
    return _finish(session, run_id, actor)


def last_runs(session: Session, limit: int) -> Sequence[RetentionRun]:
    """The newest runs first."""
    return session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(limit)).all()


def _before(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def _forget(session: Session, kept: RetentionClass, days: int) -> int:
    """Batch after batch, until one finds nothing."""
    before, total = _before(days), 0
    while True:
        with transaction(session):
            count = kept.forget(session, before, BATCH)
        total += count
        if not count:
            return total


def _note(session: Session, run_id: int, name: str, count: int) -> None:
    with transaction(session):
        row = session.get_one(RetentionRun, run_id)
        row.counts = {**row.counts, name: count}


def _finish(session: Session, run_id: int, actor: str) -> RetentionRun:
    with transaction(session):
        row = session.get_one(RetentionRun, run_id)
        row.finished_at = clock.now()
        if any(row.counts.values()):
            audit.record(session, actor, "privacy.retention", f"retention:{run_id}", row.counts)
    log.info("retention", run=run_id, **row.counts)
    return row
