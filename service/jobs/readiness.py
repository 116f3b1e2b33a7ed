"""What ``/readyz`` looks at: what must work, and what is only reported."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from service import clock, migrations_state
from service.db import db
from service.jobs import lease
from service.jobs.schedule import HEARTBEAT
from service.outbox import overdue
from service.web.operations import Readiness
from service.webhooks import inbox
from service.webhooks.model import ReceivedEvent
from service.wiring import Wiring

_QUIET = timedelta(minutes=5)
_WAITS_AT_MOST = timedelta(minutes=1)  # in the outbox


def readiness(app: Flask) -> list[Readiness]:
    """The checks of this app."""
    wiring: Wiring = app.extensions["wiring"]

    def database() -> str | None:
        db.session.execute(select(1))
        return None

    def migrations() -> str | None:
        connection = db.session.connection()
        at_head = migrations_state.is_at_head(connection, wiring.settings.database_url)
        return None if at_head else "not at head"

    def processor() -> str | None:
        return None if wiring.processors.current.name else "no processor"

    def worker() -> str | None:
        beat = lease.last_run(db.session, HEARTBEAT)
        if beat is None:
            return "no heartbeat yet"
        age = clock.now() - beat
        return None if age < _QUIET else f"silent for {int(age.total_seconds())} s"

    def oldest_job() -> str | None:
        oldest = db.session.scalar(
            select(ReceivedEvent.received_at)
            .where(ReceivedEvent.status == inbox.WAITING)
            .order_by(ReceivedEvent.id)
            .limit(1)
        )
        age = clock.now() - oldest if oldest else timedelta(0)
        return None if age < _QUIET else f"an event waits for {int(age.total_seconds())} s"

    def outbox() -> str | None:
        oldest, failed = overdue.oldest_due(db.session), overdue.failing(db.session)
        wrong = [f"{count} of {kind} fail" for kind, count in failed]
        if oldest is not None and clock.now() - oldest > _WAITS_AT_MOST:
            wrong.append(f"an effect waits for {int((clock.now() - oldest).total_seconds())} s")
        return ", ".join(wrong) or None

    return [
        Readiness("database", True, database),
        Readiness("migrations", True, migrations),
        Readiness("processor", True, processor),
        Readiness("worker", False, worker),
        Readiness("oldest_job", False, oldest_job),
        Readiness("outbox", False, outbox),
    ]
