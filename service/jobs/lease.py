"""A schedule runs once, however many workers there are: a lease in the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service import clock
from service.db import transaction
from service.identifiers import new_id
from service.jobs.model import Lease

_LONG_AGO = datetime(2000, 1, 1, tzinfo=clock.JAKARTA)


@contextmanager
def held(session: Session, name: str, seconds: int) -> Iterator[bool]:
    """Whether this worker may run a schedule now. The lease ends with the block, or after
    ``seconds`` where the worker died."""
    holder = new_id()
    mine = _take(session, name, holder, seconds)
    try:
        yield mine
    finally:
        if mine:
            with transaction(session):
                now = clock.now()
                session.execute(
                    update(Lease)
                    .where(Lease.name == name, Lease.holder == holder)
                    .values(held_until=now, ran_at=now, holder=None)
                )


def last_run(session: Session, name: str) -> datetime | None:
    """When a schedule last ended, or None."""
    return session.scalar(select(Lease.ran_at).where(Lease.name == name))


def _take(session: Session, name: str, holder: str, seconds: int) -> bool:
    now = clock.now()
    with transaction(session):
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(
            dialect.insert(Lease).values(name=name, held_until=_LONG_AGO).on_conflict_do_nothing()
        )
        taken = session.execute(
            update(Lease)
            .where(Lease.name == name, Lease.held_until <= now)
            .values(held_until=now + timedelta(seconds=seconds), holder=holder)
            .returning(Lease.name)
        ).first()
    return taken is not None
