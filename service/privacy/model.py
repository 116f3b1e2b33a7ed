"""Privacy requests, certificates of what was done for good, and runs of the retention."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, BigId, Json
from service.identifiers import new_id


class PrivacyRequest(Base):
    """Somebody asks about the own data, named by a contribution or by an e-mail address.

    Address and corrections are sealed and kept only until they are used. ``contributions``:
    the ids that it was carried out on; ``outcome``: counts and codes, nothing personal.
    ``undeliverable_at``: since when it is known that the address takes no mail.
    """

    __tablename__ = "privacy_request"
    __table_args__ = (
        Index("ix_privacy_request_state_deadline", "state", "deadline"),
        Index("ix_privacy_request_received_at", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(24))
    reference: Mapped[str | None] = mapped_column(String(16))
    email_index: Mapped[str | None] = mapped_column(String(64), index=True)
    email_sealed: Mapped[str | None] = mapped_column(Text)
    changes_sealed: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(8))
    proof: Mapped[str | None] = mapped_column(String(500))
    contributions: Mapped[list[str]] = mapped_column(Json, default=list)
    asked_by: Mapped[str] = mapped_column(String(120))
    received_at: Mapped[datetime]
    deadline: Mapped[datetime]
    undeliverable_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(120))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(Json)
    certificate: Mapped[str | None] = mapped_column(String(16))
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(120))


class Certificate(Base):
    """What was withheld or removed, when, by whom, and how much in each store; nothing personal.
    ``replayed_at``: it was carried out again on a database that was restored."""

    __tablename__ = "privacy_certificate"
    __table_args__ = (Index("ix_privacy_certificate_at", "at"),)

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))
    request_id: Mapped[str | None] = mapped_column(String(32))
    contributions: Mapped[list[str]] = mapped_column(Json)
    removed: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    replayed_at: Mapped[datetime | None]


class RetentionRun(Base):
    """One run of the retention: the days of each class, and how many rows it de-identified."""

    __tablename__ = "retention_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(120))
    days: Mapped[dict[str, Any]] = mapped_column(Json)
    counts: Mapped[dict[str, Any]] = mapped_column(Json)
