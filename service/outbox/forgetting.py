"""What the outbox forgets: rows that were done long ago.

A row that was done keeps its effect from being done again, so it stays for longer than its effect
can be put down anew: an attempt is over after a day, and an address is forgotten before the row
that says that a letter went to it.
"""

from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from service.outbox.model import OutboxRow
from service.outbox.put import MAIL


def _due(session: Session, before: datetime, *, mail: bool) -> int:
    return session.scalar(select(func.count()).where(*_done(before, mail))) or 0


def _forget(session: Session, before: datetime, count: int, *, mail: bool) -> int:
    oldest = select(OutboxRow.id).where(*_done(before, mail)).order_by(OutboxRow.id).limit(count)
    gone = delete(OutboxRow).where(OutboxRow.id.in_(oldest)).returning(OutboxRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def _done(before: datetime, mail: bool) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.done_at < before, OutboxRow.kind == MAIL if mail else OutboxRow.kind != MAIL


effects_due, forget_effects = partial(_due, mail=False), partial(_forget, mail=False)
letters_due, forget_letters = partial(_due, mail=True), partial(_forget, mail=True)
