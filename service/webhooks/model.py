"""The inbox: each event of a processor, once, with what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, BigId, Json


class ReceivedEvent(Base):
    """One verified event. ``projection`` is its allow-listed part; the raw body is not kept.

    ``reduced_at``: of one that is done with, by now only names and hash are kept.
    ``status``: applied, duplicate (of a fact known otherwise), unused, quarantined, waiting.
    """

    __tablename__ = "received_event"
    __table_args__ = (
        UniqueConstraint("processor", "event_id"),
        Index("ix_received_event_status_next_try_at", "status", "next_try_at"),
        Index(
            "ix_received_event_whole",
            "received_at",
            postgresql_where=text("reduced_at IS NULL"),
            sqlite_where=text("reduced_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    processor: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(100))
    attempt_id: Mapped[str | None] = mapped_column(String(100), index=True)
    type: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(200))
    deliveries: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    body_sha256: Mapped[str] = mapped_column(String(64))
    projection: Mapped[dict[str, Any]] = mapped_column(Json)
    reduced_at: Mapped[datetime | None]
