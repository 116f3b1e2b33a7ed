"""What a switch's rows amount to at a time (pure).

Closed if any scope that covers the article is closed: neither does an open section open what
is closed as a whole, nor the other way about. The narrowest closing gives the reason that
readers see; a wall or widget is hidden as soon as one closing hides it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.controls.model import Switch
from service.controls.scopes import Scope
from service.errors import CLOSED_BECAUSE

PUBLIC_REASONS = tuple(CLOSED_BECAUSE)
PAUSED = PUBLIC_REASONS[0]
KEEP, HIDE, NOTICE = "keep", "hide", "notice"
WALLS = (KEEP, HIDE)
WIDGETS = (NOTICE, HIDE)
OPEN, CLOSED, SCHEDULED = "open", "closed", "scheduled"


@dataclass(frozen=True, slots=True)
class Setting:
    """Whether new contributions are taken, and if not, what readers see instead."""

    open: bool = True
    public_reason: str | None = None
    walls: str = KEEP
    widget: str = NOTICE

    @property
    def shows_walls(self) -> bool:
        return self.walls == KEEP


def state_at(switch: Switch | None, now: datetime) -> str:
    """`OPEN`, `CLOSED`, or `SCHEDULED` while a closing is still to come."""
    if switch is None or switch.open or (switch.until_at is not None and switch.until_at <= now):
        return OPEN
    return SCHEDULED if switch.from_at is not None and switch.from_at > now else CLOSED


def latest_closing(switch: Switch, now: datetime) -> tuple[datetime, datetime | None] | None:
    """When the latest closing of a scope began, and its end, where it has one; None where it was
    never closed. One that is still to come closed nothing yet."""
    if not switch.open and switch.from_at is not None and switch.from_at <= now:
        return switch.from_at, switch.until_at
    if switch.closed_at is None:
        return None
    is_kept = switch.open or switch.from_at is not None
    return switch.closed_at, switch.ended_at if is_kept else switch.until_at


def in_force(switches: Iterable[Switch], now: datetime) -> Setting:
    """The setting that these switches, each covering the article, amount to."""
    closed = [switch for switch in switches if state_at(switch, now) == CLOSED]
    if not closed:
        return Setting()
    narrowest = max(closed, key=lambda switch: Scope.of_text(switch.scope).width)
    return Setting(
        open=False,
        public_reason=narrowest.public_reason,
        walls=HIDE if any(switch.walls == HIDE for switch in closed) else KEEP,
        widget=HIDE if any(switch.widget == HIDE for switch in closed) else NOTICE,
    )
