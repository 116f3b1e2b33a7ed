"""Rotate encryption keys: what older keys sealed is sealed again with the first one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.contributions.model import Contribution
from service.db import transaction
from service.privacy.model import PrivacyRequest
from service.sealing import CannotUnseal, Sealer

# Every column of sealed texts; each belongs to the row's id.
SEALED: tuple[InstrumentedAttribute[str | None], ...] = (
    Contribution.email_sealed,
    PrivacyRequest.email_sealed,
    PrivacyRequest.changes_sealed,
)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many values were sealed again, how many older ones are left, and how many of those
    cannot be opened by any configured key."""

    resealed: int
    left: int
    unreadable: int


def rotate(session: Session, sealer: Sealer, most: int | None = None) -> Rotated:
    """Seal again what another key than the first one sealed, in transactions of a batch each; at
    most so many values, all without a bound. What cannot be opened is left as it is."""
    resealed = unreadable = 0
    for column in SEALED:
        for batch in _older(session, column, sealer):
            if most is not None and resealed >= most:
                break
            done, failed = _reseal(session, column, batch, sealer)
            resealed, unreadable = resealed + done, unreadable + failed
    return Rotated(resealed, left(session, sealer), unreadable)


def left(session: Session, sealer: Sealer) -> int:
    """How many values wait to be sealed again."""
    counts = (
        select(func.count()).select_from(column.class_).where(_is_older(column, sealer)) for column in SEALED
    )
    return sum(session.scalar(query) or 0 for query in counts)


def sealed_by_known_keys(session: Session, sealer: Sealer) -> list[str]:
    """Every sealed value names a key that is configured; the ids of rows for which it is gone."""
    lost: list[str] = []
    for column in SEALED:
        key = func.substr(column, 1, 8)
        query = select(column.class_.id).where(column.is_not(None), key.not_in(sorted(sealer.known)))
        lost += session.scalars(query)
    return lost


def _is_older(column: InstrumentedAttribute[str | None], sealer: Sealer) -> ColumnElement[bool]:
    return column.is_not(None) & ~column.startswith(f"{sealer.current}.")


def _older(
    session: Session, column: InstrumentedAttribute[str | None], sealer: Sealer
) -> Iterator[list[tuple[str, str]]]:
    """Ids and values in batches, along the ids."""
    last, id_ = "", column.class_.id
    query = select(id_, column).where(_is_older(column, sealer)).order_by(id_).limit(_BATCH)
    while batch := [(found[0], found[1]) for found in session.execute(query.where(id_ > last))]:
        yield batch
        last = batch[-1][0]


def _reseal(
    session: Session, column: InstrumentedAttribute[str | None], batch: list[tuple[str, str]], sealer: Sealer
) -> tuple[int, int]:
    """Seal a batch again; a value that changed meanwhile is left to the next run."""
    values: list[dict[str, Any]] = []
    for owner, old in batch:
        try:
            text = sealer.unseal(old, owner)
        except CannotUnseal:
            continue
        values.append({"owner": owner, "old": old, "new": sealer.seal(text, owner)})
    table = column.class_.__table__
    here = table.c[column.key]
    statement = (
        update(table)
        .where(table.c.id == bindparam("owner"), here == bindparam("old"))
        .values({column.key: bindparam("new")})
    )
    with transaction(session):
        if values:
            session.connection().execute(statement, values)
    return len(values), len(batch) - len(values)
