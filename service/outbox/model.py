"""The outbox's rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, BigId, Json


class OutboxRow(Base):
    """One effect on one subject, once. ``data`` is never personal: ids and codes only.

    ``due_at`` moves when the effect failed; ``attempts`` counts how often it was begun, and
    ``leased_until`` is set while a worker does it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index(
            "ix_outbox_waiting",
            "attempts",
            "due_at",
            "id",
            postgresql_where=text("done_at IS NULL"),
            sqlite_where=text("done_at IS NULL"),
        ),
        Index("ix_outbox_kind_created_at", "kind", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int]
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(100))
