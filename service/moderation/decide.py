"""Decide a message: publish, reject or remove it. Notifies nobody and moves no money."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import queries
from service.contributions.history import note as note_event
from service.contributions.model import Contribution, Message
from service.contributions.states import DECISIONS, MessageState
from service.errors import N_, NotDecidable, NotFound, StaleRevision, ValidationFailed
from service.moderation.model import Decision
from service.staff import audit
from service.terms import check
from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator decided, about which revision of the message."""

    decision: str
    revision: int
    reason: str | None = None
    note: str | None = None
    hide_name: bool | None = None


def decide(session: Session, message_id: str, verdict: Verdict, actor: str, wiring: Wiring) -> None:
    """Carry out one decision inside a transaction.

    Removing needs a reason of the terms (clause 3.3). Raises ValidationFailed,
    PaymentDetailsRefused for a note with a card number, NotFound, StaleRevision if it was
    decided meanwhile, NotDecidable where the contribution is not paid, was reversed, or
    the state does not allow it.
    """
    _require_reason(verdict, wiring)
    check.refuse_payment_details({"note": verdict.note})
    contribution, message = _lock(session, message_id)
    if not _is_decidable(contribution, message):
        raise NotDecidable
    if message.revision != verdict.revision:
        raise StaleRevision
    before = MessageState(message.state)
    after = DECISIONS[verdict.decision].get(before)
    if after is None:
        raise NotDecidable
    _change(message, after, verdict)
    session.add(
        Decision(
            message_id=message.id,
            revision=message.revision,
            decision=verdict.decision,
            reason=verdict.reason,
            note=verdict.note,
            name_hidden=message.name_hidden,
            state_before=before,
            state_after=after,
            decided_by=actor,
            decided_at=clock.now(),
        )
    )
    note_event(session, contribution.id, f"message_{after}", revision=message.revision)
    details = {"before": str(before), "after": str(after), "reason": verdict.reason}
    audit.record(session, actor, f"message.{verdict.decision}", message.id, details)


def _require_reason(verdict: Verdict, wiring: Wiring) -> None:
    reasons = wiring.terms.in_force(clock.now(), "id").limits.reasons
    if verdict.reason is not None and verdict.reason not in reasons:
        raise ValidationFailed({"reason": ("unknown_reason", N_("This is no reason of the terms."))})
    if verdict.decision == "remove" and verdict.reason is None:
        raise ValidationFailed({"reason": ("required", N_("Removing a message needs a reason."))})


def _lock(session: Session, message_id: str) -> tuple[Contribution, Message]:
    """The contribution is locked first, here as in settling, so that no two cross."""
    owner = session.scalar(select(Message.contribution_id).where(Message.id == message_id))
    if owner is None:
        raise NotFound
    contribution = queries.lock(session, owner)
    message = session.scalars(
        select(Message).where(Message.id == message_id).execution_options(populate_existing=True)
    ).one()
    return contribution, message


def _is_decidable(contribution: Contribution, message: Message) -> bool:
    return contribution.keeps_payment and message.state not in (MessageState.HELD, MessageState.ERASED)


def _change(message: Message, after: MessageState, verdict: Verdict) -> None:
    message.state = after
    message.revision += 1
    if after == MessageState.PUBLISHED:
        message.published_at = clock.now()
        if verdict.hide_name is not None:  # a name once hidden stays so until it is said otherwise
            message.name_hidden = verdict.hide_name
