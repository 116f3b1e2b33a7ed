"""Effects wait their turn: those that were tried least come first; and when a closing ended

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Closings of before ended by the change that opened again."""
    op.add_column("switch", sa.Column("ended_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE switch SET ended_at = changed_at WHERE open AND closed_at IS NOT NULL")
    _wait_by("attempts", "due_at", "id")


def downgrade() -> None:
    _wait_by("due_at", "id")
    op.drop_column("switch", "ended_at")


def _wait_by(*columns: str) -> None:
    waiting = sa.text("done_at IS NULL")
    op.drop_index("ix_outbox_waiting", "outbox")
    op.create_index(
        "ix_outbox_waiting", "outbox", list(columns), postgresql_where=waiting, sqlite_where=waiting
    )
