"""Acceptance: which exact text was agreed to, when, and with which words beside the button."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, BigId


class Acceptance(Base):
    """One act of sending under one version (clause 6.1). Never changed."""

    __tablename__ = "acceptance"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[str] = mapped_column(String(32), ForeignKey("contribution.id"), index=True)
    version: Mapped[str] = mapped_column(String(40))
    locale: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64))
    agreement: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime]
