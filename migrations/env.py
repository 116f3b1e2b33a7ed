"""Alembic's environment: one database, its URL handed in by the command line."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import create_engine, pool

from service import models
from service.db import UtcDateTime, prepare_sqlite

config = context.config


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Migrations name plain column types, so that they outlive our own classes."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate inside one transaction, on SQLite as on PostgreSQL."""
    engine = create_engine(config.attributes["url"], poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    with engine.connect().execution_options(write=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=models.metadata,
            render_item=render_item,
            compare_type=True,
            include_object=models.is_compared,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
