"""What runs by itself, and how often: each schedule under a lease of its own."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from service.contributions import idempotency, sweep
from service.db import transaction
from service.finance import sequence
from service.jobs import check, closing, exporting, lease, reconciling, retaining
from service.staff import chain
from service.webhooks import inbox
from service.wiring import Wiring

log = structlog.get_logger()

HEARTBEAT = "heartbeat"
DAILY = 24 * 60  # minutes; by night in Jakarta


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job by name: every how many minutes, and for how long at the most."""

    name: str
    every_minutes: int
    at_most_seconds: int
    run: Callable[[Session, Wiring], object]


def _sweep(session: Session, wiring: Wiring) -> object:
    return sweep.sweep(session, wiring)


def _retry_waiting(session: Session, wiring: Wiring) -> object:
    return inbox.retry_waiting(session, wiring)


def _number_movements(session: Session, _wiring: Wiring) -> object:
    with transaction(session):
        return sequence.assign(session)


def _forget_keys(session: Session, _wiring: Wiring) -> object:
    with transaction(session):
        return idempotency.purge(session)


def _verify_trail(session: Session, _wiring: Wiring) -> object:
    return chain.verify(session)


def _beat(_session: Session, _wiring: Wiring) -> object:
    return None


SCHEDULES = (
    Schedule(HEARTBEAT, 1, 30, _beat),
    Schedule("sweep", 1, 300, _sweep),
    Schedule("retry_waiting", 1, 300, _retry_waiting),
    Schedule("number_movements", 1, 120, _number_movements),
    Schedule("close_down", 1, 120, closing.catch_up),
    Schedule("reconcile", 1, 900, reconciling.run_due),
    Schedule("finish_files", 1, 900, exporting.go_on),
    Schedule("forget_keys", 60, 300, _forget_keys),
    Schedule("forget_files", 60, 300, exporting.forget_files),
    Schedule("end_old_requests", 60, 600, retaining.end_old_requests),
    Schedule("rotate_keys", 60, 900, retaining.rotate_keys),
    Schedule("retention", DAILY, 3600, retaining.retain),
    Schedule("check", 10, 600, check.run),
    Schedule("verify_trail", 60, 600, _verify_trail),
)


def run(session: Session, wiring: Wiring, schedule: Schedule) -> bool:
    """Run one schedule unless another worker does; False then."""
    with lease.held(session, schedule.name, schedule.at_most_seconds) as mine:
        if mine:
            schedule.run(session, wiring)
    return mine
