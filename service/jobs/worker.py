"""The background worker: huey wakes it, the schedules say what it does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Thread
from urllib.parse import urlsplit

import structlog
from flask import Flask
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab

from service.config import Settings
from service.db import db
from service.environment import ConfigError
from service.jobs.effects import Hands, run_due
from service.jobs.schedule import DAILY, SCHEDULES, Schedule, run
from service.outbox.take import release

log = structlog.get_logger()

_AT_ONCE = 6  # effects
_PAUSE = 1.0  # seconds between two looks
_ENDS_WITHIN = 8.0  # seconds in which what is in hand when the worker stops may end by itself


def make_queue(settings: Settings) -> Huey:
    """The queue that APRESIASI_QUEUE_URL names: sqlite:///file, memory:// or redis://."""
    parts = urlsplit(settings.queue_url)
    if parts.scheme == "sqlite":
        return SqliteHuey("apresiasi", filename=parts.path[1:] or "queue.sqlite", fsync=True)
    if parts.scheme == "memory":
        return MemoryHuey("apresiasi")
    if parts.scheme in ("redis", "rediss"):
        return RedisHuey("apresiasi", url=settings.queue_url)
    raise ConfigError("APRESIASI_QUEUE_URL: neither sqlite://, memory:// nor redis://")


def run_worker(app: Flask) -> None:
    """Work until told to stop. Every schedule also runs once at the start; the outbox does not wait
    for that, since a closing's checkouts are to be expired within seconds, also after a restart."""
    queue = make_queue(app.extensions["settings"])
    for schedule in SCHEDULES:
        queue.periodic_task(_when(schedule), name=schedule.name)(partial(run_schedule, app, schedule))
    with outbox_worked_off(app):
        for schedule in SCHEDULES:
            run_schedule(app, schedule)
        queue.create_consumer(workers=1, periodic=True, check_worker_health=True).run()


@contextmanager
def outbox_worked_off(app: Flask) -> Iterator[Hands]:
    """Threads that look for due effects every second, beside the schedules. Several, so that a
    closing's checkouts do not wait for each other; a row's lease keeps it to one of them. In the
    end they finish what they have in hand, or give it back."""
    hands = Hands()
    threads = [
        Thread(target=_work_off, args=(app, hands), name="outbox", daemon=True) for _ in range(_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    try:
        yield hands
    finally:
        hands.stopping.set()
        until = time.monotonic() + _ENDS_WITHIN
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        _give_back(app, hands)


def _work_off(app: Flask, hands: Hands) -> None:
    while not hands.stopping.is_set():
        run_outbox(app, hands)
        hands.stopping.wait(_PAUSE)


def run_outbox(app: Flask, hands: Hands) -> None:
    """Every effect that is due; what goes wrong with the database is logged, not fatal."""
    with app.app_context():
        try:
            run_due(db.session, app.extensions["wiring"], hands=hands)
        except Exception as error:  # the threads outlive a database that is away
            log.error("outbox_failed", kind=type(error).__name__)


def _give_back(app: Flask, hands: Hands) -> None:
    """What could not be ended in time is free for other workers at once, not when its lease ends."""
    with app.app_context():
        try:
            for row in list(hands.held):
                release(db.session, row)
        except Exception as error:  # its lease frees it then
            log.error("outbox_failed", kind=type(error).__name__)


def _when(schedule: Schedule) -> Callable[..., bool]:
    """The times of a schedule, in UTC."""
    minutes = schedule.every_minutes
    if minutes >= DAILY:
        when = crontab(minute="0", hour="19")
    elif minutes >= 60:
        when = crontab(minute="0")
    else:
        when = crontab(minute="*" if minutes == 1 else f"*/{minutes}")
    found: Callable[..., bool] = when
    return found


def run_schedule(app: Flask, schedule: Schedule) -> None:
    """One schedule in an application context of its own; a failure is logged, not fatal."""
    with app.app_context():
        try:
            run(db.session, app.extensions["wiring"], schedule)
        except Exception as error:  # the worker outlives any one job
            log.error("job_failed", job=schedule.name, kind=type(error).__name__)
