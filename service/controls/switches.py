"""The kill switch (clause 4.3): read at every use, so that every node sees a change at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service import clock
from service.controls.model import Switch
from service.controls.scopes import Scope, covering
from service.controls.settings import CLOSED, PAUSED, Setting, in_force, state_at
from service.errors import FeatureClosed

_LOCK = 724_004  # any number that no other advisory lock here uses
_LOCKS = {
    name: text(f"SELECT {name}(:key)") for name in ("pg_advisory_xact_lock", "pg_advisory_xact_lock_shared")
}


def current(
    session: Session, article_key: str | None, section: str | None, now: datetime | None = None
) -> Setting:
    """The setting in force for an article; for the feature as a whole without one. One query."""
    scopes = [str(scope) for scope in covering(article_key, section)]
    found = select(Switch).where(Switch.scope.in_(scopes)).execution_options(populate_existing=True)
    return in_force(session.scalars(found), now or clock.now())


def require_open(
    session: Session, article_key: str | None, section: str | None, now: datetime | None = None
) -> None:
    """Raises FeatureClosed while any scope that covers the article is closed."""
    setting = current(session, article_key, section, now)
    if not setting.open:
        raise FeatureClosed(setting.public_reason or PAUSED)


def find(session: Session, scope: Scope) -> Switch | None:
    """What one scope is set to; None where it never was."""
    return session.get(Switch, str(scope), populate_existing=True)


def every(session: Session) -> Sequence[Switch]:
    """Every scope that was ever set, the latest change first."""
    return session.scalars(select(Switch).order_by(Switch.changed_at.desc(), Switch.scope)).all()


def closed(session: Session, now: datetime) -> list[Scope]:
    """The scopes that are closed at a time."""
    rows = session.scalars(select(Switch).where(~Switch.open))
    return [Scope.of_text(row.scope) for row in rows if state_at(row, now) == CLOSED]


def hold(session: Session) -> None:
    """Let nobody turn a switch until the transaction ends: what is read stays true for it."""
    _lock(session, "pg_advisory_xact_lock_shared")


def stop_openings(session: Session) -> None:
    """Wait for every checkout that is just being recorded, and let none be until the
    transaction ends: who closes sees them all."""
    _lock(session, "pg_advisory_xact_lock")


def _lock(session: Session, function: str) -> None:
    """On SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCKS[function], {"key": _LOCK})
