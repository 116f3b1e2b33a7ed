"""What the outbox's rows make happen: after the commit, outside of any transaction."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event

import structlog
from sqlalchemy.orm import Session

from service.contributions.closing_down import CLOSE_SCOPE, EXPIRE_CHECKOUT
from service.jobs import closing, letters
from service.outbox.model import OutboxRow
from service.outbox.put import MAIL
from service.outbox.take import finish, put_off, take
from service.wiring import Wiring

log = structlog.get_logger()

Effect = Callable[[Session, Wiring, OutboxRow], None]

# An effect may be begun twice, after a crash between it and its mark: each bears that.
EFFECTS: Mapping[str, Effect] = {
    EXPIRE_CHECKOUT: closing.expire_checkout,
    CLOSE_SCOPE: closing.close_scope,
    MAIL: letters.send,
}


class UnknownKind(Exception):
    """A row of a kind that this version of the service does not know (yet, or any more)."""


class Hands:
    """Who works on the outbox: what each has in hand, and whether they are to stop."""

    def __init__(self) -> None:
        self.stopping = Event()
        self.held: set[OutboxRow] = set()

    @contextmanager
    def holding(self, row: OutboxRow) -> Iterator[None]:
        self.held.add(row)
        try:
            yield
        finally:
            self.held.discard(row)


def run_due(
    session: Session, wiring: Wiring, effects: Mapping[str, Effect] = EFFECTS, hands: Hands | None = None
) -> int:
    """Do every effect that is due, one after the other, unless told to stop; how many were done.
    One that fails is put off and stops none of the others."""
    done, hands = 0, hands or Hands()
    while not hands.stopping.is_set() and (row := take(session)) is not None:
        with hands.holding(row):
            done += _do(session, wiring, row, effects)
    return done


def _do(session: Session, wiring: Wiring, row: OutboxRow, effects: Mapping[str, Effect]) -> bool:
    try:
        if row.kind not in effects:
            raise UnknownKind
        effects[row.kind](session, wiring, row)
    except Exception as error:  # the next rows are not its fault
        session.rollback()
        log.warning("effect_failed", kind=row.kind, row=row.id, error=type(error).__name__)
        put_off(session, row, type(error).__name__)
        return False
    finish(session, row)
    return True
