"""What is known of the trail's hash chain: the whole of it read now and then, the newest at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import clock
from service.db import transaction
from service.staff import audit
from service.staff.audit import ChainCheck
from service.staff.model import AuditCheck, AuditEntry

AT_ONCE = 5_000  # entries that a page verifies while somebody waits
_WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class State:
    """The chain as far as it was verified. ``whole_at``: when all of it was last read;
    ``unchecked``: newest entries that nobody has verified yet."""

    intact: bool
    entries: int
    broken_at: int | None
    whole_at: datetime | None
    unchecked: int = 0


def state(session: Session) -> State:
    """What the last reading of the whole chain found, and the entries since, verified now."""
    known = session.get(AuditCheck, _WHOLE, populate_existing=True)
    if known is not None and known.broken_at is not None:
        return State(False, known.sequence, known.broken_at, known.checked_at)
    verified = known.sequence if known else 0
    unchecked = (session.scalar(select(func.max(AuditEntry.sequence))) or 0) - verified
    if unchecked > AT_ONCE:
        return State(True, verified, None, known.checked_at if known else None, unchecked)
    return _with_newest(session, known)


def _with_newest(session: Session, known: AuditCheck | None) -> State:
    if known is None or known.sequence == 0:
        return _as_state(audit.check_chain(session), None)
    last = session.get(AuditEntry, known.sequence)
    if last is None or last.hash != known.hash:
        return State(False, known.sequence - 1, known.sequence, known.checked_at)
    return _as_state(audit.check_chain(session, last), known.checked_at)


def whole(session: Session) -> State:
    """The whole chain, read now; nothing is kept of the result."""
    return _as_state(audit.check_chain(session), clock.now())


def verify(session: Session) -> ChainCheck:
    """Read the whole chain and keep the result, so that later only the newest are read."""
    check = audit.check_chain(session)
    last = session.get(AuditEntry, check.entries)
    with transaction(session):
        session.merge(
            AuditCheck(
                name=_WHOLE,
                sequence=check.entries,
                hash=last.hash if last else "",
                checked_at=clock.now(),
                broken_at=check.broken_at,
            )
        )
    return check


def _as_state(check: ChainCheck, whole_at: datetime | None) -> State:
    return State(check.intact, check.entries, check.broken_at, whole_at)
