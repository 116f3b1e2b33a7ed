"""What a decision makes of a message (pure): one table of moves, and who may make them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.contributions.states import MessageState

PUBLISH, REJECT, REMOVE, UNDO, ESCALATE = "publish", "reject", "remove", "undo", "escalate"
DECISIONS = (PUBLISH, REJECT, REMOVE, UNDO, ESCALATE)

_MOVES: Mapping[str, Mapping[MessageState, MessageState]] = {
    PUBLISH: dict.fromkeys(
        (MessageState.PENDING, MessageState.REJECTED, MessageState.REMOVED), MessageState.PUBLISHED
    ),
    REJECT: {MessageState.PENDING: MessageState.REJECTED},
    REMOVE: {MessageState.PUBLISHED: MessageState.REMOVED},
}


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who decides. ``leads``: may also decide what was escalated."""

    id: str
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What decisions change in a message."""

    state: MessageState
    name_hidden: bool = False
    escalated: bool = False
    proposed_by: str | None = None


BEGINNING = Standing(MessageState.PENDING)


def after(
    decision: str,
    standing: Standing,
    *,
    actor: str,
    reported: bool = False,
    needs_second: bool = False,
    hide_name: bool | None = None,
) -> Standing | None:
    """How a message stands after a decision other than `undo`; None where it is not possible.

    ``needs_second``: this rejection counts once another moderator decides the same.
    A name once hidden stays so until it is said otherwise.
    """
    if decision == ESCALATE:
        waits = standing.state == MessageState.PENDING or (
            standing.state == MessageState.PUBLISHED and reported
        )
        return replace(standing, escalated=True) if waits and not standing.escalated else None
    if decision == PUBLISH and standing.state == MessageState.PUBLISHED and reported:
        state = MessageState.PUBLISHED  # looked at again, and kept
    else:
        found = _MOVES[decision].get(standing.state)
        if found is None:
            return None
        state = found
    if decision == REJECT and needs_second and standing.proposed_by is None:
        return replace(standing, proposed_by=actor, escalated=False)
    hidden = standing.name_hidden
    if state == MessageState.PUBLISHED and hide_name is not None:
        hidden = hide_name
    return Standing(state, hidden)


def is_for_another(standing: Standing, moderator: Moderator, *, has_leads: bool) -> bool:
    """Whether this moderator may not decide: it was escalated to a lead, or is this one's own
    proposal. A desk without leads decides what was escalated itself."""
    if standing.proposed_by == moderator.id:
        return True
    return standing.escalated and has_leads and not moderator.leads
