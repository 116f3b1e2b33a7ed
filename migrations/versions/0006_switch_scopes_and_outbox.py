"""The switch by scope and time, and the outbox

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIMES = ("from_at", "until_at", "closed_at")
_CHOICES = {"walls": "keep", "widget": "notice"}


def upgrade() -> None:
    _widen_switch()
    _add_outbox()


def _widen_switch() -> None:
    """Closings of before keep the walls and show a notice; they began when they were made."""
    for time in _TIMES:
        op.add_column("switch", sa.Column(time, _TIME))
    for name, default in _CHOICES.items():
        op.add_column("switch", sa.Column(name, sa.String(10), nullable=False, server_default=default))
    op.execute("UPDATE switch SET closed_at = changed_at WHERE NOT open")
    with op.batch_alter_table("switch") as table:
        table.alter_column("scope", existing_type=sa.String(2000), type_=sa.String(2100), nullable=False)
        for name in _CHOICES:
            table.alter_column(name, existing_type=sa.String(10), nullable=False, server_default=None)


def _add_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _BIG_ID, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", _TIME),
        sa.Column("last_error", sa.String(100)),
        sa.UniqueConstraint("kind", "subject", name="uq_outbox_kind_subject"),
    )
    waiting = sa.text("done_at IS NULL")
    op.create_index(
        "ix_outbox_waiting", "outbox", ["due_at", "id"], postgresql_where=waiting, sqlite_where=waiting
    )
    op.create_index("ix_outbox_kind_created_at", "outbox", ["kind", "created_at"])


def downgrade() -> None:
    op.drop_table("outbox")
    op.execute("DELETE FROM switch WHERE scope <> 'all'")
    for name in (*_CHOICES, *_TIMES):
        op.drop_column("switch", name)
    with op.batch_alter_table("switch") as table:
        table.alter_column("scope", existing_type=sa.String(2100), type_=sa.String(2000), nullable=False)
