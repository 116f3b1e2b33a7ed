"""The background worker: huey wakes it, the schedules say what it does."""

from functools import partial
from urllib.parse import urlsplit

import structlog
from flask import Flask
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab

from service.config import ConfigError, Settings
from service.db import db
from service.jobs.schedule import SCHEDULES, Schedule, run

log = structlog.get_logger()


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
    """Work until told to stop. Every schedule also runs once at the start."""
    queue = make_queue(app.extensions["settings"])
    for schedule in SCHEDULES:
        minutes = "*" if schedule.every_minutes == 1 else f"*/{schedule.every_minutes}"
        when = crontab(minute="0") if schedule.every_minutes >= 60 else crontab(minute=minutes)
        queue.periodic_task(when, name=schedule.name)(partial(run_schedule, app, schedule))
    for schedule in SCHEDULES:
        run_schedule(app, schedule)
    queue.create_consumer(workers=1, periodic=True, check_worker_health=True).run()


def run_schedule(app: Flask, schedule: Schedule) -> None:
    """One schedule in an application context of its own; a failure is logged, not fatal."""
    with app.app_context():
        try:
            run(db.session, app.extensions["wiring"], schedule)
        except Exception as error:  # the worker outlives any one job
            log.error("job_failed", job=schedule.name, kind=type(error).__name__)
