"""Both books side by side: rows as the processor lists them, reconciliations, exchange

Postings say when they were written, so that the books can be read as of any moment;
settlements keep charge and method; disputes are told apart from the money that they take and
give back. Append-only tables are changed with their triggers off, in one transaction.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service import append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHANGED = ("movement", "movement_settlement", "payment_fact", "posting")
NEW = ("processor_row",)

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    append_only.unprotect(op.get_bind(), CHANGED)
    _say_when_posted()
    _tell_disputes_from_their_money()
    for name, kind in (("made_at", _TIME), ("charge_ref", sa.String(100)), ("method", sa.String(40))):
        op.add_column("movement_settlement", sa.Column(name, kind))
    op.execute(
        "UPDATE movement_settlement SET made_at = (SELECT movement.occurred_at FROM movement"
        " WHERE movement.id = movement_settlement.movement_id)"
    )
    _widen_payouts()
    _add_tables()
    append_only.protect(op.get_bind(), CHANGED + NEW)


def _say_when_posted() -> None:
    op.add_column("posting", sa.Column("entry", sa.String(10)))
    op.add_column("posting", sa.Column("booked_on", sa.Date()))
    op.add_column("posting", sa.Column("recorded_at", _TIME))
    op.execute("UPDATE posting SET entry = 'movement'")
    for column in ("booked_on", "recorded_at"):
        op.execute(
            f"UPDATE posting SET {column} ="
            f" (SELECT movement.{column} FROM movement WHERE movement.id = posting.movement_id)"
        )
    with op.batch_alter_table("posting") as table:
        table.alter_column("entry", existing_type=sa.String(10), nullable=False)
        table.alter_column("booked_on", existing_type=sa.Date(), nullable=False)
        table.alter_column("recorded_at", existing_type=_TIME, nullable=False)
    op.create_index("ix_posting_recorded_at", "posting", ["recorded_at"])


def _tell_disputes_from_their_money() -> None:
    op.add_column("payment_fact", sa.Column("fee_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE payment_fact SET fee_minor = COALESCE((SELECT movement.fee_minor FROM movement"
        " WHERE movement.processor = payment_fact.processor AND movement.ref = payment_fact.ref"
        " AND movement.type = 'fee'), 0) WHERE kind = 'settled'"
    )
    _name_movements_by_their_facts()
    columns = "contribution_id, attempt_id, processor, ref, amount_minor, fee_minor, occurred_at, recorded_at"
    for state, money in (("dispute_opened", "dispute_withdrawn"), ("dispute_won", "dispute_reinstated")):
        op.execute(
            f"INSERT INTO payment_fact (kind, {columns})"
            f" SELECT '{money}', {columns} FROM payment_fact WHERE kind = '{state}'"
        )
        op.execute(f"UPDATE payment_fact SET amount_minor = 0 WHERE kind = '{state}'")


def _name_movements_by_their_facts() -> None:
    """A refund's or dispute's movement had the balance row's name; now it has the fact's. Two
    of the same amount in the same second are told apart by their order."""
    for type_, kind, sign in (
        ("refund_external", "refunded", "-"),
        ("chargeback", "dispute_opened", "-"),
        ("chargeback_reversed", "dispute_won", ""),
    ):
        op.execute(
            "UPDATE movement SET ref = COALESCE((SELECT told.ref FROM"
            " (SELECT ref, processor, contribution_id, occurred_at, amount_minor, ROW_NUMBER() OVER"
            " (PARTITION BY processor, contribution_id, occurred_at, amount_minor ORDER BY id) AS place"
            f" FROM payment_fact WHERE kind = '{kind}') AS told"
            " WHERE told.processor = movement.processor"
            " AND told.contribution_id = movement.contribution_id"
            " AND told.occurred_at = movement.occurred_at"
            f" AND told.amount_minor = {sign}movement.gross_minor"
            " AND told.place = (SELECT COUNT(*) FROM movement AS twin WHERE twin.type = movement.type"
            " AND twin.processor = movement.processor"
            " AND twin.contribution_id = movement.contribution_id"
            " AND twin.occurred_at = movement.occurred_at"
            " AND twin.gross_minor = movement.gross_minor AND twin.id <= movement.id)), ref)"
            f" WHERE type = '{type_}'"
        )


def _widen_payouts() -> None:
    op.add_column("payout", sa.Column("itemised", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("payout", sa.Column("recorded_at", _TIME))
    op.add_column("payout", sa.Column("reconciled_at", _TIME))
    op.execute(
        "UPDATE payout SET recorded_at = COALESCE((SELECT movement.recorded_at FROM movement"
        " WHERE movement.processor = payout.processor AND movement.ref = payout.ref"
        " AND movement.type = 'payout'), CURRENT_TIMESTAMP)"
    )
    op.execute(
        "UPDATE payout SET itemised = TRUE WHERE EXISTS (SELECT 1 FROM payout_row"
        " WHERE payout_row.processor = payout.processor AND payout_row.payout_ref = payout.ref)"
    )
    with op.batch_alter_table("payout") as table:
        table.alter_column("recorded_at", existing_type=_TIME, nullable=False)


def _add_tables() -> None:
    op.create_table(
        "processor_row",
        sa.Column("processor", sa.String(20), primary_key=True),
        sa.Column("ref", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source_ref", sa.String(100)),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("available_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("exchange_rate", sa.String(40)),
        sa.Column("fetched_at", _TIME, nullable=False),
    )
    op.create_index("ix_processor_row_made_at", "processor_row", ["processor", "made_at"])
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("processor", sa.String(20), nullable=False),
        sa.Column("payout_ref", sa.String(100)),
        sa.Column("since", _TIME),
        sa.Column("until", _TIME),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("after", sa.String(100)),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("result", _JSON),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
    )
    op.create_index("ix_reconciliation_payout_ref", "reconciliation", ["payout_ref"])
    op.create_table(
        "reconciliation_difference",
        sa.Column("id", _BIG_ID, primary_key=True),
        sa.Column("reconciliation_id", sa.String(32), sa.ForeignKey("reconciliation.id"), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("balance_ref", sa.String(100), nullable=False),
        sa.Column("data", _JSON, nullable=False),
    )
    op.create_index(
        "ix_reconciliation_difference_reconciliation_id", "reconciliation_difference", ["reconciliation_id"]
    )


def downgrade() -> None:
    append_only.unprotect(op.get_bind(), CHANGED + NEW)
    for table in ("reconciliation_difference", "reconciliation", "processor_row"):
        op.drop_table(table)
    for table, columns in (
        ("payout", ("itemised", "recorded_at", "reconciled_at")),
        ("movement_settlement", ("made_at", "charge_ref", "method")),
        ("payment_fact", ("fee_minor",)),
    ):
        with op.batch_alter_table(table) as changed:
            for column in columns:
                changed.drop_column(column)
    op.drop_index("ix_posting_recorded_at", "posting")
    with op.batch_alter_table("posting") as changed:
        for column in ("entry", "booked_on", "recorded_at"):
            changed.drop_column(column)
    op.execute("DELETE FROM payment_fact WHERE kind IN ('dispute_withdrawn', 'dispute_reinstated')")
    append_only.protect(op.get_bind(), CHANGED)
