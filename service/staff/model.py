"""Staff accounts, their roles and tokens, and the audit trail."""

from datetime import datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.db import Base, BigId, Json

staff_role = Table(
    "staff_role",
    Base.metadata,
    Column("staff_id", ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """A name of `permissions.ROLES`; what it may do is code, not data."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)


class Staff(Base, UserMixin):
    """A person who signs in. Later factors add columns here (Flask-Security).

    ``link_sha256``: the hash of the one link with which this person may choose a password.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool]
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]
    password_set_at: Mapped[datetime | None]
    link_sha256: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    link_expires_at: Mapped[datetime | None]
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # the mixin says plain list
        secondary=staff_role, lazy="selectin"
    )


class StaffToken(Base):
    """A bearer token: a caller of its own with one role. Only its hash is kept.
    ``last_used_at`` is right to the hour."""

    __tablename__ = "staff_token"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    label: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    issued_by: Mapped[str | None] = mapped_column(String(120))
    last_used_at: Mapped[datetime | None]


class AuditEntry(Base):
    """One act of the staff, chained to the one before by hash. Added, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_actor_sequence", "actor", "sequence"),
        Index("ix_audit_entry_action_sequence", "action", "sequence"),
        Index("ix_audit_entry_subject_sequence", "subject", "sequence"),
        Index("ix_audit_entry_at", "at"),
    )

    sequence: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditCheck(Base):
    """How far the whole chain was verified when it was last read, and where it broke: one row."""

    __tablename__ = "audit_check"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigId)
    hash: Mapped[str] = mapped_column(String(64))
    checked_at: Mapped[datetime]
    broken_at: Mapped[int | None] = mapped_column(BigId)
