"""Make sure that an SQLite file does not go on holding what was removed from its tables.

Freed bytes are overwritten (secure_delete); what remains are the write-ahead log, and in the index
of texts the parts of words until its segments are merged. PostgreSQL's own VACUUM reuses the space.
"""

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from service.db import transaction

_PAGES = 400  # of the index, merged in one short transaction
_AT_MOST = 2_000  # transactions


def scrub(session: Session) -> bool:
    """Merge the index of texts and empty the write-ahead log; False where readers kept it from
    being emptied, which the next run does."""
    if session.get_bind().dialect.name != "sqlite":
        return True
    session.rollback()
    pages = -_PAGES  # negative: begin to merge everything into one segment
    for _ in range(_AT_MOST):
        if not _merge(session, pages):
            break
        pages = _PAGES
    return _empty_log(session.get_bind().engine)


def _merge(session: Session, pages: int) -> bool:
    """One step; whether there may be more to do (FTS5: fewer than two changes mean no)."""
    with transaction(session):
        connection = session.connection()
        before = _changes(connection)
        connection.execute(
            text("INSERT INTO message_search(message_search, rank) VALUES ('merge', :pages)"),
            {"pages": pages},
        )
        return _changes(connection) - before >= 2


def _changes(connection: object) -> int:
    return int(connection.scalar(text("SELECT total_changes()")))  # type: ignore[attr-defined]  # of SQLAlchemy


def _empty_log(engine: Engine) -> bool:
    raw = engine.raw_connection()
    try:
        busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        raw.close()
    return not busy
