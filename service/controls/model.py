"""The switch's settings, one row a scope."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Switch(Base):
    """What one scope is set to. Without a row the scope is open.

    ``from_at`` and ``until_at`` bound a closing, where it has bounds; time is compared when the
    switch is read. ``closed_at`` is when the latest closing that was not for later began, ``ended_at`` when
    somebody ended it; both are kept when it is over, so that what it did can be counted.
    """

    __tablename__ = "switch"

    scope: Mapped[str] = mapped_column(String(2100), primary_key=True)
    open: Mapped[bool]
    public_reason: Mapped[str] = mapped_column(String(20))
    walls: Mapped[str] = mapped_column(String(10))
    widget: Mapped[str] = mapped_column(String(10))
    from_at: Mapped[datetime | None]
    until_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(120))
