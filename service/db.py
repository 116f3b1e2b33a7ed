"""The database: its base class, its UTC column type, and the one visible transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any, ClassVar, TypeVar

from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import JSON, BigInteger, Connection, DateTime, Dialect, Engine, Integer, MetaData, String
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

# Found by psycopg and SQLite alike; a new row on SQLite needs the plain word INTEGER.
_T = TypeVar("_T")

BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")

# A server that is gone without a word is given up on, so that nobody waits for minutes.
_POSTGRESQL = {"connect_timeout": 3, "tcp_user_timeout": 5000}  # seconds, milliseconds

_AT_A_TIME = 500  # rows of one statement

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA busy_timeout = 15000",
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on both databases. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table; constraints get names by convention so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
    }


db = SQLAlchemy(session_options={"expire_on_commit": False})


def engine_options(url: str) -> dict[str, Any]:
    """What an engine for this URL is made with."""
    if url.startswith("sqlite"):
        return {"url": url}
    return {
        "url": url,
        "pool_size": 10,
        "max_overflow": 20,
        "pool_pre_ping": True,
        "connect_args": _POSTGRESQL,
    }


def prepare_sqlite(engine: Engine) -> None:
    """Give an SQLite engine WAL, foreign keys, and transactions that we begin ourselves.

    A write begins IMMEDIATE, so that it waits for its turn at the start and never
    fails half-way because another writer was faster.
    """

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    def on_begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    sqlalchemy_event.listen(engine, "connect", on_connect)
    sqlalchemy_event.listen(engine, "begin", on_begin)


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """One write transaction: commits at the end of the block, rolls back on any error.

    Everything is read afresh inside. Blocks do not nest, and nothing may wait for the
    network inside one. RuntimeError where either a block is open already, or rows were
    changed outside of one.
    """
    if session.info.get("in_transaction"):
        raise RuntimeError("transaction() blocks do not nest")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside transaction()")
    session.rollback()  # ends the snapshot that earlier reads opened
    session.expire_all()  # and what they saw is read again
    session.info["in_transaction"] = True
    try:
        session.connection(execution_options={"write": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["in_transaction"] = False


def end_reading(session: Session) -> None:
    """Close the snapshot that reads opened, before a wait on the network."""
    if session.info.get("in_transaction"):
        raise RuntimeError("a transaction() block is still open")
    session.rollback()


def insert_new(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows inside a transaction; those whose key is there already are left as they are."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for part in in_parts(rows):
        session.execute(dialect.insert(table).values(part).on_conflict_do_nothing())


def in_parts(items: Iterable[_T]) -> Iterator[list[_T]]:
    """The items in lists short enough for the parameters of one statement."""
    left = iter(items)
    while part := list(islice(left, _AT_A_TIME)):
        yield part


class month_text(FunctionElement[str]):  # noqa: N801  # named as SQL functions are
    """The month of a date column as ``2026-11``, in both databases' words."""

    type = String()
    inherit_cache = True


@compiles(month_text)
def _month_in_postgresql(element: "month_text", compiler: SQLCompiler, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)}, 'YYYY-MM')"


@compiles(month_text, "sqlite")
def _month_in_sqlite(element: "month_text", compiler: SQLCompiler, **kw: Any) -> str:
    return f"strftime('%Y-%m', {compiler.process(element.clauses, **kw)})"
