"""What somebody with full power over the database could do to a table that is only added to."""

from sqlalchemy import text

from tests.support.desk import Desk


def change_behind_our_back(desk: Desk, statement: str, table: str = "audit_entry") -> None:
    """Carry out a statement on a table, the audit trail unless another is named, without its triggers."""
    desk.session.rollback()
    if desk.database == "postgresql":
        desk.session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        for act in ("update", "delete"):
            desk.session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}"))
    desk.session.execute(text(statement))
    desk.session.commit()
