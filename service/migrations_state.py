"""Which migration the database is at, and which one it should be at."""

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from service.config import ROOT


def alembic_config(url: str) -> Config:
    """Alembic's configuration for one database; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def is_at_head(connection: Connection, url: str) -> bool:
    """True when every migration has been applied."""
    head = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head
