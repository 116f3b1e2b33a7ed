"""What the contract makes of each message, told from the acts alone and apart from the service's code."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

CLAIM_SECONDS = 300
SECOND_EYES = "spam"  # the reason that needs a second moderator
_MANY = 3  # readers who bring back what was kept once


@dataclass(frozen=True)
class Actor:
    """A moderator or a lead, and the headers that they call with."""

    id: str
    leads: bool
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Verdict:
    """A decision as it is sent."""

    decision: str
    revision: int
    reason: str | None = None
    hide_name: bool | None = None


@dataclass(frozen=True)
class Standing:
    """What decisions made of a message."""

    state: str = "pending"
    hidden: bool = False
    escalated: bool = False
    proposed_by: str | None = None


@dataclass(frozen=True)
class Made:
    """A decision that holds: taking it back brings ``before`` and the reports again."""

    by: str
    before: Standing
    answered: frozenset[str]


@dataclass
class Expected:
    """One message. ``known``: what the processor has told the service of its payment."""

    number: int
    contribution_id: str
    message_id: str | None
    name: str | None
    checkout_url: str
    minor: int
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    standing: Standing = Standing()
    made: list[Made] = field(default_factory=list)
    revision: int = 1
    reports: set[str] = field(default_factory=set)
    raised: bool = False
    erased: bool = False
    holder: str | None = None
    held_until: int = 0

    @property
    def text(self) -> str:
        return f"pesan-{self.number}-kata"

    @property
    def shown_name(self) -> str | None:
        return None if self.standing.hidden else self.name

    def tells(self, kind: str) -> list[Mapping[str, Any]]:
        return [record["data"] for record in self.known.values() if record["type"] == kind]

    def refs(self, kind: str, name: str) -> set[str]:
        return {data[name] for data in self.tells(kind)}

    @property
    def paid(self) -> bool:
        return bool(self.tells("payment.succeeded"))

    @property
    def reversed(self) -> bool:
        """Whether refunds that did not fail and lost disputes reach what was paid."""
        failed, lost = self.refs("refund.failed", "refund"), self.refs("dispute.lost", "dispute")
        back = [data["amount"] for data in self.tells("refund.created") if data["refund"] not in failed]
        back += [data["amount"] for data in self.tells("dispute.opened") if data["dispute"] in lost]
        return self.paid and sum(back) >= self.minor

    @property
    def keeps_payment(self) -> bool:
        return self.paid and not self.reversed

    @property
    def is_asked_about(self) -> bool:
        """Whether a sweep asks the processor: no end is known, no fee, or a dispute is open."""
        ended = self.refs("dispute.won", "dispute") | self.refs("dispute.lost", "dispute")
        disputed = self.refs("dispute.opened", "dispute") - ended
        if self.paid:
            return not self.tells("payment.settled") or (bool(disputed) and not self.reversed)
        return not (self.tells("payment.failed") or self.tells("checkout.expired"))

    @property
    def can_be_decided(self) -> bool:
        return self.message_id is not None and self.keeps_payment and not self.erased

    @property
    def public(self) -> bool:
        return self.can_be_decided and self.standing.state == "published"

    @property
    def waits(self) -> bool:
        state = self.standing.state
        return self.can_be_decided and (state == "pending" or (state == "published" and self.raised))

    def is_held(self, now: int, *, but_by: str | None = None) -> bool:
        return self.held_until > now and self.holder != but_by

    def is_for(self, actor: Actor, has_leads: bool) -> bool:
        escalated = self.standing.escalated and has_leads and not actor.leads
        return self.standing.proposed_by != actor.id and not escalated

    def decide(self, verdict: Verdict, actor: Actor, has_leads: bool, now: int) -> bool:
        """Take a decision in; False where the contract refuses it."""
        if not self.can_be_decided or verdict.revision != self.revision:
            return False
        if self.is_held(now, but_by=actor.id) or (verdict.decision == "remove" and not verdict.reason):
            return False
        own = bool(self.made) and self.made[-1].by == actor.id
        free = own if verdict.decision == "undo" else verdict.decision == "escalate"
        if not free and not self.is_for(actor, has_leads):
            return False
        done = self._undo() if verdict.decision == "undo" else self._move(verdict, actor)
        if done:
            self.revision += 1
            self.held_until = 0
        return done

    def report(self, reader: str) -> None:
        answered = {name for made in self.made for name in made.answered}
        self.reports |= {reader} - answered
        self.raised = self.raised or len(self.reports) >= (_MANY if answered else 1)

    def _undo(self) -> bool:
        if not self.made:
            return False
        made = self.made.pop()
        self.standing = made.before
        self.reports |= made.answered
        self.raised = bool(self.reports)
        return True

    def _move(self, verdict: Verdict, actor: Actor) -> bool:
        before = self.standing
        after = self._after(verdict, before, actor)
        if after is None:
            return False
        answers = verdict.decision != "escalate" and after.proposed_by is None
        self.made.append(Made(actor.id, before, frozenset(self.reports if answers else ())))
        self.standing = after
        if answers:
            self.reports, self.raised = set(), False
        return True

    def _after(self, verdict: Verdict, now: Standing, actor: Actor) -> Standing | None:
        waits = now.state == "pending" or (now.state == "published" and self.raised)
        match verdict.decision:
            case "escalate" if waits and not now.escalated:
                return replace(now, escalated=True)
            case "publish" if waits or now.state in ("rejected", "removed"):
                hide = verdict.hide_name
                return Standing("published", now.hidden if hide is None else hide)
            case "reject" if now.state == "pending":
                if verdict.reason == SECOND_EYES and now.proposed_by is None:
                    return replace(now, proposed_by=actor.id, escalated=False)
                return Standing("rejected", now.hidden)
            case "remove" if now.state == "published":
                return Standing("removed", now.hidden)
        return None
