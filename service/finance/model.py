"""The books as rows: movements with their postings, added and never edited; payouts; comparisons."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
)
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, BigId, Json
from service.identifiers import new_id


class Movement(Base):
    """One money movement: a journal entry with all that finance wants to know of it.

    Amounts are minor units and signed; net = gross - fee. ``processor, type, ref`` is the
    business key under which the same fact cannot be booked twice.
    """

    __tablename__ = "movement"
    __table_args__ = (
        UniqueConstraint("processor", "type", "ref"),
        Index("ix_movement_booked_on", "booked_on"),
        Index("ix_movement_payment", "processor", "payment_ref"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    type: Mapped[str] = mapped_column(String(24))
    ref: Mapped[str] = mapped_column(String(100))
    processor: Mapped[str] = mapped_column(String(20))
    payment_ref: Mapped[str | None] = mapped_column(String(100))
    charge_ref: Mapped[str | None] = mapped_column(String(100))
    parent_id: Mapped[str | None] = mapped_column(String(32), ForeignKey("movement.id"))
    contribution_id: Mapped[str | None] = mapped_column(String(32), index=True)
    reference: Mapped[str | None] = mapped_column(String(16))
    article_url: Mapped[str | None] = mapped_column(String(2000))
    article_section: Mapped[str | None] = mapped_column(String(100))
    terms_version: Mapped[str | None] = mapped_column(String(40))
    given_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    occurred_at: Mapped[datetime]
    booked_on: Mapped[date] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(String(3))
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str | None] = mapped_column(String(40))
    live: Mapped[bool] = mapped_column(Boolean)
    debit_account: Mapped[str] = mapped_column(String(60))
    credit_account: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime]


class Posting(Base):
    """One side of a movement: debits positive, credits negative; a movement's sum is zero in
    each currency. Where the processor settles in another currency than the reader paid in,
    the exchange is an ``entry`` of its own of the same movement, dated when it was known."""

    __tablename__ = "posting"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    movement_id: Mapped[str] = mapped_column(String(32), ForeignKey("movement.id"), index=True)
    account: Mapped[str] = mapped_column(String(60), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    entry: Mapped[str] = mapped_column(String(10), default="movement")
    booked_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(index=True)


class MovementSequence(Base):
    """The gapless number of a movement, given once by a job."""

    __tablename__ = "movement_sequence"

    sequence: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    movement_id: Mapped[str] = mapped_column(String(32), ForeignKey("movement.id"), unique=True)


class MovementSettlement(Base):
    """What the processor's own books say of a movement, in the settlement currency."""

    __tablename__ = "movement_settlement"
    __table_args__ = (Index("ix_movement_settlement_balance_ref", "processor", "balance_ref"),)

    movement_id: Mapped[str] = mapped_column(String(32), ForeignKey("movement.id"), primary_key=True)
    processor: Mapped[str] = mapped_column(String(20))
    balance_ref: Mapped[str] = mapped_column(String(100))
    currency: Mapped[str] = mapped_column(String(3))
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    exchange_rate: Mapped[str | None] = mapped_column(String(40))
    available_on: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime | None]
    charge_ref: Mapped[str | None] = mapped_column(String(100))
    method: Mapped[str | None] = mapped_column(String(40))


class Payout(Base):
    """Money that a processor sent to the bank. ``itemised`` once its rows are known,
    ``reconciled_at`` once its books and ours agreed on every one of them."""

    __tablename__ = "payout"
    __table_args__ = (UniqueConstraint("processor", "ref"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    processor: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(100))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    arrival: Mapped[date] = mapped_column(Date)
    itemised: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
    reconciled_at: Mapped[datetime | None]


class PayoutRow(Base):
    """A balance transaction that a payout pays out."""

    __tablename__ = "payout_row"

    processor: Mapped[str] = mapped_column(String(20), primary_key=True)
    balance_ref: Mapped[str] = mapped_column(String(100), primary_key=True)
    payout_ref: Mapped[str] = mapped_column(String(100), index=True)


def is_paid_by_row() -> ColumnElement[bool]:
    """The join of a settlement with the row of the payout that pays it out."""
    return and_(
        PayoutRow.processor == MovementSettlement.processor,
        PayoutRow.balance_ref == MovementSettlement.balance_ref,
    )


class FinanceException(Base):
    """Something that finance must look at and explain. ``concerns_on`` is the Jakarta day of
    what it is about: the month of that day cannot be closed before it is explained."""

    __tablename__ = "finance_exception"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(100))
    contribution_id: Mapped[str | None] = mapped_column(String(32), index=True)
    opened_at: Mapped[datetime]
    concerns_on: Mapped[date] = mapped_column(Date, index=True)


class ExceptionExplanation(Base):
    """What somebody of finance found out about an exception; the last one counts."""

    __tablename__ = "exception_explanation"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    exception_id: Mapped[int] = mapped_column(BigId, ForeignKey("finance_exception.id"), index=True)
    note: Mapped[str] = mapped_column(String(1000))
    explained_by: Mapped[str] = mapped_column(String(120))
    explained_at: Mapped[datetime]


class ProcessorRow(Base):
    """A row of the processor's own books as its API listed it: what ours are compared with."""

    __tablename__ = "processor_row"
    __table_args__ = (Index("ix_processor_row_made_at", "processor", "made_at"),)

    processor: Mapped[str] = mapped_column(String(20), primary_key=True)
    ref: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    source_ref: Mapped[str | None] = mapped_column(String(100))
    made_at: Mapped[datetime]
    available_on: Mapped[date] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(String(3))
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    exchange_rate: Mapped[str | None] = mapped_column(String(40))
    fetched_at: Mapped[datetime]


class Reconciliation(Base):
    """One comparison of our books with the processor's: of a payout, or of a period.

    ``after`` is the page to go on with, so that an interrupted one is resumed.
    """

    __tablename__ = "reconciliation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    processor: Mapped[str] = mapped_column(String(20))
    payout_ref: Mapped[str | None] = mapped_column(String(100), index=True)
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(12))
    after: Mapped[str | None] = mapped_column(String(100))
    fetched: Mapped[int] = mapped_column(default=0)
    repaired: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ReconciliationDifference(Base):
    """A balance row on which the two books did not agree."""

    __tablename__ = "reconciliation_difference"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reconciliation_id: Mapped[str] = mapped_column(String(32), ForeignKey("reconciliation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    balance_ref: Mapped[str] = mapped_column(String(100))
    data: Mapped[dict[str, Any]] = mapped_column(Json)


class BankLine(Base):
    """A line of a bank statement. ``hash`` keeps it from being imported twice; ``payout_id``
    is the payout whose arrival it is, once one was found."""

    __tablename__ = "bank_line"
    __table_args__ = (UniqueConstraint("hash"), UniqueConstraint("payout_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    booked_on: Mapped[date] = mapped_column(Date, index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    description: Mapped[str] = mapped_column(String(300))
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(String(120))
    payout_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("payout.id"))
    matched_by: Mapped[str | None] = mapped_column(String(120))


class ClosedPeriod(Base):
    """A month that is closed from ``frozen_at`` on: nothing dated in it is added any more."""

    __tablename__ = "closed_period"

    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    first_day: Mapped[date] = mapped_column(Date, unique=True)
    last_day: Mapped[date] = mapped_column(Date, unique=True)
    allocation: Mapped[dict[str, Any]] = mapped_column(Json)
    frozen_at: Mapped[datetime]
    frozen_by: Mapped[str] = mapped_column(String(120))


class PeriodRow(Base):
    """A movement of a closed month: every column that could still change, as it stood then."""

    __tablename__ = "period_row"

    movement_id: Mapped[str] = mapped_column(String(32), ForeignKey("movement.id"), primary_key=True)
    status: Mapped[str | None] = mapped_column(String(20))
    message_state: Mapped[str | None] = mapped_column(String(20))
    available_on: Mapped[date | None] = mapped_column(Date)
    payout_ref: Mapped[str | None] = mapped_column(String(100))
    payout_arrival: Mapped[date | None] = mapped_column(Date)
    currency: Mapped[str | None] = mapped_column(String(3))
    gross_minor: Mapped[int | None] = mapped_column(BigInteger)
    fee_minor: Mapped[int | None] = mapped_column(BigInteger)
    net_minor: Mapped[int | None] = mapped_column(BigInteger)
    exchange_rate: Mapped[str | None] = mapped_column(String(40))
    balance_ref: Mapped[str | None] = mapped_column(String(100))
    charge_ref: Mapped[str | None] = mapped_column(String(100))
    method: Mapped[str | None] = mapped_column(String(40))


class PeriodManifest(Base):
    """What a closed month amounts to, as canonical JSON with its hash; each names the hash of
    the month before."""

    __tablename__ = "period_manifest"

    period: Mapped[str] = mapped_column(String(7), ForeignKey("closed_period.period"), primary_key=True)
    manifest: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime]


class Export(Base):
    """One export: who asked for what, and what the file is. ``holder`` is the process that
    makes it now; ``done`` counts its rows so far."""

    __tablename__ = "finance_export"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    wanted: Mapped[dict[str, Any]] = mapped_column(Json)
    filename: Mapped[str] = mapped_column(String(200))
    statement: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(12))
    holder: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    totals: Mapped[dict[str, Any] | None] = mapped_column(Json)
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    finished_at: Mapped[datetime | None]
