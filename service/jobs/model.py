"""What the worker leaves behind: its heartbeat, and who holds which schedule."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Lease(Base):
    """A schedule that one worker runs at a time, and when it ran last."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    held_until: Mapped[datetime]
    holder: Mapped[str | None] = mapped_column(String(32))
    ran_at: Mapped[datetime | None]
