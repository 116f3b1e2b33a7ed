"""Movements as a beancount file: plain-text double entry that other tools can check.

Each movement is a transaction of its two postings; an exchange into the settlement currency
is one of its own, dated when it was known. Order and bytes depend on the books alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from service.finance.exports.rows import StandingSource, movements
from service.finance.exports.selection import Period, Selection
from service.finance.model import Movement, MovementSequence, Posting
from service.money import Money

_ROWS_AT_A_TIME = 2000
_CHUNK = 256 * 1024  # characters
_OPENED = date(1970, 1, 1)


def as_beancount(
    session: Session, selection: Selection, standing: StandingSource
) -> Iterator[tuple[bytes, int]]:
    """The numbered movements that were booked in a period, and the exchanges of that period; in
    chunks, each with how many movements it holds."""
    which = [Posting.booked_on.between(selection.period.first, selection.period.last)]
    if selection.filters:
        # An exchange may be dated long after its movement.
        chosen = movements(
            session, replace(selection, period=Period(_OPENED, selection.period.last)), standing
        )
        which.append(Posting.movement_id.in_(select(chosen.c.movement_id)))
    yield _head(session, which).encode(), 0
    for entry in ("movement", "exchange"):
        with closing(session.execute(_postings(which, entry))) as rows:
            part, size = list[str](), 0
            for _, group in groupby(rows, key=lambda row: row[0]):
                part.append(_transaction(list(group), entry))
                size += len(part[-1])
                if size >= _CHUNK:
                    yield "".join(part).encode(), len(part) if entry == "movement" else 0
                    part, size = [], 0
            yield "".join(part).encode(), len(part) if entry == "movement" else 0


def _head(session: Session, which: Sequence[ColumnElement[bool]]) -> str:
    numbered = Posting.movement_id == MovementSequence.movement_id
    accounts = session.scalars(
        select(Posting.account)
        .join(MovementSequence, numbered)
        .where(*which)
        .distinct()
        .order_by(Posting.account)
    )
    opened = "".join(f"{_OPENED} open {account}\n" for account in accounts)
    return f'option "title" "Apresiasi Spesial"\noption "operating_currency" "IDR"\n\n{opened}'


def _postings(which: Sequence[ColumnElement[bool]], entry: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            MovementSequence.sequence,
            Posting.account,
            Posting.booked_on,
            Posting.currency,
            Posting.amount_minor,
            Movement.id,
            Movement.processor,
            Movement.type,
            Movement.reference,
            Movement.payment_ref,
        )
        .join(Movement, Movement.id == Posting.movement_id)
        .join(MovementSequence, MovementSequence.movement_id == Movement.id)
        .where(Posting.entry == entry, *which)
        .order_by(MovementSequence.sequence, Posting.id)
        .execution_options(yield_per=_ROWS_AT_A_TIME)
    )


def _transaction(rows: Sequence[Any], entry: str) -> str:
    sequence, _, booked_on, _, _, movement_id, processor, kind, reference, payment_ref = rows[0]
    what = kind if entry == "movement" else f"{kind}, exchange"
    lines = [
        f'\n{booked_on} * "{_quoted(processor)}" "{what}"',
        f"  sequence: {sequence}",
        f'  movement: "{movement_id}"',
    ]
    for name, value in (("reference", reference), ("payment", payment_ref)):
        if value is not None:
            lines.append(f'  {name}: "{_quoted(value)}"')
    for _, account, _, currency, minor, *_ in rows:
        lines.append(f"  {account}  {Money(minor, currency).export_text()} {currency}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
