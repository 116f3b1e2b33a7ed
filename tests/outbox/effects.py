"""Rows of the outbox, and an effect that notes what it was asked for."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db import transaction
from service.jobs.effects import Effect, run_due
from service.outbox.model import OutboxRow
from service.outbox.put import put
from service.wiring import Wiring
from tests.support.desk import Desk


def put_now(desk: Desk, kind: str, subject: str, **rest: object) -> bool:
    with transaction(desk.session):
        return put(desk.session, kind, subject, **rest)  # type: ignore[arg-type]  # passed on


def rows(desk: Desk) -> dict[str, OutboxRow]:
    desk.session.rollback()
    desk.session.expire_all()
    return {row.subject: row for row in desk.session.scalars(select(OutboxRow))}


class Seen:
    """An effect that notes the subjects it saw, and fails on some."""

    def __init__(self, *failing: str) -> None:
        self.subjects: list[str] = []
        self.failing = set(failing)

    def __call__(self, session: Session, wiring: Wiring, row: OutboxRow) -> None:
        assert not session.info.get("in_transaction")
        self.subjects.append(row.subject)
        if row.subject in self.failing:
            raise ValueError("a text that must not be kept")


def run(desk: Desk, effect: Effect) -> int:
    return run_due(desk.session, desk.wiring, {"mail": effect})
