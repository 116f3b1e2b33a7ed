"""Decisions on messages, claims while somebody reads, and what readers report."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, BigId


class Decision(Base):
    """One decision, which no verb changes: who, when, why, and how the message stood after it.

    ``revision`` is the one that it made, unique for its message; ``undoes`` the revision that
    an undo takes back. ``proposed_by``: a rejection that waits for a second pair of eyes.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("message_id", "revision"),
        Index("ix_decision_decided_at", "decided_at"),
        Index("ix_decision_decided_by_decided_at", "decided_by", "decided_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(32), ForeignKey("message.id"))
    revision: Mapped[int]
    decision: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(30))
    note: Mapped[str | None] = mapped_column(Text)
    name_hidden: Mapped[bool]
    escalated: Mapped[bool] = mapped_column(default=False)
    proposed_by: Mapped[str | None] = mapped_column(String(120))
    undoes: Mapped[int | None]
    state_before: Mapped[str] = mapped_column(String(20))
    state_after: Mapped[str] = mapped_column(String(20))
    decided_by: Mapped[str] = mapped_column(String(120))
    decided_at: Mapped[datetime]


class Claim(Base):
    """A lease: until then nobody but the holder decides this message."""

    __tablename__ = "claim"
    __table_args__ = (Index("ix_claim_holder_until", "holder", "until"),)

    message_id: Mapped[str] = mapped_column(String(32), ForeignKey("message.id"), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    claimed_at: Mapped[datetime]
    until: Mapped[datetime]


class Report(Base):
    """A reader found a public message wrong. ``reporter`` is a keyed hash of the address and
    the message: it tells repeats of one reader apart from many readers, and nothing else."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("message_id", "reporter"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(32), ForeignKey("message.id"))
    reporter: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(30))
    reported_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
