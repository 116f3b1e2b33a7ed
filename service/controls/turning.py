"""Turn a switch: at once or at a time, audited, with what it was before."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import clock
from service.clock import rfc3339
from service.controls import switches
from service.controls.model import Switch
from service.controls.scopes import EVERYTHING, Scope
from service.controls.settings import (
    CLOSED,
    KEEP,
    NOTICE,
    PAUSED,
    PUBLIC_REASONS,
    WALLS,
    WIDGETS,
    latest_closing,
    state_at,
)
from service.errors import N_, ValidationFailed
from service.staff import audit

_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What a switch is to be set to. ``reason`` is for the audit only."""

    open: bool
    reason: str = ""
    scope: Scope = EVERYTHING
    public_reason: str = PAUSED
    walls: str = KEEP
    widget: str = NOTICE
    from_at: datetime | None = None
    until_at: datetime | None = None


def set_switch(session: Session, change: Change, actor: str) -> Switch:
    """Set one scope, inside a transaction. Opening at a time is a closing that ends then.

    Raises ValidationFailed for an unknown choice and for times that make no sense.
    """
    now = clock.now()
    switches.stop_openings(session)
    switch, before = switches.find(session, change.scope), None
    if switch is not None:
        before = told(switch)
    decided = _decide(change, switch, now)
    was_closed = state_at(switch, now) == CLOSED
    if switch is None:
        switch = Switch(scope=str(change.scope))
        session.add(switch)
    _write(switch, decided, was_closed, now, actor)
    details = {"scope": switch.scope, "before": before, "after": told(switch), "reason": change.reason}
    action = "feature.opened" if change.open else "feature.closed"
    audit.record(session, actor, action, switch.scope[:_LONGEST_SUBJECT], details)
    return switch


def told(switch: Switch) -> dict[str, Any]:
    """A switch's setting in the contract's words."""
    return {
        "open": switch.open,
        "public_reason": switch.public_reason,
        "walls": switch.walls,
        "widget": switch.widget,
        "from": rfc3339(switch.from_at),
        "until": rfc3339(switch.until_at),
    }


def _write(switch: Switch, decided: Change, was_closed: bool, now: datetime, actor: str) -> None:
    _keep_latest(switch, now)
    if decided.open and was_closed:
        switch.ended_at = now
    if not decided.open and not was_closed and decided.from_at is None:
        switch.closed_at, switch.ended_at = now, None
    switch.open, switch.public_reason = decided.open, decided.public_reason
    switch.walls, switch.widget = decided.walls, decided.widget
    switch.from_at, switch.until_at = decided.from_at, decided.until_at
    switch.changed_at, switch.changed_by = now, actor


def _keep_latest(switch: Switch, now: datetime) -> None:
    """What the setting said of its closing until now, before another takes its place."""
    latest = latest_closing(switch, now) if switch.open is False else None
    if latest is not None:
        switch.closed_at, switch.ended_at = latest


def _decide(change: Change, switch: Switch | None, now: datetime) -> Change:
    """The change with its times as they are stored: what is past has begun, and is no bound."""
    _require_choices(change)
    if change.from_at is not None and change.from_at <= now:
        change = replace(change, from_at=None)
    return _opening(change, switch, now) if change.open else _closing(change, switch, now)


def _closing(change: Change, switch: Switch | None, now: datetime) -> Change:
    if change.until_at is not None and change.until_at <= (change.from_at or now):
        raise _wrong("until", N_("The end must come after the beginning, and after now."))
    if change.from_at is not None and state_at(switch, now) == CLOSED:
        # It would open at once, until then: nobody who closes something means that.
        raise _wrong("from", N_("This is closed now. Open it first, or close it without a beginning."))
    return change


def _opening(change: Change, switch: Switch | None, now: datetime) -> Change:
    if change.until_at is not None:
        raise _wrong("until", N_("Opening has no end. Close it with a beginning instead."))
    if change.from_at is None:
        return change
    if switch is None or state_at(switch, now) != CLOSED:
        raise _wrong("from", N_("This is not closed now, so it cannot open later."))
    return replace(
        change,
        open=False,
        public_reason=switch.public_reason,
        walls=switch.walls,
        widget=switch.widget,
        from_at=switch.from_at,
        until_at=change.from_at,
    )


def _require_choices(change: Change) -> None:
    for name, value, choices in (
        ("public_reason", change.public_reason, PUBLIC_REASONS),
        ("walls", change.walls, WALLS),
        ("widget", change.widget, WIDGETS),
    ):
        if value not in choices:
            raise _wrong(name, N_("This value is not possible here."))


def _wrong(field: str, message: str) -> ValidationFailed:
    return ValidationFailed({field: ("invalid", message)})
