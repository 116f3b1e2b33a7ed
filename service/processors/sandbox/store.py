"""The sandbox's memory: JSON documents in one SQLite file, so that a restart loses nothing."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Store:
    """Documents by kind and id. All work happens under one lock, in one transaction a block."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS document (position INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
            " id TEXT NOT NULL, owner TEXT, body TEXT NOT NULL, UNIQUE (kind, id))"
        )
        self._connection.execute("CREATE INDEX IF NOT EXISTS owned ON document (kind, owner)")
        self._depth = 0

    @contextmanager
    def work(self) -> Iterator[None]:
        """All or nothing: what is put inside the block is kept together."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def put(self, kind: str, document: Document, owner: str | None = None) -> None:
        """Add or replace a document; ``owner`` is what it can be listed by."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO document (kind, id, owner, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, owner = excluded.owner",
                (kind, document["id"], owner, json.dumps(document)),
            )

    def find(self, kind: str, id_: str) -> Document | None:
        with self._lock:
            row = self._connection.execute(
                "SELECT body FROM document WHERE kind = ? AND id = ?", (kind, id_)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def owned(self, kind: str, owner: str) -> list[Document]:
        """The documents of one owner, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT body FROM document WHERE kind = ? AND owner = ? ORDER BY position", (kind, owner)
            ).fetchall()
        return [json.loads(body) for (body,) in rows]

    def every(self, kind: str) -> list[Document]:
        """All documents of a kind, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT body FROM document WHERE kind = ? ORDER BY position", (kind,)
            ).fetchall()
        return [json.loads(body) for (body,) in rows]

    def drop(self, kind: str, id_: str) -> None:
        with self._lock:
            self._connection.execute("DELETE FROM document WHERE kind = ? AND id = ?", (kind, id_))

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def new_id(prefix: str) -> str:
    """A random id as the sandbox gives them."""
    return f"{prefix}_{secrets.token_hex(12)}"


def seconds_now() -> int:
    """Whole seconds since 1970."""
    return int(time.time())


def on_day(seconds: float) -> str:
    """The UTC day of a moment."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
