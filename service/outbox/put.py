"""Put effects into the outbox, in the transaction of what they follow from."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service import clock
from service.db import insert_new
from service.outbox.model import OutboxRow

MAIL = "mail"  # a letter; its subject is the occasion and an id


def put(
    session: Session,
    kind: str,
    subject: str,
    data: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Add one row inside the caller's transaction; False where it is there already, done or not.

    ``data`` holds ids and codes, nothing personal. Due at once unless ``due_at`` says later.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    added = session.execute(
        dialect.insert(OutboxRow)
        .values(_row(kind, subject, data, due_at))
        .on_conflict_do_nothing()
        .returning(OutboxRow.id)
    )
    return added.first() is not None


def put_many(session: Session, kind: str, subjects: Iterable[str]) -> None:
    """Add one row a subject, due at once; those that are there already stay as they are."""
    insert_new(session, OutboxRow, [_row(kind, subject, None, None) for subject in subjects])


def _row(kind: str, subject: str, data: Mapping[str, Any] | None, due_at: datetime | None) -> dict[str, Any]:
    now = clock.now()
    return {
        "kind": kind,
        "subject": subject,
        "data": dict(data or {}),
        "created_at": now,
        "due_at": due_at or now,
        "attempts": 0,
    }
