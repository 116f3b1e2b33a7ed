"""``apresiasi db upgrade``: bring the database to the newest migration."""

import click
from alembic import command
from flask import current_app
from flask.cli import AppGroup

from service.config import Settings
from service.migrations_state import alembic_config

group = AppGroup("db", help="The database and its migrations.")


@group.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Apply migrations up to REVISION (default: all)."""
    _migrate(command.upgrade, revision)
    click.echo(f"database: at {revision}")


@group.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take migrations back down to REVISION."""
    _migrate(command.downgrade, revision)
    click.echo(f"database: at {revision}")


def _migrate(how, revision: str) -> None:  # type: ignore[no-untyped-def]  # alembic's own functions
    settings: Settings = current_app.extensions["settings"]
    settings.instance_folder.mkdir(parents=True, exist_ok=True)
    how(alembic_config(settings.database_url), revision)


COMMANDS = [group]
