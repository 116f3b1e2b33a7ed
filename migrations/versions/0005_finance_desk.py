"""The finance desk: exports with a record, closed months, explanations, bank lines

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from service import append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_PROTECTED = ("closed_period", "exception_explanation", "period_manifest", "period_row")
_TABLES = (
    "finance_export",
    "period_manifest",
    "period_row",
    "closed_period",
    "bank_line",
    "exception_explanation",
)


def upgrade() -> None:
    _date_exceptions()
    _add_explanations()
    _add_bank_lines()
    _add_closed_months()
    _add_exports()
    op.add_column("payment_fact", sa.Column("due_at", _TIME))
    append_only.protect(op.get_bind(), _PROTECTED)
    append_only.guard_closed_months(op.get_bind())


def _date_exceptions() -> None:
    """Each existing exception is about the Jakarta day on which it was opened."""
    op.add_column(
        "finance_exception", sa.Column("concerns_on", sa.Date(), nullable=False, server_default="1970-01-01")
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE finance_exception SET concerns_on = (opened_at AT TIME ZONE 'Asia/Jakarta')::date")
        op.execute("ALTER TABLE finance_exception ALTER COLUMN concerns_on DROP DEFAULT")
    else:
        op.execute("UPDATE finance_exception SET concerns_on = date(opened_at, '+7 hours')")
    op.create_index("ix_finance_exception_concerns_on", "finance_exception", ["concerns_on"])
    op.create_index("ix_finance_exception_contribution_id", "finance_exception", ["contribution_id"])


def _add_explanations() -> None:
    op.create_table(
        "exception_explanation",
        sa.Column("id", _BIG_ID, primary_key=True),
        sa.Column("exception_id", _BIG_ID, sa.ForeignKey("finance_exception.id"), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("explained_by", sa.String(120), nullable=False),
        sa.Column("explained_at", _TIME, nullable=False),
    )
    op.create_index("ix_exception_explanation_exception_id", "exception_explanation", ["exception_id"])


def _add_bank_lines() -> None:
    op.create_table(
        "bank_line",
        sa.Column("id", _BIG_ID, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(300), nullable=False),
        sa.Column("imported_at", _TIME, nullable=False),
        sa.Column("imported_by", sa.String(120), nullable=False),
        sa.Column("payout_id", _BIG_ID, sa.ForeignKey("payout.id")),
        sa.Column("matched_by", sa.String(120)),
        sa.UniqueConstraint("hash", name="uq_bank_line_hash"),
        sa.UniqueConstraint("payout_id", name="uq_bank_line_payout_id"),
    )
    op.create_index("ix_bank_line_booked_on", "bank_line", ["booked_on"])


def _add_closed_months() -> None:
    op.create_table(
        "closed_period",
        sa.Column("period", sa.String(7), primary_key=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("allocation", _JSON, nullable=False),
        sa.Column("frozen_at", _TIME, nullable=False),
        sa.Column("frozen_by", sa.String(120), nullable=False),
        sa.UniqueConstraint("first_day", name="uq_closed_period_first_day"),
        sa.UniqueConstraint("last_day", name="uq_closed_period_last_day"),
    )
    op.create_table(
        "period_row",
        sa.Column("movement_id", sa.String(32), sa.ForeignKey("movement.id"), primary_key=True),
        sa.Column("status", sa.String(20)),
        sa.Column("message_state", sa.String(20)),
        sa.Column("available_on", sa.Date()),
        sa.Column("payout_ref", sa.String(100)),
        sa.Column("payout_arrival", sa.Date()),
        sa.Column("currency", sa.String(3)),
        sa.Column("gross_minor", sa.BigInteger()),
        sa.Column("fee_minor", sa.BigInteger()),
        sa.Column("net_minor", sa.BigInteger()),
        sa.Column("exchange_rate", sa.String(40)),
        sa.Column("balance_ref", sa.String(100)),
        sa.Column("charge_ref", sa.String(100)),
        sa.Column("method", sa.String(40)),
    )
    op.create_table(
        "period_manifest",
        sa.Column("period", sa.String(7), sa.ForeignKey("closed_period.period"), primary_key=True),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("closed_at", _TIME, nullable=False),
    )


def _add_exports() -> None:
    op.create_table(
        "finance_export",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("wanted", _JSON, nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("holder", sa.String(32)),
        sa.Column("leased_until", _TIME),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("totals", _JSON),
        sa.Column("size", sa.BigInteger()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("finished_at", _TIME),
    )
    op.create_index("ix_finance_export_made_at", "finance_export", ["made_at"])


def downgrade() -> None:
    append_only.unguard_closed_months(op.get_bind())
    append_only.unprotect(op.get_bind(), _PROTECTED)
    op.drop_column("payment_fact", "due_at")
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("ix_finance_exception_contribution_id", "finance_exception")
    op.drop_index("ix_finance_exception_concerns_on", "finance_exception")
    op.drop_column("finance_exception", "concerns_on")
