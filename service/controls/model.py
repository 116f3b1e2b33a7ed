"""The switch's setting."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Switch(Base):
    """What one scope is set to. Without a row the scope is open. ``all`` is the only one yet."""

    __tablename__ = "switch"

    scope: Mapped[str] = mapped_column(String(2000), primary_key=True)
    open: Mapped[bool]
    public_reason: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(120))
