"""The audit trail: who did what and when, each entry hashed over the one before."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service import clock
from service.clock import rfc3339
from service.staff.model import AuditEntry

_START = "0" * 64
_LOCK = 724_001  # any number that no other advisory lock here uses
_COLUMNS = select(*AuditEntry.__table__.columns).order_by(AuditEntry.sequence)


class Chained(Protocol):
    """What is hashed of an entry: a row of the table, or one that is about to be."""

    sequence: Any
    at: Any
    actor: Any
    action: Any
    subject: Any
    details: Any
    previous_hash: Any


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
    session.flush()  # rows are locked before the trail, here as everywhere
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
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


def digest(entry: Chained) -> str:
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


def check_chain(session: Session, last: AuditEntry | None = None) -> ChainCheck:
    """Verify every entry after ``last`` in order, or from the first; reads the trail once."""
    previous, sequence = (last.hash, last.sequence) if last else (_START, 0)
    query = _COLUMNS.where(AuditEntry.sequence > sequence).execution_options(yield_per=1000)
    with closing(session.execute(query)) as entries:
        for entry in entries:
            fits = entry.sequence == sequence + 1 and entry.previous_hash == previous
            if not fits or entry.hash != digest(entry):
                return ChainCheck(False, sequence, entry.sequence)
            previous, sequence = entry.hash, entry.sequence
    return ChainCheck(True, sequence, None)
