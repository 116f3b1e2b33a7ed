"""The reader's act as rows: contribution, message, attempts, facts, events, keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.contributions.states import Status
from service.db import Base, BigId, Json
from service.identifiers import new_id
from service.money import Money


def _partly(name: str, column: str, rows: str) -> Index:
    """An index of some rows only."""
    return Index(name, column, postgresql_where=text(rows), sqlite_where=text(rows))


class Contribution(Base):
    """One voluntary, one-time contribution. ``status`` is derived, and stored to be found.

    ``restricted_at``: nothing is done with its personal data but keeping it (while set);
    ``withdrawn_at``: the consent was taken back; ``erased_at``: nothing personal is left.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_contribution_article_key_paid_at", "article_key", "paid_at"),
        _partly("ix_contribution_unpaid", "created_at", "paid_at IS NULL AND erased_at IS NULL"),
        _partly("ix_contribution_with_email", "created_at", "email_sealed IS NOT NULL"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    article_key: Mapped[str] = mapped_column(String(2000))
    article_section: Mapped[str | None] = mapped_column(String(100))
    article_title_hint: Mapped[str | None] = mapped_column(String(300))
    locale: Mapped[str] = mapped_column(String(8))
    display_name: Mapped[str | None] = mapped_column(Text)
    email_sealed: Mapped[str | None] = mapped_column(Text)
    email_index: Mapped[str | None] = mapped_column(String(64), index=True)
    terms_version: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20), default=Status.CREATED, index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    paid_at: Mapped[datetime | None]
    restricted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    attempts: Mapped[list["Attempt"]] = relationship(order_by="Attempt.number", back_populates="contribution")
    message: Mapped["Message | None"] = relationship(back_populates="contribution")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def keeps_payment(self) -> bool:
        """Paid, and not reversed since; a dispute changes nothing. In SQL: `queries.keeps_payment`."""
        return self.paid_at is not None and self.status != Status.REVERSED

    @property
    def takes_part(self) -> bool:
        """Whether its message may be read, decided and shown. In SQL: `queries.takes_part`."""
        return self.keeps_payment and self.restricted_at is None and self.withdrawn_at is None

    @property
    def latest_attempt(self) -> "Attempt":
        return self.attempts[-1]


class Message(Base):
    """The message of a contribution, under a random id of its own: the only one that is public.

    ``queue`` is the list of the desk in which it stands, None while it cannot be decided (see
    `queueing.place`); ``rank`` its place there, smaller is earlier. ``section`` is copied, so
    that a filtered page is one walk along an index.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_state_published_at_id", "state", "published_at", "id"),
        Index("ix_message_queue_rank", "queue", "rank", "received_at", "id"),
        Index("ix_message_queue_section_rank", "queue", "section", "rank", "received_at", "id"),
        Index("ix_message_queue_decided_at", "queue", "decided_at", "id"),
        Index("ix_message_queue_decided_by", "queue", "decided_by", "decided_at", "id"),
        Index("ix_message_queue_received_at", "queue", "received_at"),
        Index("ix_message_fingerprint", "fingerprint", "received_at"),
        _partly("ix_message_hidden", "decided_at", "state IN ('rejected', 'removed')"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    contribution_id: Mapped[str] = mapped_column(String(32), ForeignKey("contribution.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int] = mapped_column(default=1)
    name_hidden: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    queue: Mapped[str | None] = mapped_column(String(20))
    rank: Mapped[int] = mapped_column(SmallInteger, default=0)
    section: Mapped[str | None] = mapped_column(String(100))
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    escalated: Mapped[bool] = mapped_column(default=False)
    proposed_by: Mapped[str | None] = mapped_column(String(120))
    reports: Mapped[int] = mapped_column(default=0)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(String(30))

    contribution: Mapped[Contribution] = relationship(back_populates="message")


class MessageFlag(Base):
    """Something to look at in a message (`service.screening`), until a moderator dismisses it."""

    __tablename__ = "message_flag"
    __table_args__ = (Index("ix_message_flag_kind_message_id", "kind", "message_id"),)

    message_id: Mapped[str] = mapped_column(String(32), ForeignKey("message.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    evidence: Mapped[str | None] = mapped_column(String(100))
    dismissed_by: Mapped[str | None] = mapped_column(String(120))


class Attempt(Base):
    """One checkout at one processor. Its id is the idempotency key there."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("contribution_id", "number"),
        UniqueConstraint("processor", "checkout_ref"),
        Index("ix_attempt_state_asked_at", "state", "asked_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    contribution_id: Mapped[str] = mapped_column(String(32), ForeignKey("contribution.id"))
    number: Mapped[int]
    processor: Mapped[str] = mapped_column(String(20))
    terms_version: Mapped[str] = mapped_column(String(40))
    checkout_ref: Mapped[str | None] = mapped_column(String(100))
    checkout_url: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), default=Status.CREATED)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]

    contribution: Mapped[Contribution] = relationship(back_populates="attempts")


class PaymentFact(Base):
    """Something the processor made known, once: the ref is the fact's name over there.

    ``amount_minor`` is in the reader's currency, ``fee_minor`` in the settlement currency;
    ``due_at`` is until when a dispute can be answered."""

    __tablename__ = "payment_fact"
    __table_args__ = (UniqueConstraint("processor", "kind", "ref"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[str] = mapped_column(String(32), ForeignKey("contribution.id"), index=True)
    attempt_id: Mapped[str] = mapped_column(String(32), ForeignKey("attempt.id"))
    processor: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(100))
    amount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    fee_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    occurred_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]


class ContributionEvent(Base):
    """A line in a contribution's history; ``data`` holds codes and refs, nothing personal."""

    __tablename__ = "contribution_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contribution_id: Mapped[str] = mapped_column(String(32), ForeignKey("contribution.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(Json)


class IdempotencyKey(Base):
    """A client's key: which body it came with, what came of it, and who works on it now.

    Only hashes of key and body are kept; the saved answer holds no personal data.
    """

    __tablename__ = "idempotency_key"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    contribution_id: Mapped[str | None] = mapped_column(String(32), ForeignKey("contribution.id"))
    holder: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(index=True)
