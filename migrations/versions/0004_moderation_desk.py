"""The moderation desk: places in the queue, flags, claims, reports, search

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_INDEXES = {
    "ix_message_queue_rank": ["queue", "rank", "received_at", "id"],
    "ix_message_queue_section_rank": ["queue", "section", "rank", "received_at", "id"],
    "ix_message_queue_decided_at": ["queue", "decided_at", "id"],
    "ix_message_queue_decided_by": ["queue", "decided_by", "decided_at", "id"],
    "ix_message_queue_received_at": ["queue", "received_at"],
    "ix_message_fingerprint": ["fingerprint", "received_at"],
}


def _of_messages() -> tuple[sa.Column, ...]:
    return (
        sa.Column("queue", sa.String(20)),
        sa.Column("rank", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("section", sa.String(100)),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("escalated", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("proposed_by", sa.String(120)),
        sa.Column("reports", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("decided_at", _TIME),
        sa.Column("decided_by", sa.String(120)),
        sa.Column("reason", sa.String(30)),
    )


def _of_decisions() -> tuple[sa.Column, ...]:
    return (
        sa.Column("escalated", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("proposed_by", sa.String(120)),
        sa.Column("undoes", sa.Integer()),
    )


def upgrade() -> None:
    for column in _of_messages():
        op.add_column("message", column)
    for column in _of_decisions():
        op.add_column("decision", column)
    op.create_index("ix_decision_decided_at", "decision", ["decided_at"])
    op.create_index("ix_decision_decided_by_decided_at", "decision", ["decided_by", "decided_at"])
    _give_places()
    op.drop_index("ix_message_state_received_at_id", "message")
    for name, columns in _INDEXES.items():
        op.create_index(name, "message", columns)
    _add_tables()
    (_search_in_postgresql if op.get_bind().dialect.name == "postgresql" else _search_in_sqlite)()


def _give_places() -> None:
    op.execute(
        "UPDATE message SET section = (SELECT article_section FROM contribution"
        " WHERE contribution.id = message.contribution_id)"
    )
    op.execute(
        "UPDATE message SET queue = state WHERE state IN ('pending', 'published', 'rejected', 'removed')"
        " AND EXISTS (SELECT 1 FROM contribution WHERE contribution.id = message.contribution_id"
        " AND contribution.paid_at IS NOT NULL AND contribution.status <> 'reversed')"
    )
    last = "(SELECT MAX(revision) FROM decision AS later WHERE later.message_id = message.id)"
    for column in ("decided_at", "decided_by", "reason"):
        op.execute(
            f"UPDATE message SET {column} = (SELECT decision.{column} FROM decision"
            f" WHERE decision.message_id = message.id AND decision.revision = {last})"
        )


def _add_tables() -> None:
    op.create_table(
        "message_flag",
        sa.Column("message_id", sa.String(32), sa.ForeignKey("message.id"), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("evidence", sa.String(100)),
        sa.Column("dismissed_by", sa.String(120)),
    )
    op.create_index("ix_message_flag_kind_message_id", "message_flag", ["kind", "message_id"])
    op.create_table(
        "claim",
        sa.Column("message_id", sa.String(32), sa.ForeignKey("message.id"), primary_key=True),
        sa.Column("holder", sa.String(120), nullable=False),
        sa.Column("claimed_at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
    )
    op.create_index("ix_claim_holder_until", "claim", ["holder", "until"])
    op.create_table(
        "report",
        sa.Column("id", _BIG_ID, primary_key=True),
        sa.Column("message_id", sa.String(32), sa.ForeignKey("message.id"), nullable=False),
        sa.Column("reporter", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(30)),
        sa.Column("reported_at", _TIME, nullable=False),
        sa.Column("answered_at", _TIME),
        sa.UniqueConstraint("message_id", "reporter", name="uq_report_message_id_reporter"),
    )


def _search_in_postgresql() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE INDEX ix_message_text_trigrams ON message USING gin (text gin_trgm_ops)")
    op.execute("CREATE INDEX ix_message_text_words ON message USING gin (to_tsvector('simple', text))")


def _search_in_sqlite() -> None:
    """Words of a message by a number of its own: row numbers of `message` itself may change."""
    op.execute(
        "CREATE TABLE message_search_row (id INTEGER PRIMARY KEY, message_id VARCHAR(32) NOT NULL UNIQUE)"
    )
    op.execute("CREATE VIRTUAL TABLE message_search USING fts5(text, tokenize = 'trigram')")
    op.execute("INSERT INTO message_search_row (message_id) SELECT id FROM message")
    op.execute(
        "INSERT INTO message_search (rowid, text) SELECT (SELECT id FROM message_search_row WHERE message_id = message.id), text FROM message"
    )
    found = "(SELECT id FROM message_search_row WHERE message_id = %s.id)"
    op.execute(
        "CREATE TRIGGER message_search_added AFTER INSERT ON message BEGIN"
        " INSERT INTO message_search_row (message_id) VALUES (new.id);"
        f" INSERT INTO message_search (rowid, text) VALUES ({found % 'new'}, new.text); END"
    )
    op.execute(
        "CREATE TRIGGER message_search_changed AFTER UPDATE OF text ON message BEGIN"
        f" UPDATE message_search SET text = new.text WHERE rowid = {found % 'new'}; END"
    )
    op.execute(
        "CREATE TRIGGER message_search_deleted AFTER DELETE ON message BEGIN"
        f" DELETE FROM message_search WHERE rowid = {found % 'old'};"
        " DELETE FROM message_search_row WHERE message_id = old.id; END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_message_text_words")
        op.execute("DROP INDEX ix_message_text_trigrams")
    else:
        for act in ("added", "changed", "deleted"):
            op.execute(f"DROP TRIGGER message_search_{act}")
        op.execute("DROP TABLE message_search")
        op.execute("DROP TABLE message_search_row")
    for table in ("report", "claim", "message_flag"):
        op.drop_table(table)
    for name in _INDEXES:
        op.drop_index(name, "message")
    op.create_index("ix_message_state_received_at_id", "message", ["state", "received_at", "id"])
    op.drop_index("ix_decision_decided_by_decided_at", "decision")
    op.drop_index("ix_decision_decided_at", "decision")
    # Not in a batch: SQLite could not drop the old table, which decisions refer to.
    for table, columns in (("decision", _of_decisions()), ("message", _of_messages())):
        for column in columns:
            op.drop_column(table, column.name)
