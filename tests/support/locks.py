"""A second connection to PostgreSQL: it holds a row, and sees who waits for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from tests.support.desk import Desk

_WAITING = text("SELECT COUNT(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
_PATIENCE = 20.0  # seconds


@contextmanager
def holding(desk: Desk, table: str, id_: str) -> Iterator[Connection]:
    """Somebody else works on this row while the block runs."""
    desk.session.rollback()
    with desk.session.get_bind().engine.connect() as other, other.begin():
        other.execute(text(f"SELECT 1 FROM {table} WHERE id = :id FOR UPDATE"), {"id": id_})
        yield other


def until_somebody_waits(other: Connection) -> None:
    """Until another connection wants what this one holds."""
    until = time.monotonic() + _PATIENCE
    while not other.scalar(_WAITING):
        assert time.monotonic() < until, "nobody waits for what is held"


def is_free(other: Connection, table: str, id_: str) -> bool:
    """Whether nobody else holds this row; a held one is passed, not waited for."""
    found = text(f"SELECT 1 FROM {table} WHERE id = :id FOR UPDATE SKIP LOCKED")
    return other.scalar(found, {"id": id_}) == 1


def may_write_the_trail(other: Connection) -> bool:
    """Whether nobody else is at the audit trail."""
    return bool(other.scalar(text("SELECT pg_try_advisory_xact_lock(724001)")))
