"""The books as rows: movements with their postings, added and never edited; payouts; exceptions."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, BigId
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
    """One side of a movement: debits positive, credits negative; a movement's sum is zero."""

    __tablename__ = "posting"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    movement_id: Mapped[str] = mapped_column(String(32), ForeignKey("movement.id"), index=True)
    account: Mapped[str] = mapped_column(String(60), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)


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


class Payout(Base):
    """Money that a processor sent to the bank."""

    __tablename__ = "payout"
    __table_args__ = (UniqueConstraint("processor", "ref"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    processor: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(100))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    arrival: Mapped[date] = mapped_column(Date)


class PayoutRow(Base):
    """A balance transaction that a payout pays out."""

    __tablename__ = "payout_row"

    processor: Mapped[str] = mapped_column(String(20), primary_key=True)
    balance_ref: Mapped[str] = mapped_column(String(100), primary_key=True)
    payout_ref: Mapped[str] = mapped_column(String(100), index=True)


class FinanceException(Base):
    """Something that finance must look at and explain."""

    __tablename__ = "finance_exception"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(100))
    contribution_id: Mapped[str | None] = mapped_column(String(32))
    opened_at: Mapped[datetime]
