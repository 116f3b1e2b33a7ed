"""Decide a message: publish, reject, remove, undo, escalate. Notifies nobody, moves no money."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import queries, queueing
from service.contributions.history import note as note_event
from service.contributions.model import Message
from service.contributions.states import MessageState
from service.errors import (
    N_,
    ClaimedByOther,
    NotAllowed,
    NotDecidable,
    NotFound,
    StaleRevision,
    ValidationFailed,
)
from service.moderation import claims, reports, transitions
from service.moderation.model import Decision
from service.moderation.transitions import BEGINNING, ESCALATE, PUBLISH, REMOVE, UNDO, Moderator, Standing
from service.staff import accounts, audit
from service.staff.permissions import LEAD
from service.terms import check
from service.wiring import Wiring

PERSONAL_DATA = "personal_data"  # a reason of the terms (5.1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator decided, about which revision of the message."""

    decision: str
    revision: int
    reason: str | None = None
    note: str | None = None
    hide_name: bool | None = None


def decide(session: Session, message_id: str, verdict: Verdict, actor: Moderator, wiring: Wiring) -> None:
    """Carry out one decision inside a transaction.

    Removing needs a reason of the terms (clause 3.3). Raises ValidationFailed,
    PaymentDetailsRefused for a note with a card number, NotFound, NotDecidable where the
    contribution is not paid, was reversed, or the state does not allow it, StaleRevision if it
    was decided meanwhile, ClaimedByOther, NotAllowed for what waits for somebody else.
    """
    _require_reason(verdict, wiring)
    check.refuse_payment_details({"note": verdict.note})
    message, takes_part = lock(session, message_id)
    if message.queue is None or not takes_part:
        raise NotDecidable
    if message.revision != verdict.revision:
        raise StaleRevision
    if claims.is_held_by_other(session, message.id, actor.id):
        raise ClaimedByOther
    before = standing_of(message)
    if verdict.decision == UNDO:
        known = _decisions(session, message.id)
        undone = _last_to_undo(known)
        _require_own_turn(session, before, actor, own=undone.decided_by == actor.id)
        reports.reopen(session, message, undone)
        after, reason = _standing_after(known, undone.revision - 1)
    else:
        undone, reason = None, verdict.reason
        _require_own_turn(session, before, actor, own=verdict.decision == ESCALATE)
        found = transitions.after(
            verdict.decision,
            before,
            actor=actor.id,
            reported=message.reports > 0,
            needs_second=verdict.reason in wiring.settings.second_eyes,
            hide_name=verdict.hide_name,
        )
        if found is None:
            raise NotDecidable
        after = found
    message.reason = reason
    _write(session, message, verdict, actor, before, after, undone)


def take_back(session: Session, message: Message, actor: Moderator) -> None:
    """Whoever wrote a published message takes it back (clause 5.1): it is removed, and stands in
    no list. Inside a transaction that has locked the contribution."""
    before = standing_of(message)
    message.reason = PERSONAL_DATA
    verdict = Verdict(REMOVE, message.revision, PERSONAL_DATA)
    _write(session, message, verdict, actor, before, Standing(MessageState.REMOVED, before.name_hidden), None)
    queueing.place(message, takes_part=False)


def show_nameless(session: Session, message: Message, actor: Moderator) -> None:
    """A published message goes on without its name until a moderator has seen the new one
    (clause 3.2): a decision of its own, which a moderator may undo. Inside such a transaction."""
    before = standing_of(message)
    waits = message.queue
    verdict = Verdict(PUBLISH, message.revision, hide_name=True)
    _write(session, message, verdict, actor, before, replace(before, name_hidden=True), None, answers=False)
    message.queue = waits


def standing_of(message: Message) -> Standing:
    """What decisions have made of a message so far."""
    return Standing(MessageState(message.state), message.name_hidden, message.escalated, message.proposed_by)


def _require_reason(verdict: Verdict, wiring: Wiring) -> None:
    reasons = wiring.terms.in_force(clock.now(), "id").limits.reasons
    if verdict.reason is not None and verdict.reason not in reasons:
        raise ValidationFailed({"reason": ("unknown_reason", N_("This is no reason of the terms."))})
    if verdict.decision == REMOVE and verdict.reason is None:
        raise ValidationFailed({"reason": ("required", N_("Removing a message needs a reason."))})


def lock(session: Session, message_id: str) -> tuple[Message, bool]:
    """A message, locked until the transaction ends. The contribution is locked first, here as in
    settling, so that no two cross; of it nothing is read but whether it takes part. Raises NotFound."""
    owner = session.scalar(select(Message.contribution_id).where(Message.id == message_id))
    if owner is None:
        raise NotFound
    takes_part = queries.lock_standing(session, owner)
    message = session.scalars(
        select(Message)
        .where(Message.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return message, takes_part


def _require_own_turn(session: Session, standing: Standing, actor: Moderator, *, own: bool) -> None:
    """Raises NotAllowed for what waits for a lead or for a second pair of eyes; whoever sent it
    there may take it back, and anybody may send it on."""
    if own or not (standing.escalated or standing.proposed_by):
        return
    has_leads = accounts.is_filled(session, LEAD)
    if transitions.is_for_another(standing, actor, has_leads=has_leads):
        raise NotAllowed(N_("This message waits for somebody else: a lead, or a second pair of eyes."))


def _last_to_undo(known: Sequence[Decision]) -> Decision:
    """The newest decision that was not taken back yet. Raises NotDecidable without one."""
    taken_back = {decision.undoes for decision in known}
    for decision in reversed(known):
        if decision.decision != UNDO and decision.revision not in taken_back:
            return decision
    raise NotDecidable


def _standing_after(known: Sequence[Decision], revision: int) -> tuple[Standing, str | None]:
    """How a message stood at a revision, and for which reason: an undo has that of what it
    brought back. Revisions that no decision made (a corrected name) changed none of it."""
    found = made = _newest(known, revision)
    while made is not None and made.undoes is not None:
        made = _newest(known, made.undoes - 1)
    if found is None:
        return BEGINNING, None
    state = MessageState(found.state_after)
    standing = Standing(state, found.name_hidden, found.escalated, found.proposed_by)
    return standing, made.reason if made else None


def _newest(known: Sequence[Decision], revision: int) -> Decision | None:
    """The last decision up to a revision."""
    return next((decision for decision in reversed(known) if decision.revision <= revision), None)


def _decisions(session: Session, message_id: str) -> Sequence[Decision]:
    return session.scalars(
        select(Decision).where(Decision.message_id == message_id).order_by(Decision.revision)
    ).all()


def _write(
    session: Session,
    message: Message,
    verdict: Verdict,
    actor: Moderator,
    before: Standing,
    after: Standing,
    undone: Decision | None,
    *,
    answers: bool = True,
) -> None:
    now = clock.now()
    message.state, message.name_hidden = after.state, after.name_hidden
    message.escalated, message.proposed_by = after.escalated, after.proposed_by
    message.revision += 1
    message.decided_at, message.decided_by = now, actor.id
    if undone is None and before.state != MessageState.PUBLISHED == after.state:
        message.published_at = now
    if answers and undone is None and verdict.decision != ESCALATE and after.proposed_by is None:
        reports.answer(session, message, now)
    session.add(
        Decision(
            message_id=message.id,
            revision=message.revision,
            decision=verdict.decision,
            reason=verdict.reason,
            note=verdict.note,
            name_hidden=after.name_hidden,
            escalated=after.escalated,
            proposed_by=after.proposed_by,
            undoes=undone.revision if undone else None,
            state_before=before.state,
            state_after=after.state,
            decided_by=actor.id,
            decided_at=now,
        )
    )
    queueing.rank(session, message)
    queueing.place(message, takes_part=True)
    note_event(session, message.contribution_id, f"message_{after.state}", revision=message.revision)
    details = {"before": str(before.state), "after": str(after.state), "reason": verdict.reason}
    audit.record(session, actor.id, f"message.{verdict.decision}", message.id, details)
    claims.drop(session, message.id)
