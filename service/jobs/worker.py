"""The background worker: huey wakes it, the schedules say what it does."""

import time
from collections.abc import Callable
from functools import partial
from threading import Thread
from urllib.parse import urlsplit

import structlog
from flask import Flask
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab

from service.config import ConfigError, Settings
from service.db import db
from service.jobs.effects import run_due
from service.jobs.schedule import DAILY, SCHEDULES, Schedule, run

log = structlog.get_logger()

_AT_ONCE = 6  # effects
_PAUSE = 1.0  # seconds between two looks


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
    start_outbox(app)
    for schedule in SCHEDULES:
        run_schedule(app, schedule)
    queue.create_consumer(workers=1, periodic=True, check_worker_health=True).run()


def start_outbox(app: Flask) -> list[Thread]:
    """Threads that look for due effects every second, beside the schedules. Several, so that a
    closing's checkouts do not wait for each other; a row's lease keeps it to one of them."""
    threads = [Thread(target=_work_off, args=(app,), name="outbox", daemon=True) for _ in range(_AT_ONCE)]
    for thread in threads:
        thread.start()
    return threads


def _work_off(app: Flask) -> None:
    while True:
        run_outbox(app)
        time.sleep(_PAUSE)


def run_outbox(app: Flask) -> None:
    """Every effect that is due; what goes wrong with the database is logged, not fatal."""
    with app.app_context():
        try:
            run_due(db.session, app.extensions["wiring"])
        except Exception as error:  # the threads outlive a database that is away
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
