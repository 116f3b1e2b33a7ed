"""Close down: expire what a closing put down, and begin closings that were scheduled."""

from sqlalchemy.orm import Session

from service import clock
from service.contributions import asking, closing_down
from service.contributions.model import Attempt
from service.contributions.states import OPEN, Status
from service.controls import switches
from service.controls.scopes import Scope
from service.controls.settings import CLOSED, latest_closing, state_at
from service.db import transaction
from service.outbox.model import OutboxRow
from service.outbox.overdue import PATIENCE
from service.processors import resting
from service.wiring import Wiring


class StillOpen(Exception):
    """The processor was asked to close a checkout, and it can still be paid."""


def expire_checkout(session: Session, wiring: Wiring, row: OutboxRow) -> None:
    """Close one checkout at its processor. What was paid meanwhile is booked by that, and what
    is over needs nothing. Raises ProcessorUnavailable, NotFound, StillOpen."""
    attempt = session.get_one(Attempt, row.subject, populate_existing=True)
    if attempt.state not in OPEN or attempt.expires_at <= clock.now():
        return
    with resting.considered(wiring.processors.get(attempt.processor)):
        asking.expire(session, row.subject, wiring)
    if session.get_one(Attempt, row.subject, populate_existing=True).state == Status.AWAITING_PAYMENT:
        raise StillOpen


def close_scope(session: Session, _wiring: Wiring, row: OutboxRow) -> None:
    """A scheduled closing begins, unless it was taken back."""
    _expire_open(session, Scope.of_text(row.data["scope"]))


def catch_up(session: Session, _wiring: Wiring) -> None:
    """Put down once more what is open in a closed scope: where clocks of two nodes differ, a
    checkout may have been recorded just after a scheduled closing began."""
    for scope in switches.closed(session, clock.now()):
        if closing_down.forgotten(session, scope):  # a look without the lock that gifts wait for
            _expire_open(session, scope)


def _expire_open(session: Session, scope: Scope) -> None:
    with transaction(session):
        switches.stop_openings(session)
        if state_at(switches.find(session, scope), clock.now()) == CLOSED:
            closing_down.expire_open(session, scope)


def closed_scopes_are_closed_down(session: Session) -> list[str]:
    """An invariant: no checkout of a closed scope stays open without being put down to be expired."""
    now = clock.now()
    found: set[str] = set()
    for switch in switches.every(session):
        latest = latest_closing(switch, now)
        since = latest[0] if latest else switch.changed_at
        if state_at(switch, now) == CLOSED and since <= now - PATIENCE:
            found.update(closing_down.forgotten(session, Scope.of_text(switch.scope)))
    return sorted(found)
