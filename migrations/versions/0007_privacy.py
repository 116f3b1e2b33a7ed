"""Privacy requests, certificates of what was erased, and the record of retention

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from service import append_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_PROTECTED = ("privacy_certificate",)
_MARKS = ("restricted_at", "withdrawn_at", "erased_at")
# Indexes of some rows only: table, column, condition.
_PARTLY = {
    "ix_contribution_unpaid": ("contribution", "created_at", "paid_at IS NULL AND erased_at IS NULL"),
    "ix_contribution_with_email": ("contribution", "created_at", "email_sealed IS NOT NULL"),
    "ix_message_hidden": ("message", "decided_at", "state IN ('rejected', 'removed')"),
    "ix_received_event_whole": ("received_event", "received_at", "reduced_at IS NULL"),
}

_OF_STAFF = (
    ("staff", "last_sign_in_at", _TIME),
    ("staff", "password_set_at", _TIME),
    ("staff", "link_sha256", sa.String(64)),
    ("staff", "link_expires_at", _TIME),
    ("staff_token", "issued_by", sa.String(120)),
    ("staff_token", "last_used_at", _TIME),
)


def upgrade() -> None:
    _staff_columns()
    for mark in _MARKS:
        op.add_column("contribution", sa.Column(mark, _TIME))
    op.add_column("received_event", sa.Column("reduced_at", _TIME))
    for name, (table, column, rows) in _PARTLY.items():
        where = sa.text(rows)
        op.create_index(name, table, [column], postgresql_where=where, sqlite_where=where)
    _add_requests()
    op.create_table(
        "privacy_certificate",
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("request_id", sa.String(32)),
        sa.Column("contributions", _JSON, nullable=False),
        sa.Column("removed", _JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("replayed_at", _TIME),
    )
    op.create_index("ix_privacy_certificate_at", "privacy_certificate", ["at"])
    op.create_table(
        "retention_run",
        sa.Column("id", _BIG_ID, primary_key=True),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("days", _JSON, nullable=False),
        sa.Column("counts", _JSON, nullable=False),
    )
    append_only.protect(op.get_bind(), _PROTECTED)


def _add_requests() -> None:
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("reference", sa.String(16)),
        sa.Column("email_index", sa.String(64)),
        sa.Column("email_sealed", sa.Text()),
        sa.Column("changes_sealed", sa.Text()),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("proof", sa.String(500)),
        sa.Column("contributions", _JSON, nullable=False),
        sa.Column("asked_by", sa.String(120), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("deadline", _TIME, nullable=False),
        sa.Column("confirmed_at", _TIME),
        sa.Column("done_at", _TIME),
        sa.Column("done_by", sa.String(120)),
        sa.Column("outcome", _JSON),
        sa.Column("certificate", sa.String(16)),
        sa.Column("lifted_at", _TIME),
        sa.Column("lifted_by", sa.String(120)),
    )
    op.create_index("ix_privacy_request_email_index", "privacy_request", ["email_index"])
    op.create_index("ix_privacy_request_state_deadline", "privacy_request", ["state", "deadline"])
    op.create_index("ix_privacy_request_received_at", "privacy_request", ["received_at"])


def _staff_columns() -> None:
    """The administration desk: sign-ins, links to choose a password, use of tokens; a trail that
    is read by filters, and how far its chain was verified."""
    for table, column, kind in _OF_STAFF:
        op.add_column(table, sa.Column(column, kind))
    op.create_index("ix_staff_link_sha256", "staff", ["link_sha256"], unique=True)
    for column in ("actor", "action", "subject"):
        op.create_index(f"ix_audit_entry_{column}_sequence", "audit_entry", [column, "sequence"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_table(
        "audit_check",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("sequence", _BIG_ID, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("checked_at", _TIME, nullable=False),
        sa.Column("broken_at", _BIG_ID),
    )


def _without_staff_columns() -> None:
    op.drop_table("audit_check")
    for name in ("actor_sequence", "action_sequence", "subject_sequence", "at"):
        op.drop_index(f"ix_audit_entry_{name}", "audit_entry")
    op.drop_index("ix_staff_link_sha256", "staff")
    for table, column, _ in reversed(_OF_STAFF):
        op.drop_column(table, column)


def downgrade() -> None:
    _without_staff_columns()
    append_only.unprotect(op.get_bind(), _PROTECTED)
    for table in ("retention_run", "privacy_certificate", "privacy_request"):
        op.drop_table(table)
    for name, (table, _, _) in _PARTLY.items():
        op.drop_index(name, table)
    op.drop_column("received_event", "reduced_at")
    for mark in reversed(_MARKS):
        op.drop_column("contribution", mark)
