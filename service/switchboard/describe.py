"""A switch as staff see it: what it is set to, whether it is closed now, and what that did."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import clock
from service.clock import rfc3339
from service.contributions import closing_down
from service.contributions.closing_down import Counts
from service.controls import switches
from service.controls.model import Switch
from service.controls.scopes import EVERYTHING, Scope
from service.controls.settings import CLOSED, KEEP, NOTICE, OPEN, latest_closing, state_at


@dataclass(frozen=True, slots=True)
class Standing:
    """How one scope stands now; ``counts`` are those of its latest closing."""

    scope: Scope
    state: str
    counts: Counts
    public_reason: str | None = None
    walls: str = KEEP
    widget: str = NOTICE
    from_at: datetime | None = None
    until_at: datetime | None = None
    closed_at: datetime | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None

    def answer(self) -> dict[str, Any]:
        """The contract's object. ``open`` is how it stands; ``state`` tells of a closing to come."""
        return {
            "scope": str(self.scope),
            "open": self.state != CLOSED,
            "state": self.state,
            "public_reason": self.public_reason,
            "walls": self.walls,
            "widget": self.widget,
            "from": rfc3339(self.from_at),
            "until": rfc3339(self.until_at),
            "closed_at": rfc3339(self.closed_at),
            "changed_at": rfc3339(self.changed_at),
            "changed_by": self.changed_by,
            **asdict(self.counts),
        }


def one(session: Session, scope: Scope) -> Standing:
    """One scope, set or not."""
    return _describe(session, scope, switches.find(session, scope))


def every(session: Session) -> list[Standing]:
    """Everything first, then every scope that was ever set, the latest change first."""
    others = [switch for switch in switches.every(session) if switch.scope != str(EVERYTHING)]
    return [
        one(session, EVERYTHING),
        *(_describe(session, Scope.of_text(switch.scope), switch) for switch in others),
    ]


def _describe(session: Session, scope: Scope, switch: Switch | None) -> Standing:
    now = clock.now()
    state, latest = state_at(switch, now), latest_closing(switch, now) if switch else None
    counts = closing_down.count(session, scope, latest)
    if switch is None:
        return Standing(scope, state, counts)
    changed: dict[str, Any] = {
        "closed_at": latest[0] if latest else None,
        "changed_at": switch.changed_at,
        "changed_by": switch.changed_by,
    }
    if state == OPEN:
        return Standing(scope, state, counts, **changed)
    closing = {
        name: getattr(switch, name) for name in ("public_reason", "walls", "widget", "from_at", "until_at")
    }
    return Standing(scope, state, counts, **closing, **changed)
