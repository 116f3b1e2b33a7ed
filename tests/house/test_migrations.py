"""Migrations and models agree, on both databases, up and down."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from service import models
from service.db import prepare_sqlite
from service.migrations_state import alembic_config, is_at_head
from tests.support.databases import create_database, sqlalchemy_url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite"
    else:
        yield sqlalchemy_url(create_database(f"migrations_{worker_id}"))


def test_upgrade_from_empty_agrees_with_the_models_and_downgrades(empty_url: str) -> None:
    config = alembic_config(empty_url)
    command.upgrade(config, "head")
    engine = create_engine(empty_url)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, models.metadata) == []
        assert is_at_head(connection, empty_url)
    command.downgrade(config, "base")
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        assert not is_at_head(connection, empty_url)
    command.upgrade(config, "head")
    engine.dispose()
