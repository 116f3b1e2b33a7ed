"""Databases for tests: migrated once in each process, empty at the start of each test."""

import os
import shutil
from pathlib import Path

import psycopg
from alembic import command
from psycopg import sql

from service import models
from service.migrations_state import alembic_config

SERVER_URL = "APRESIASI_TEST_DATABASE_URL"


class Sqlite:
    """A file that is copied from a migrated one for each test."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.template = str(folder / "template.sqlite")
        self._file = folder / "test.sqlite"
        command.upgrade(alembic_config(f"sqlite:///{self.template}"), "head")
        self.url = f"sqlite:///{self._file}"

    def empty(self) -> None:
        for ending in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
        shutil.copy(self.template, self._file)


class Postgresql:
    """A database of this process's own, emptied before each test."""

    name = "postgresql"

    def __init__(self, worker: str) -> None:
        self.url = create_database(f"test_{worker}")
        self.sqlalchemy_url = sqlalchemy_url(self.url)
        command.upgrade(alembic_config(self.sqlalchemy_url), "head")

    def empty(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            # Replica mode skips the triggers that keep the books from being changed.
            connection.execute("SET session_replication_role = replica")
            statements = [
                sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name))
                for table in models.metadata.sorted_tables
            ]
            connection.execute(sql.SQL("; ").join(statements))


def create_database(name: str) -> str:
    """A fresh, empty database on the test server; its URL."""
    server = os.environ[SERVER_URL]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return f"{server.rpartition('/')[0]}/{name}"


def sqlalchemy_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
