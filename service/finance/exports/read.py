"""Read the rows of an export from one snapshot of the database, with constant memory."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Select, Subquery, select, text
from sqlalchemy.orm import Session

from service.finance.exports.columns import Column
from service.finance.exports.text import Notation, as_text, line_writer
from service.finance.exports.totals import Span

_ROWS_AT_A_TIME = 2000
_CHUNK = 256 * 1024  # bytes


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """A session that sees the books as they are now, whatever is booked meanwhile."""
    with Session(engine) as session:
        if engine.dialect.name == "postgresql":
            session.connection(
                execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
            session.execute(_ROOM_TO_SORT)
        yield session


_ROOM_TO_SORT = text("SET LOCAL work_mem = '64MB'")
# Neither sorts nor hashes, which begin only when all is read; one core at least is the writer's.
_ALONG = [
    text(f"SET LOCAL {setting}")
    for setting in (
        "enable_hashjoin = off",
        "enable_mergejoin = off",
        "enable_sort = off",
        "max_parallel_workers_per_gather = 1",
    )
]
_DENSE = 4  # of so many numbers in a row, one is wanted


def along_numbers(session: Session, row: Subquery, span: Span) -> Subquery:
    """The same rows, which leave PostgreSQL one by one along their numbers from the first moment on.

    That is dearer for the database than to join all and sort, and pays where the rows are written more slowly
    than it finds them. Rows that lie far apart are left to its planner.
    """
    if session.get_bind().dialect.name != "postgresql" or span.first is None or span.last is None:
        return row
    if span.last - span.first >= _DENSE * span.rows:
        return row
    for setting in _ALONG:
        session.execute(setting)
    return select(row).where(row.c.sequence.between(span.first, span.last)).subquery("span")


def driver_connection(session: Session) -> Any:
    """psycopg's own connection, for what SQLAlchemy does not offer."""
    return session.connection().connection.driver_connection


def statement_of(session: Session, query: Select[*tuple[Any, ...]]) -> tuple[str, Any]:
    """A query as psycopg takes it, with its parameters."""
    compiled = query.compile(session.connection(), compile_kwargs={"render_postcompile": True})
    return str(compiled), compiled.params


def raw_rows(session: Session, columns: Sequence[Column], row: Subquery) -> Iterator[Sequence[Any]]:
    """Raw values in the order of the columns; rows in theirs."""
    query = select(*(row.c[column.name] for column in columns)).order_by(row.c.sequence)
    with closing(session.execute(query.execution_options(yield_per=_ROWS_AT_A_TIME))) as found:
        yield from found


def csv_chunks(
    session: Session, columns: Sequence[Column], row: Subquery, notation: Notation
) -> Iterator[tuple[bytes, int]]:
    """A CSV file in chunks, each with how many rows it holds; the header first."""
    yield notation.header(columns), 0
    if session.get_bind().dialect.name == "postgresql":
        yield from _copied(session, as_text(columns, row, notation), notation)
        return
    rows, line = raw_rows(session, columns, row), line_writer(columns, notation)
    while taken := list(islice(rows, _ROWS_AT_A_TIME)):
        yield "".join(map(line, taken)).encode(), len(taken)


def _copied(
    session: Session, query: Select[*tuple[Any, ...]], notation: Notation
) -> Iterator[tuple[bytes, int]]:
    """Text rows as PostgreSQL itself writes them: COPY is several times faster than a cursor."""
    statement, params = statement_of(session, query)
    copied = f"COPY ({statement}) TO STDOUT (FORMAT csv, DELIMITER '{notation.separator}')"
    with driver_connection(session).cursor() as cursor, cursor.copy(copied, params) as copy:
        part, size = [], 0
        for data in copy:
            part.append(bytes(data))
            size += len(data)
            if size >= _CHUNK:
                yield b"".join(part), len(part)
                part, size = [], 0
        if part:
            yield b"".join(part), len(part)
