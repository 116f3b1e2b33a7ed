"""The audit trail: who did what and when, each entry hashed over the one before."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service import clock
from service.clock import rfc3339
from service.staff.model import AuditEntry

_START = "0" * 64
_LOCK = 724_001  # any number that no other advisory lock here uses


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Whether the whole chain verifies, and the first entry at which it does not."""

    intact: bool
    entries: int
    broken_at: int | None


def record(
    session: Session, actor: str, action: str, subject: str, details: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Append one entry, inside the transaction of the act itself.

    ``details`` hold no personal data and no message text: codes, states and counts only.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    session.flush()
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1))
    entry = AuditEntry(
        sequence=last.sequence + 1 if last else 1,
        at=clock.now().replace(microsecond=0),
        actor=actor,
        action=action,
        subject=subject,
        details=dict(details or {}),
        previous_hash=last.hash if last else _START,
    )
    entry.hash = digest(entry)
    session.add(entry)
    session.flush()
    return entry


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the entry's canonical JSON and the hash before it."""
    content = {
        "sequence": entry.sequence,
        "at": rfc3339(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
        "previous": entry.previous_hash,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_chain(session: Session) -> ChainCheck:
    """Verify every entry from the first; reads the trail once, in order."""
    previous, expected = _START, 1
    query = select(AuditEntry).order_by(AuditEntry.sequence).execution_options(yield_per=500)
    with closing(session.scalars(query)) as entries:
        for entry in entries:
            fits = entry.sequence == expected and entry.previous_hash == previous
            if not fits or entry.hash != digest(entry):
                return ChainCheck(False, expected - 1, entry.sequence)
            previous, expected = entry.hash, expected + 1
    return ChainCheck(True, expected - 1, None)


def page(session: Session, before: int | None, limit: int, **filters: str | None) -> Sequence[AuditEntry]:
    """Entries newest first, older than ``before``, filtered by actor, action or subject."""
    query = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    for name, value in filters.items():
        if value:
            query = query.where(getattr(AuditEntry, name) == value)
    return session.scalars(query).all()
