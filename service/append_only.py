"""Tables whose rows are added and never changed, protected by triggers of the database itself.

PostgreSQL's TRUNCATE has a trigger of its own. SQLite's INSERT OR REPLACE deletes first, and
fires these triggers because every connection turns recursive triggers on.

What is dated in a closed month is not even added (promise 5).
"""

from collections.abc import Iterable

from sqlalchemy import Connection, text

TABLES = (
    "acceptance",
    "audit_entry",
    "closed_period",
    "exception_explanation",
    "movement",
    "movement_sequence",
    "movement_settlement",
    "payment_fact",
    "period_manifest",
    "period_row",
    "posting",
    "privacy_certificate",
    "processor_row",
)

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

DATED = ("movement", "posting")  # by their booked_on

_CLOSED_MONTH = "EXISTS (SELECT 1 FROM closed_period WHERE last_day >= NEW.booked_on)"

_CLOSED_MONTH_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_CLOSED_MONTH} THEN
        RAISE EXCEPTION 'the month of % is closed', NEW.booked_on
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def guard_closed_months(connection: Connection) -> None:
    """Refuse rows that are dated in a closed month."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_CLOSED_MONTH_FUNCTION))
    for table in DATED:
        begin = f"CREATE TRIGGER {table}_closed_month BEFORE INSERT ON {table} FOR EACH ROW"
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"{begin} EXECUTE FUNCTION refuse_closed_month()"))
        else:
            refuse = "SELECT RAISE(ABORT, 'the month is closed')"
            connection.execute(text(f"{begin} WHEN {_CLOSED_MONTH} BEGIN {refuse}; END"))


def unguard_closed_months(connection: Connection) -> None:
    """Take those triggers off."""
    for table in DATED:
        on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER {table}_closed_month{on}"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION refuse_closed_month()"))


def protect(connection: Connection, tables: Iterable[str]) -> None:
    """Put the triggers on tables that have none."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_POSTGRESQL_FUNCTION))
        for table in tables:
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
                    " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                )
            )
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                )
            )
        return
    for table in tables:
        for act in ("update", "delete"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} BEGIN"
                    f" SELECT RAISE(ABORT, 'rows of {table} are added, never changed'); END"
                )
            )


def unprotect(connection: Connection, tables: Iterable[str]) -> None:
    """Take the triggers off, for a migration that puts them on again in the same transaction."""
    for table in tables:
        for trigger in _triggers(connection, table):
            on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))


def unprotected(connection: Connection) -> list[str]:
    """The tables that lack a trigger they should have."""
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    found = set(connection.scalars(text(query)))
    return [table for table in TABLES if not found.issuperset(_due(connection, table))]


def _due(connection: Connection, table: str) -> tuple[str, ...]:
    """The triggers that a table should have."""
    closed = (f"{table}_closed_month",) if table in DATED else ()
    return (*_triggers(connection, table), *closed)


def _triggers(connection: Connection, table: str) -> tuple[str, str]:
    if connection.dialect.name == "postgresql":
        return f"{table}_append_only", f"{table}_no_truncate"
    return f"{table}_no_update", f"{table}_no_delete"
