"""What somebody with full power over the database could do to the audit trail."""

from sqlalchemy import text

from tests.support.desk import Desk


def change_behind_our_back(desk: Desk, statement: str) -> None:
    """Carry out a statement on the trail without its triggers."""
    desk.session.rollback()
    if desk.database == "postgresql":
        desk.session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        desk.session.execute(text("DROP TRIGGER IF EXISTS audit_entry_no_update"))
        desk.session.execute(text("DROP TRIGGER IF EXISTS audit_entry_no_delete"))
    desk.session.execute(text(statement))
    desk.session.commit()
