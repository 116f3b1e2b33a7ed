"""Rows of the books, the audit trail and the evidence can be added, never changed

Update and delete are refused by the database itself (see service/append_only.py).

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from service import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "acceptance",
    "audit_entry",
    "movement",
    "movement_sequence",
    "movement_settlement",
    "payment_fact",
    "posting",
)


def upgrade() -> None:
    append_only.protect(op.get_bind(), TABLES)


def downgrade() -> None:
    append_only.unprotect(op.get_bind(), TABLES)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
