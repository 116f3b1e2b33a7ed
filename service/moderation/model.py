"""Decisions on messages, each kept with who, when and why. Added, never changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, BigId


class Decision(Base):
    """One decision. ``revision`` is the one that it made, unique for its message."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("message_id", "revision"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(32), ForeignKey("message.id"))
    revision: Mapped[int]
    decision: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(30))
    note: Mapped[str | None] = mapped_column(Text)
    name_hidden: Mapped[bool]
    state_before: Mapped[str] = mapped_column(String(20))
    state_after: Mapped[str] = mapped_column(String(20))
    decided_by: Mapped[str] = mapped_column(String(120))
    decided_at: Mapped[datetime]
