"""The record of each export: who asked for what, how far it is, and what the file is.

A file is made by whoever holds its lease; one whose maker died is made again by the worker.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from service import clock
from service.clock import rfc3339
from service.db import transaction
from service.errors import NotFound
from service.finance import sequence
from service.finance.exports.selection import Wanted
from service.finance.model import Export
from service.identifiers import new_id
from service.staff import audit

WAITING, RUNNING, FINISHED, FAILED = "waiting", "running", "finished", "failed"
_LEASE = timedelta(seconds=60)


class LeaseLost(Exception):
    """Another process makes this export now."""


def begin(session: Session, wanted: Wanted, statement: str, actor: str) -> Export:
    """Number what is not numbered yet, and write down who wants which file. The file itself is
    made by `make.chunks`."""
    record = wanted.record()
    with transaction(session):
        sequence.assign(session)
        export = Export(
            wanted=record,
            filename=wanted.filename,
            statement=statement,
            made_by=actor,
            made_at=clock.now(),
            state=WAITING,
        )
        session.add(export)
        session.flush()
        period = wanted.selection.period
        audit.record(
            session,
            actor,
            "finance.exported",
            f"{period.first}..{period.last}",
            {"export": export.id, **{name: record[name] for name in ("rows", "format", "dialect")}},
        )
    return export


def get(session: Session, export_id: str) -> Export:
    """An export. Raises NotFound."""
    found = session.get(Export, export_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def newest(session: Session, limit: int) -> Sequence[Export]:
    """The last exports, newest first."""
    return session.scalars(select(Export).order_by(Export.made_at.desc(), Export.id).limit(limit)).all()


def left_behind(session: Session) -> Sequence[str]:
    """Exports that nobody makes now, oldest first."""
    return session.scalars(select(Export.id).where(*_is_free()).order_by(Export.made_at)).all()


def _is_free() -> tuple[Any, ...]:
    gone = (Export.state == RUNNING) & (Export.leased_until < clock.now())
    started = Export.made_at < clock.now() - _LEASE
    return (or_(gone, (Export.state == WAITING) & started),)


def take(session: Session, export_id: str) -> str | None:
    """Take the lease on making a file; the holder's name, or None where another makes it or
    it is made."""
    holder = new_id()
    free = or_(Export.state == WAITING, (Export.state == RUNNING) & (Export.leased_until < clock.now()))
    with transaction(session):
        taken = session.execute(
            update(Export)
            .where(Export.id == export_id, free)
            .values(state=RUNNING, holder=holder, leased_until=clock.now() + _LEASE, done=0)
        )
    return holder if taken.rowcount else None  # type: ignore[attr-defined]  # of an UPDATE


def note(session: Session, export_id: str, holder: str, **values: Any) -> None:
    """Write down how far it is, and keep the lease. Raises LeaseLost."""
    values.setdefault("leased_until", clock.now() + _LEASE)
    with transaction(session):
        kept = session.execute(
            update(Export).where(Export.id == export_id, Export.holder == holder).values(**values)
        )
    if not kept.rowcount:  # type: ignore[attr-defined]  # of an UPDATE
        raise LeaseLost


def give_up(session: Session, export_id: str, holder: str) -> None:
    """The file could not be made; not said of one that another process makes by now."""
    with suppress(LeaseLost):
        note(session, export_id, holder, state=FAILED)


def tell_totals(session: Session, export_id: str, totals: dict[str, Any]) -> None:
    """Write down the sums that the file is going to have."""
    with transaction(session):
        session.execute(update(Export).where(Export.id == export_id).values(totals=totals))


def describe(export: Export) -> dict[str, Any]:
    """An export for programs."""
    return {
        "id": export.id,
        "state": export.state,
        "filter": export.wanted,
        "filename": export.filename,
        "made_by": export.made_by,
        "made_at": rfc3339(export.made_at),
        "finished_at": rfc3339(export.finished_at),
        "rows": (export.totals or {}).get("rows"),
        "rows_done": export.done,
        "control_totals": export.totals,
        "sha256": export.sha256,
        "size": export.size,
        "statement": export.statement,
    }
