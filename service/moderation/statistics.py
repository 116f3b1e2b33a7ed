"""How the desk does: waiting times, throughput, reasons, agreement; and one moderator's shift."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import clock
from service.clock import JAKARTA, jakarta_date
from service.contributions.model import Message
from service.contributions.states import MessageState
from service.errors import N_, ValidationFailed
from service.moderation import queries
from service.moderation.model import Decision
from service.moderation.transitions import ESCALATE, UNDO

LONGEST_PERIOD = 31  # days
# After so long without a decision a new shift begins.
_PAUSE = timedelta(hours=4)
_LONGEST_SHIFT = timedelta(hours=16)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What leads look at. Times in seconds; counts by name, the greatest first."""

    waiting: int
    oldest_received_at: datetime | None
    decided: int
    median_wait_s: int | None
    slowest_tenth_wait_s: int | None
    judged_twice: int
    judged_alike: int
    by_decision: Mapping[str, int]
    by_reason: Mapping[str, int]
    by_moderator: Mapping[str, int]
    by_day: Mapping[str, int]
    by_hour: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shift:
    """One moderator's work since the last long pause."""

    began_at: datetime | None
    ended_at: datetime | None
    decided: int
    undone: int
    escalated: int
    median_pace_s: int | None
    by_decision: Mapping[str, int]
    by_reason: Mapping[str, int]


def period(first: date | None, last: date | None, now: datetime) -> tuple[datetime, datetime]:
    """The moments between which Jakarta days lie, both included; the last seven without any.

    Raises ValidationFailed for more than `LONGEST_PERIOD` days or the wrong order.
    """
    last = last or jakarta_date(now)
    first = first or last - timedelta(days=6)
    if not 0 <= (last - first).days < LONGEST_PERIOD:
        raise ValidationFailed({"from": ("period", N_("Choose a period of 1 to 31 days."))})
    start, end = (datetime.combine(day, datetime.min.time(), JAKARTA) for day in (first, last))
    return start, end + timedelta(days=1)


def of_period(session: Session, since: datetime, until: datetime) -> Statistics:
    """The desk's work from ``since`` to before ``until``."""
    rows = _decisions_between(session, since, until)
    # A proposal is not yet a decision.
    decided = [row for row in rows if row.decision not in (UNDO, ESCALATE) and not row.proposed_by]
    waits = [
        int((row.decided_at - row.received_at).total_seconds())
        for row in decided
        if row.state_before == MessageState.PENDING and row.received_at is not None
    ]
    twice, alike = _agreement(decided)
    in_jakarta = [row.decided_at.astimezone(JAKARTA) for row in decided]
    oldest = session.scalar(
        select(func.min(Message.received_at)).where(
            Message.queue == queries.PENDING, Message.state == MessageState.PENDING
        )
    )
    return Statistics(
        waiting=queries.waiting(session),
        oldest_received_at=oldest,
        decided=len(decided),
        median_wait_s=int(median(waits)) if waits else None,
        slowest_tenth_wait_s=int(_slowest_tenth(waits)) if waits else None,
        judged_twice=twice,
        judged_alike=alike,
        by_decision=_counted(row.decision for row in rows),
        by_reason=_counted(row.reason for row in decided if row.reason),
        by_moderator=_counted(row.decided_by for row in decided),
        by_day=dict(sorted(Counter(at.date().isoformat() for at in in_jakarta).items())),
        by_hour=dict(sorted(Counter(f"{at:%H}" for at in in_jakarta).items())),
    )


def shift_of(session: Session, actor: str) -> Shift:
    """What a moderator has done since the last long pause; empty if that is long ago."""
    now = clock.now()
    rows = session.execute(
        select(Decision.decision, Decision.reason, Decision.decided_at)
        .where(Decision.decided_by == actor, Decision.decided_at > now - _LONGEST_SHIFT)
        .order_by(Decision.decided_at.desc())
    ).all()
    own: list[Any] = []
    later = now
    for row in rows:
        if later - row.decided_at > _PAUSE:
            break
        own.append(row)
        later = row.decided_at
    own.reverse()
    decided = [row for row in own if row.decision not in (UNDO, ESCALATE)]
    paces = [
        int((second.decided_at - first.decided_at).total_seconds()) for first, second in pairwise(decided)
    ]
    return Shift(
        began_at=own[0].decided_at if own else None,
        ended_at=own[-1].decided_at if own else None,
        decided=len(decided),
        undone=sum(row.decision == UNDO for row in own),
        escalated=sum(row.decision == ESCALATE for row in own),
        median_pace_s=int(median(paces)) if paces else None,
        by_decision=_counted(row.decision for row in decided),
        by_reason=_counted(row.reason for row in decided if row.reason),
    )


def _decisions_between(session: Session, since: datetime, until: datetime) -> Sequence[Any]:
    return session.execute(
        select(
            Decision.message_id,
            Decision.decision,
            Decision.reason,
            Decision.state_before,
            Decision.state_after,
            Decision.proposed_by,
            Decision.decided_by,
            Decision.decided_at,
            Message.received_at,
        )
        .join(Message, Message.id == Decision.message_id)
        .where(Decision.decided_at >= since, Decision.decided_at < until)
        .order_by(Decision.message_id, Decision.revision)
    ).all()


def _agreement(decided: Sequence[Any]) -> tuple[int, int]:
    """How often a second moderator judged a message, and how often like the first one."""
    by_message = defaultdict(list)
    for row in decided:
        by_message[row.message_id].append(row)
    twice = alike = 0
    for judged in by_message.values():
        for first, second in pairwise(judged):
            if first.decided_by != second.decided_by:
                twice += 1
                alike += first.decision == second.decision
    return twice, alike


def _slowest_tenth(waits: list[int]) -> float:
    return quantiles(waits, n=10)[-1] if len(waits) > 1 else waits[0]


def _counted(names: Any) -> dict[str, int]:
    """The greatest first, by name where they are equal."""
    return dict(sorted(Counter(names).items(), key=lambda found: (-found[1], found[0])))
