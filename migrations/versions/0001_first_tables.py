"""the first tables

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('article',
    sa.Column('key', sa.String(length=2000), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_article'))
    )
    op.create_table('audit_entry',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=120), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('details', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_entry'))
    )
    op.create_table('contribution',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('reference', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('article_key', sa.String(length=2000), nullable=False),
    sa.Column('article_section', sa.String(length=100), nullable=True),
    sa.Column('article_title_hint', sa.String(length=300), nullable=True),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.Column('display_name', sa.Text(), nullable=True),
    sa.Column('email_sealed', sa.Text(), nullable=True),
    sa.Column('email_index', sa.String(length=64), nullable=True),
    sa.Column('terms_version', sa.String(length=40), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_contribution_amount_positive')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contribution')),
    sa.UniqueConstraint('reference', name=op.f('uq_contribution_reference'))
    )
    op.create_index('ix_contribution_article_key_paid_at', 'contribution', ['article_key', 'paid_at'], unique=False)
    op.create_index(op.f('ix_contribution_created_at'), 'contribution', ['created_at'], unique=False)
    op.create_index(op.f('ix_contribution_email_index'), 'contribution', ['email_index'], unique=False)
    op.create_index(op.f('ix_contribution_status'), 'contribution', ['status'], unique=False)
    op.create_table('finance_exception',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=100), nullable=False),
    sa.Column('contribution_id', sa.String(length=32), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finance_exception')),
    sa.UniqueConstraint('kind', 'subject', name=op.f('uq_finance_exception_kind_subject'))
    )
    op.create_table('lease',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('held_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('holder', sa.String(length=32), nullable=True),
    sa.Column('ran_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
    op.create_table('movement',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('type', sa.String(length=24), nullable=False),
    sa.Column('ref', sa.String(length=100), nullable=False),
    sa.Column('processor', sa.String(length=20), nullable=False),
    sa.Column('payment_ref', sa.String(length=100), nullable=True),
    sa.Column('charge_ref', sa.String(length=100), nullable=True),
    sa.Column('parent_id', sa.String(length=32), nullable=True),
    sa.Column('contribution_id', sa.String(length=32), nullable=True),
    sa.Column('reference', sa.String(length=16), nullable=True),
    sa.Column('article_url', sa.String(length=2000), nullable=True),
    sa.Column('article_section', sa.String(length=100), nullable=True),
    sa.Column('terms_version', sa.String(length=40), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('method', sa.String(length=40), nullable=True),
    sa.Column('live', sa.Boolean(), nullable=False),
    sa.Column('debit_account', sa.String(length=60), nullable=False),
    sa.Column('credit_account', sa.String(length=60), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['movement.id'], name=op.f('fk_movement_parent_id_movement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_movement')),
    sa.UniqueConstraint('processor', 'type', 'ref', name=op.f('uq_movement_processor_type_ref'))
    )
    op.create_index('ix_movement_booked_on', 'movement', ['booked_on'], unique=False)
    op.create_index(op.f('ix_movement_contribution_id'), 'movement', ['contribution_id'], unique=False)
    op.create_index('ix_movement_payment', 'movement', ['processor', 'payment_ref'], unique=False)
    op.create_table('payout',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('processor', sa.String(length=20), nullable=False),
    sa.Column('ref', sa.String(length=100), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('arrival', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout')),
    sa.UniqueConstraint('processor', 'ref', name=op.f('uq_payout_processor_ref'))
    )
    op.create_table('payout_row',
    sa.Column('processor', sa.String(length=20), nullable=False),
    sa.Column('balance_ref', sa.String(length=100), nullable=False),
    sa.Column('payout_ref', sa.String(length=100), nullable=False),
    sa.PrimaryKeyConstraint('processor', 'balance_ref', name=op.f('pk_payout_row'))
    )
    op.create_index(op.f('ix_payout_row_payout_ref'), 'payout_row', ['payout_ref'], unique=False)
    op.create_table('received_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('processor', sa.String(length=20), nullable=False),
    sa.Column('event_id', sa.String(length=100), nullable=False),
    sa.Column('attempt_id', sa.String(length=100), nullable=True),
    sa.Column('type', sa.String(length=100), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('deliveries', sa.Integer(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('body_sha256', sa.String(length=64), nullable=False),
    sa.Column('projection', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_received_event')),
    sa.UniqueConstraint('processor', 'event_id', name=op.f('uq_received_event_processor_event_id'))
    )
    op.create_index(op.f('ix_received_event_attempt_id'), 'received_event', ['attempt_id'], unique=False)
    op.create_index('ix_received_event_status_next_try_at', 'received_event', ['status', 'next_try_at'], unique=False)
    op.create_table('role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role')),
    sa.UniqueConstraint('name', name=op.f('uq_role_name'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('password', sa.String(length=255), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('fs_uniquifier', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('email', name=op.f('uq_staff_email')),
    sa.UniqueConstraint('fs_uniquifier', name=op.f('uq_staff_fs_uniquifier'))
    )
    op.create_table('staff_token',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('label', sa.String(length=100), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_token')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_staff_token_token_sha256'))
    )
    op.create_table('switch',
    sa.Column('scope', sa.String(length=2000), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('public_reason', sa.String(length=20), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('scope', name=op.f('pk_switch'))
    )
    op.create_table('acceptance',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contribution_id', sa.String(length=32), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('agreement', sa.Text(), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_acceptance_contribution_id_contribution')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acceptance'))
    )
    op.create_index(op.f('ix_acceptance_contribution_id'), 'acceptance', ['contribution_id'], unique=False)
    op.create_table('attempt',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('contribution_id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('processor', sa.String(length=20), nullable=False),
    sa.Column('terms_version', sa.String(length=40), nullable=False),
    sa.Column('checkout_ref', sa.String(length=100), nullable=True),
    sa.Column('checkout_url', sa.Text(), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_attempt_contribution_id_contribution')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt')),
    sa.UniqueConstraint('contribution_id', 'number', name=op.f('uq_attempt_contribution_id_number')),
    sa.UniqueConstraint('processor', 'checkout_ref', name=op.f('uq_attempt_processor_checkout_ref'))
    )
    op.create_index('ix_attempt_state_asked_at', 'attempt', ['state', 'asked_at'], unique=False)
    op.create_table('contribution_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contribution_id', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('data', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_contribution_event_contribution_id_contribution')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contribution_event'))
    )
    op.create_index(op.f('ix_contribution_event_contribution_id'), 'contribution_event', ['contribution_id'], unique=False)
    op.create_table('idempotency_key',
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('body_hash', sa.String(length=64), nullable=False),
    sa.Column('contribution_id', sa.String(length=32), nullable=True),
    sa.Column('holder', sa.String(length=32), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_idempotency_key_contribution_id_contribution')),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_idempotency_key'))
    )
    op.create_index(op.f('ix_idempotency_key_created_at'), 'idempotency_key', ['created_at'], unique=False)
    op.create_table('message',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('contribution_id', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('name_hidden', sa.Boolean(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_message_contribution_id_contribution')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('contribution_id', name=op.f('uq_message_contribution_id'))
    )
    op.create_index('ix_message_state_published_at_id', 'message', ['state', 'published_at', 'id'], unique=False)
    op.create_index('ix_message_state_received_at_id', 'message', ['state', 'received_at', 'id'], unique=False)
    op.create_table('movement_sequence',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('movement_id', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['movement_id'], ['movement.id'], name=op.f('fk_movement_sequence_movement_id_movement')),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_movement_sequence')),
    sa.UniqueConstraint('movement_id', name=op.f('uq_movement_sequence_movement_id'))
    )
    op.create_table('movement_settlement',
    sa.Column('movement_id', sa.String(length=32), nullable=False),
    sa.Column('processor', sa.String(length=20), nullable=False),
    sa.Column('balance_ref', sa.String(length=100), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('exchange_rate', sa.String(length=40), nullable=True),
    sa.Column('available_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['movement_id'], ['movement.id'], name=op.f('fk_movement_settlement_movement_id_movement')),
    sa.PrimaryKeyConstraint('movement_id', name=op.f('pk_movement_settlement'))
    )
    op.create_index('ix_movement_settlement_balance_ref', 'movement_settlement', ['processor', 'balance_ref'], unique=False)
    op.create_table('posting',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('movement_id', sa.String(length=32), nullable=False),
    sa.Column('account', sa.String(length=60), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['movement_id'], ['movement.id'], name=op.f('fk_posting_movement_id_movement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posting'))
    )
    op.create_index(op.f('ix_posting_account'), 'posting', ['account'], unique=False)
    op.create_index(op.f('ix_posting_movement_id'), 'posting', ['movement_id'], unique=False)
    op.create_table('staff_role',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_staff_role_role_id_role')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_role_staff_id_staff'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', 'role_id', name=op.f('pk_staff_role'))
    )
    op.create_table('decision',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('message_id', sa.String(length=32), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=30), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('name_hidden', sa.Boolean(), nullable=False),
    sa.Column('state_before', sa.String(length=20), nullable=False),
    sa.Column('state_after', sa.String(length=20), nullable=False),
    sa.Column('decided_by', sa.String(length=120), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_decision_message_id_message')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('message_id', 'revision', name=op.f('uq_decision_message_id_revision'))
    )
    op.create_table('payment_fact',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contribution_id', sa.String(length=32), nullable=False),
    sa.Column('attempt_id', sa.String(length=32), nullable=False),
    sa.Column('processor', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('ref', sa.String(length=100), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_payment_fact_attempt_id_attempt')),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_payment_fact_contribution_id_contribution')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_fact')),
    sa.UniqueConstraint('processor', 'kind', 'ref', name=op.f('uq_payment_fact_processor_kind_ref'))
    )
    op.create_index(op.f('ix_payment_fact_contribution_id'), 'payment_fact', ['contribution_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_payment_fact_contribution_id'), table_name='payment_fact')
    op.drop_table('payment_fact')
    op.drop_table('decision')
    op.drop_table('staff_role')
    op.drop_index(op.f('ix_posting_movement_id'), table_name='posting')
    op.drop_index(op.f('ix_posting_account'), table_name='posting')
    op.drop_table('posting')
    op.drop_index('ix_movement_settlement_balance_ref', table_name='movement_settlement')
    op.drop_table('movement_settlement')
    op.drop_table('movement_sequence')
    op.drop_index('ix_message_state_received_at_id', table_name='message')
    op.drop_index('ix_message_state_published_at_id', table_name='message')
    op.drop_table('message')
    op.drop_index(op.f('ix_idempotency_key_created_at'), table_name='idempotency_key')
    op.drop_table('idempotency_key')
    op.drop_index(op.f('ix_contribution_event_contribution_id'), table_name='contribution_event')
    op.drop_table('contribution_event')
    op.drop_index('ix_attempt_state_asked_at', table_name='attempt')
    op.drop_table('attempt')
    op.drop_index(op.f('ix_acceptance_contribution_id'), table_name='acceptance')
    op.drop_table('acceptance')
    op.drop_table('switch')
    op.drop_table('staff_token')
    op.drop_table('staff')
    op.drop_table('role')
    op.drop_index('ix_received_event_status_next_try_at', table_name='received_event')
    op.drop_index(op.f('ix_received_event_attempt_id'), table_name='received_event')
    op.drop_table('received_event')
    op.drop_index(op.f('ix_payout_row_payout_ref'), table_name='payout_row')
    op.drop_table('payout_row')
    op.drop_table('payout')
    op.drop_index('ix_movement_payment', table_name='movement')
    op.drop_index(op.f('ix_movement_contribution_id'), table_name='movement')
    op.drop_index('ix_movement_booked_on', table_name='movement')
    op.drop_table('movement')
    op.drop_table('lease')
    op.drop_table('finance_exception')
    op.drop_index(op.f('ix_contribution_status'), table_name='contribution')
    op.drop_index(op.f('ix_contribution_email_index'), table_name='contribution')
    op.drop_index(op.f('ix_contribution_created_at'), table_name='contribution')
    op.drop_index('ix_contribution_article_key_paid_at', table_name='contribution')
    op.drop_table('contribution')
    op.drop_table('audit_entry')
    op.drop_table('article')
