"""The classes of data that are kept for a time only, and how one batch of each is forgotten.

What somebody asked to be restricted is kept as it is (clause 5.1) until that is lifted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from service import clock
from service.contributions import forgetting
from service.contributions.model import Attempt, Contribution, Message
from service.contributions.states import OPEN, MessageState
from service.finance.bank import forgetting as bank
from service.moderation.forgetting import forget_notes
from service.outbox import forgetting as outbox
from service.privacy.kinds import AWAITING
from service.privacy.model import PrivacyRequest
from service.webhooks import forgetting as events
from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """``due`` counts what is older than a moment; ``forget`` de-identifies up to so many of it
    inside a transaction, and says how many."""

    name: str
    due: Callable[[Session, datetime], int]
    forget: Callable[[Session, datetime, int], int]


# Days of the classes that the terms do not name.
_OWN_DAYS = {
    "webhook_body": 30,
    "bank_line": 365,
    "privacy_request": 365,
    "done_effect": 90,
    "sent_letter": 730,
}


def days_of(wiring: Wiring) -> dict[str, int]:
    """How many days each class is kept: as set, else as the terms in force say, else our own."""
    of_terms: Mapping[str, int] = wiring.terms.limits_in_force(clock.now()).retention_days
    known = {**_OWN_DAYS, **of_terms, **wiring.settings.retention_days}
    return {it.name: known[it.name] for it in CLASSES}


def _unpaid(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Given up by the reader: an attempt that is young or can be paid yet would bring money for a
    message that is gone."""
    payable = Attempt.state.in_(OPEN) & (Attempt.expires_at > clock.now())
    tried = select(Attempt.id).where(
        Attempt.contribution_id == Contribution.id, or_(Attempt.created_at >= before, payable)
    )
    return (
        Contribution.paid_at.is_(None),
        Contribution.erased_at.is_(None),
        Contribution.restricted_at.is_(None),
        Contribution.created_at < before,
        ~tried.exists(),
    )


def _with_email(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Contribution.email_sealed.is_not(None),
        Contribution.restricted_at.is_(None),
        Contribution.created_at < before,
    )


def _hidden(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of messages joined with their contributions."""
    return (
        Message.state.in_((MessageState.REJECTED, MessageState.REMOVED)),
        Message.decided_at < before,
        Contribution.restricted_at.is_(None),
    )


def _of_messages() -> Select[Any]:
    return select(Contribution.id).join(Message, Message.contribution_id == Contribution.id)


def _take(session: Session, query: Select[Any], count: int) -> Sequence[str]:
    """The first contributions of a query, locked; those that somebody works on are left out."""
    return session.scalars(query.limit(count).with_for_update(of=Contribution, skip_locked=True)).all()


def _forget_unpaid(session: Session, before: datetime, count: int) -> int:
    """A row without name, address and message stays, so that late money finds its owner."""
    oldest = select(Contribution.id).where(*_unpaid(before)).order_by(Contribution.created_at)
    locked = _take(session, oldest, count)
    # Read again under the lock: its reader may have begun to pay in between.
    ids = session.scalars(select(Contribution.id).where(*_unpaid(before), Contribution.id.in_(locked))).all()
    forgetting.forget_messages(session, ids)
    forgetting.forget_people(session, ids)
    events.of_contributions(session, ids)
    return len(ids)


def _forget_hidden(session: Session, before: datetime, count: int) -> int:
    oldest = _of_messages().where(*_hidden(before)).order_by(Message.decided_at)
    locked = _take(session, oldest, count)
    # Read again under the lock: a moderator may have published one in between.
    ids = session.scalars(_of_messages().where(*_hidden(before), Contribution.id.in_(locked))).all()
    forgetting.forget_messages(session, ids)
    forgetting.forget_names(session, ids)
    forget_notes(session, ids)
    return len(ids)


def _forget_emails(session: Session, before: datetime, count: int) -> int:
    oldest = select(Contribution.id).where(*_with_email(before)).order_by(Contribution.created_at)
    return forgetting.forget_emails(session, _take(session, oldest, count))["emails"]


def _forget_proofs(session: Session, before: datetime, count: int) -> int:
    oldest = select(PrivacyRequest.id).where(*_proven(before)).order_by(PrivacyRequest.id).limit(count)
    old = session.scalars(oldest.with_for_update(skip_locked=True)).all()
    session.execute(
        update(PrivacyRequest)
        .where(PrivacyRequest.id.in_(old))
        .values(proof=None, email_index=None)
        .execution_options(synchronize_session=False)
    )
    return len(old)


def _proven(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        PrivacyRequest.proof.is_not(None),
        PrivacyRequest.state != AWAITING,
        PrivacyRequest.received_at < before,
    )


def _count(query: Select[Any]) -> Callable[[Session], int]:
    return lambda session: session.scalar(select(func.count()).select_from(query.subquery())) or 0


CLASSES = (
    RetentionClass(
        "unpaid_contribution",
        lambda session, at: _count(select(Contribution.id).where(*_unpaid(at)))(session),
        _forget_unpaid,
    ),
    RetentionClass(
        "hidden_message",
        lambda session, at: _count(_of_messages().where(*_hidden(at)))(session),
        _forget_hidden,
    ),
    RetentionClass(
        "email",
        lambda session, at: _count(select(Contribution.id).where(*_with_email(at)))(session),
        _forget_emails,
    ),
    RetentionClass("webhook_body", events.due, events.before),
    RetentionClass(
        "bank_line",
        lambda session, at: bank.due(session, clock.jakarta_date(at)),
        lambda session, at, count: bank.forget_descriptions(session, clock.jakarta_date(at), count),
    ),
    RetentionClass(
        "privacy_request",
        lambda session, at: _count(select(PrivacyRequest.id).where(*_proven(at)))(session),
        _forget_proofs,
    ),
    RetentionClass("done_effect", outbox.effects_due, outbox.forget_effects),
    RetentionClass("sent_letter", outbox.letters_due, outbox.forget_letters),
)
