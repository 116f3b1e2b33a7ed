"""Movements as a beancount file: plain-text double entry that other tools can check.

Each movement is a transaction of its two postings; an exchange into the settlement currency
is one of its own, dated when it was known. Order and bytes depend on the books alone.
"""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from service.finance.export import Period
from service.finance.model import Movement, MovementSequence, Posting
from service.money import Money

_ROWS_AT_A_TIME = 1000
_OPENED = date(1970, 1, 1)

Entry = Row[int, str, date, str, int, Movement]


def as_beancount(session: Session, period: Period, title: str) -> Iterator[bytes]:
    """The numbered movements that were booked in a period, and the exchanges of that period."""
    yield _head(session, period, title).encode()
    for entry in ("movement", "exchange"):
        rows = session.execute(_postings(period, entry))
        for _, group in groupby(rows, key=lambda row: row[0]):
            yield _transaction(list(group), entry).encode()


def _head(session: Session, period: Period, title: str) -> str:
    accounts = session.scalars(
        select(Posting.account)
        .where(Posting.booked_on.between(period.first, period.last))
        .distinct()
        .order_by(Posting.account)
    )
    opened = "".join(f"{_OPENED} open {account}\n" for account in accounts)
    return f'option "title" "{_quoted(title)}"\noption "operating_currency" "IDR"\n\n{opened}'


def _postings(period: Period, entry: str) -> Select[int, str, date, str, int, Movement]:
    return (
        select(
            MovementSequence.sequence,
            Posting.account,
            Posting.booked_on,
            Posting.currency,
            Posting.amount_minor,
            Movement,
        )
        .join(Movement, Movement.id == Posting.movement_id)
        .join(MovementSequence, MovementSequence.movement_id == Movement.id)
        .where(Posting.entry == entry, Posting.booked_on.between(period.first, period.last))
        .order_by(MovementSequence.sequence, Posting.id)
        .execution_options(yield_per=_ROWS_AT_A_TIME)
    )


def _transaction(rows: list[Entry], entry: str) -> str:
    sequence, _, booked_on, _, _, movement = rows[0]
    what = movement.type if entry == "movement" else f"{movement.type}, exchange"
    lines = [
        f'\n{booked_on} * "{_quoted(movement.processor)}" "{what}"',
        f"  sequence: {sequence}",
        f'  movement: "{movement.id}"',
    ]
    for name, value in (("reference", movement.reference), ("payment", movement.payment_ref)):
        if value is not None:
            lines.append(f'  {name}: "{_quoted(value)}"')
    for _, account, _, currency, minor, _ in rows:
        lines.append(f"  {account}  {Money(minor, currency).export_text()} {currency}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
