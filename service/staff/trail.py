"""Reading the audit trail: by actor, act, subject and day, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from service.clock import JAKARTA
from service.staff.model import AuditEntry

_AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries. ``action`` is an act (``staff.added``) or all of a room (``staff``); ``since``
    and ``until`` are inclusive Jakarta dates."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: date | None = None
    until: date | None = None


def page(
    session: Session, filters: Filters, before: int | None, limit: int
) -> tuple[Sequence[AuditEntry], int | None]:
    """At most ``limit`` entries older than ``before``, and what to ask for the next page with."""
    query = _matching(filters).order_by(AuditEntry.sequence.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    found = session.scalars(query).all()
    return found[:limit], found[limit - 1].sequence if len(found) > limit else None


def every(session: Session, filters: Filters) -> Iterator[AuditEntry]:
    """All entries, newest first, read in parts: new ones in the meantime change nothing."""
    before: int | None = None
    while True:
        found, before = page(session, filters, before, _AT_A_TIME)
        yield from found
        if before is None:
            return
        session.expunge_all()


def _matching(filters: Filters) -> Select[AuditEntry]:
    query = select(AuditEntry)
    if filters.actor:
        query = query.where(AuditEntry.actor == filters.actor)
    if filters.action:
        room = AuditEntry.action.startswith(f"{filters.action}.", autoescape=True)
        query = query.where(or_(AuditEntry.action == filters.action, room))
    if filters.subject:
        query = query.where(AuditEntry.subject == filters.subject)
    if filters.since:
        query = query.where(AuditEntry.at >= _start_of(filters.since))
    if filters.until:
        query = query.where(AuditEntry.at < _start_of(filters.until + timedelta(days=1)))
    return query


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), JAKARTA)
