"""Addresses that take no mail are told; reports of erased messages go

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Erasures of before left the reports of readers behind."""
    op.add_column("privacy_request", sa.Column("undeliverable_at", sa.DateTime(timezone=True)))
    op.execute("DELETE FROM report WHERE message_id IN (SELECT id FROM message WHERE state = 'erased')")


def downgrade() -> None:
    op.drop_column("privacy_request", "undeliverable_at")
