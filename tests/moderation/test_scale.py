"""The queue stays flat: at a million messages the deepest page costs what the first one does."""

import statistics
import sys
from collections.abc import Iterator
from time import perf_counter

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from service.contributions.queries import make_cursor
from service.migrations_state import alembic_config
from service.moderation import queries
from service.moderation.queries import Filters, QueueItem
from tests.support.databases import create_database, sqlalchemy_url

_CONTRIBUTIONS = text("""
    INSERT INTO contribution (id, reference, amount_minor, currency, article_key, article_section,
                              locale, terms_version, status, created_at, paid_at)
    SELECT lpad(to_hex(n), 32, '0'), 'R' || n, 2500000, 'IDR',
           'https://kompas.com/' || n % 500, 'S' || n % 20, 'id', '2026-11', 'paid',
           timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second'
    FROM generate_series(1, :count) AS n""")
# One in ten is flagged; most of the rest wait with the same rank, which is the hard case.
_MESSAGES = text("""
    INSERT INTO message (id, contribution_id, text, state, revision, name_hidden, received_at, queue, rank,
                         section, escalated, reports)
    SELECT lpad(to_hex(n::bigint * 7919 % 2147483647), 32, 'a'), lpad(to_hex(n), 32, '0'),
           'Terima kasih nomor ' || n || CASE WHEN n % 1000 = 0 THEN ' jarang' ELSE '' END,
           'pending', 1, false, timestamptz '2026-01-01' + n * interval '1 second', 'pending',
           CASE WHEN n % 10 = 0 THEN -40 ELSE 0 END, 'S' || n % 20, false, 0
    FROM generate_series(1, :count) AS n""")


@pytest.fixture
def engine(worker_id: str) -> Iterator[Engine]:
    url = sqlalchemy_url(create_database(f"scale_{worker_id}"))
    command.upgrade(alembic_config(url), "head")
    made = create_engine(url)
    yield made
    made.dispose()


def fill(engine: Engine, count: int) -> None:
    with engine.begin() as connection:
        connection.execute(_CONTRIBUTIONS, {"count": count})
        connection.execute(_MESSAGES, {"count": count})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE contribution, message"))


def last_place(session: Session, filters: Filters) -> str:
    """The cursor before the last page of the queue."""
    section = "AND section = :section" if filters.section else ""
    row = session.execute(
        text(
            "SELECT rank, received_at, id FROM message WHERE queue = 'pending'"  # our own words
            f" {section} ORDER BY rank DESC, received_at DESC, id DESC OFFSET 21 LIMIT 1"
        ),
        {"section": filters.section},
    ).one()
    return f"{row.rank}.{make_cursor(row.received_at, row.id)}"


def seconds(session: Session, cursors: list[str | None], filters: Filters) -> list[float]:
    """The median time of each page, asked for in turns, so that whatever else the machine does
    falls on all of them alike."""

    def once(cursor: str | None) -> float:
        began = perf_counter()
        items, _ = queries.queue(session, "pending", 20, cursor, filters)
        took = perf_counter() - began
        assert len(items) == 20
        assert isinstance(items[0], QueueItem)
        return took

    rounds = [[once(cursor) for cursor in cursors] for _ in range(41)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def compare(engine: Engine) -> list[str]:
    told = []
    with Session(engine) as session:
        for filters in (Filters(), Filters(section="S7")):
            first, deepest = seconds(session, [None, last_place(session, filters)], filters)
            told.append(
                f"section {filters.section}: first {first * 1000:.2f} ms, deepest {deepest * 1000:.2f} ms"
            )
            assert deepest < 2 * first, told
            assert first < 2 * deepest, told
        began = perf_counter()
        items, _ = queries.queue(session, "pending", 20, None, Filters(text="jarang nomor"))
        told.append(f"search for a rare word: {(perf_counter() - began) * 1000:.1f} ms")
        assert len(items) == 20
    return told


def test_the_deepest_page_costs_what_the_first_does(engine: Engine) -> None:
    fill(engine, 20_000)
    compare(engine)


@pytest.mark.drill
def test_at_a_million(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    fill(engine, 1_000_000)
    told = compare(engine)
    with capsys.disabled():
        sys.stderr.write("\n  ".join(["\nqueue at 1,000,000 messages:", *told]) + "\n")
