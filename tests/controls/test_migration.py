"""A switch that was closed before it had scopes stays closed, with its walls kept."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from service.controls import switches
from service.controls.settings import Setting
from service.db import prepare_sqlite
from service.migrations_state import alembic_config
from tests.support.databases import create_database, sqlalchemy_url


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_closed_switch_stays_closed(database: str, tmp_path: Path, worker_id: str) -> None:
    lite = database == "sqlite"
    url = (
        f"sqlite:///{tmp_path}/old.sqlite"
        if lite
        else sqlalchemy_url(create_database(f"switch_old_{worker_id}"))
    )
    command.upgrade(alembic_config(url), "0005")
    engine = create_engine(url)
    if lite:
        prepare_sqlite(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO switch (scope, open, public_reason, changed_at, changed_by)"
                " VALUES ('all', false, 'ended', '2026-11-01 03:00:00', 'editor')"
            )
        )
    command.upgrade(alembic_config(url), "head")
    with Session(engine) as session:
        assert switches.current(session, None, None) == Setting(False, "ended", "keep", "notice")
        (switch,) = switches.every(session)
        assert switch.closed_at == switch.changed_at
    command.downgrade(alembic_config(url), "0005")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT open FROM switch")) in (False, 0)
    engine.dispose()
