"""Transactions are visible, do not nest, and hold what they promise."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from service import clock
from service.articles.model import Article
from service.db import transaction
from tests.support.desk import Desk


def article(key: str = "https://kompas.com/a") -> Article:
    return Article(key=key, title="T", registered_at=clock.now())


def test_a_block_commits_at_its_end_or_not_at_all(desk: Desk) -> None:
    with transaction(desk.session):
        desk.session.add(article())
    with pytest.raises(ZeroDivisionError), transaction(desk.session):
        desk.session.add(article("https://kompas.com/b"))
        desk.session.flush()
        1 / 0  # noqa: B018  # the error is the point
    assert [row.key for row in desk.session.query(Article)] == ["https://kompas.com/a"]


def test_blocks_do_not_nest(desk: Desk) -> None:
    with pytest.raises(RuntimeError, match="nest"), transaction(desk.session), transaction(desk.session):
        pass


def test_changes_outside_of_a_block_are_noticed(desk: Desk) -> None:
    desk.session.add(article())
    with pytest.raises(RuntimeError, match="outside"), transaction(desk.session):
        pass
    desk.session.rollback()


def test_moments_keep_their_time_zone_and_need_one(desk: Desk) -> None:
    with transaction(desk.session):
        desk.session.add(article())
    row = desk.session.query(Article).one()
    assert row.registered_at.tzinfo is not None
    with pytest.raises(StatementError), transaction(desk.session):
        desk.session.add(Article(key="k", title="T", registered_at=datetime(2026, 1, 1)))  # noqa: DTZ001  # the point
        desk.session.flush()


def test_sqlite_is_set_up_for_trust(desk: Desk) -> None:
    if desk.database == "postgresql":
        assert desk.session.execute(text("SHOW server_version_num")).scalar_one() >= "130000"
        return
    pragmas = {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "secure_delete": 1,
        "synchronous": 2,
    }
    for name, value in pragmas.items():
        assert desk.session.execute(text(f"PRAGMA {name}")).scalar_one() == value
