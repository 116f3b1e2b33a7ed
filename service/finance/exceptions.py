"""What finance must look at: raised by the books, and then reconciled or explained."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service import clock
from service.db import in_parts
from service.errors import N_, NotFound
from service.finance import ledger
from service.finance.model import (
    ExceptionExplanation,
    FinanceException,
    Movement,
    MovementSettlement,
    ProcessorRow,
)
from service.terms import check

KINDS = {
    "duplicate_payment": N_("A contribution was paid more than once"),
    "reversed_more_than_paid": N_("More went back than was paid"),
    "refund_external": N_("Somebody refunded at the processor"),
    "chargeback": N_("A payer's bank took money back"),
    "unapplied_event": N_("An event of the processor could not be applied"),
    "unapplied_fact": N_("What the processor told when it was asked could not be applied"),
    "unapplied_row": N_("A row of the processor's books could not be applied"),
    "payout_failed": N_("A payout came back from the bank"),
    "adjustment": N_("The processor changed our balance by itself"),
    "reconciliation_difference": N_("Our books and the processor's differ in a row"),
}
STATES = {
    "open": N_("to be explained"),
    "explained": N_("explained"),
    "reconciled": N_("both books agree"),
}

# Money that went back: settled once the processor's own books show the same.
_REVERSALS = ("refund_external", "chargeback")
_DIFFERENCE = "reconciliation_difference"
_DIGEST = 12  # of the figures, at the end of a difference's subject


@dataclass(frozen=True, slots=True)
class Seen:
    """An exception and how it stands: open, explained, or reconciled. ``note`` is the last
    explanation."""

    exception: FinanceException
    state: str
    note: ExceptionExplanation | None

    @property
    def subject(self) -> str:
        """What it is about, by the processor's name for it."""
        return _named(self.exception)


def newest(session: Session, limit: int) -> list[Seen]:
    """Exceptions: the open ones first, then the others, newest first."""
    rows = session.scalars(select(FinanceException).order_by(FinanceException.id.desc()).limit(limit))
    last = seen(session, rows.all())
    waiting = unresolved(session, None, limit)
    ids = {one.exception.id for one in waiting}
    return [*waiting, *(one for one in last if one.exception.id not in ids)][:limit]


def unresolved(session: Session, until: date | None, limit: int | None = None) -> list[Seen]:
    """What is neither reconciled nor explained and concerns a day up to ``until``, oldest first."""
    explained = select(ExceptionExplanation.id).where(
        ExceptionExplanation.exception_id == FinanceException.id
    )
    waiting = (~explained.exists(), ~_is_returned())
    query = select(FinanceException).where(*waiting).order_by(FinanceException.id)
    if until is not None:
        query = query.where(FinanceException.concerns_on <= until)
    found = [one for one in seen(session, session.scalars(query).all()) if one.state == "open"]
    return found if limit is None else found[:limit]


def get(session: Session, exception_id: int) -> Seen:
    """One exception. Raises NotFound."""
    found = session.get(FinanceException, exception_id)
    if found is None:
        raise NotFound
    return seen(session, [found])[0]


def explain(session: Session, exception_id: int, note: str, actor: str) -> None:
    """Write down what somebody found out, inside a transaction. Raises NotFound, and
    PaymentDetailsRefused for a note with a card number (clause 5.2)."""
    check.refuse_payment_details({"note": note})
    if session.get(FinanceException, exception_id) is None:
        raise NotFound
    session.add(
        ExceptionExplanation(
            exception_id=exception_id, note=note, explained_by=actor, explained_at=clock.now()
        )
    )
    session.flush()


def resolve(session: Session, kind: str, subject: str, note: str) -> None:
    """What had raised an exception was put right by the service itself, inside a transaction."""
    query = select(FinanceException.id).where(
        FinanceException.kind == kind, FinanceException.subject == subject
    )
    for exception_id in session.scalars(query).all():
        explain(session, exception_id, note, "service")


def raise_difference(
    session: Session, processor: str, ref: str, figures: Mapping[str, Any], made_at: datetime | None
) -> None:
    """Put a row on which the books differ in front of finance, inside a transaction: once for each
    difference, so that what was explained is asked again when other figures differ."""
    told = json.dumps(figures, sort_keys=True, default=str)
    subject = f"{_row_subject(processor, ref)}#{hashlib.sha256(told.encode()).hexdigest()[:_DIGEST]}"
    ledger.raise_exception(session, _DIFFERENCE, subject, None, made_at)
    other = FinanceException.subject != subject
    same_row = FinanceException.subject.startswith(_row_subject(processor, ref) + "#", autoescape=True)
    query = select(FinanceException).where(FinanceException.kind == _DIFFERENCE, same_row, other)
    for one in seen(session, session.scalars(query).all()):
        if one.state == "open":
            explain(session, one.exception.id, "Other figures differ by now.", "service")


def _row_subject(processor: str, ref: str) -> str:
    return f"{processor}:{ref}"[: 99 - _DIGEST]


def _named(row: FinanceException) -> str:
    """A subject without the digest of the figures that a difference carries."""
    if row.kind != _DIFFERENCE or "#" not in row.subject:
        return row.subject
    return row.subject.rpartition("#")[0]


def seen(session: Session, rows: Sequence[FinanceException]) -> list[Seen]:
    """How exceptions stand, in their order."""
    notes = _last_notes(session, [row.id for row in rows])
    agreed = _returned(session, rows) | _agreeing(session, rows)
    return [
        Seen(row, "explained" if row.id in notes else _state(row, agreed), notes.get(row.id)) for row in rows
    ]


def _state(row: FinanceException, agreed: set[int]) -> str:
    return "reconciled" if row.id in agreed else "open"


def _last_notes(session: Session, ids: Iterable[int]) -> dict[int, ExceptionExplanation]:
    notes: dict[int, ExceptionExplanation] = {}
    for part in in_parts(ids):
        query = (
            select(ExceptionExplanation)
            .where(ExceptionExplanation.exception_id.in_(part))
            .order_by(ExceptionExplanation.id)
        )
        notes |= {note.exception_id: note for note in session.scalars(query)}
    return notes


def _is_returned() -> ColumnElement[bool]:
    """A reversal whose movement stands in the processor's books too."""
    named = func.substr(Movement.processor + ":" + Movement.ref, 1, 100)
    return (
        select(MovementSettlement.movement_id)
        .join(Movement, Movement.id == MovementSettlement.movement_id)
        .where(
            Movement.contribution_id == FinanceException.contribution_id,
            Movement.type == FinanceException.kind,
            Movement.type.in_(_REVERSALS),
            named == FinanceException.subject,
        )
        .exists()
    )


def _returned(session: Session, rows: Sequence[FinanceException]) -> set[int]:
    settled = set[int]()
    for part in in_parts([row.id for row in rows if row.kind in _REVERSALS]):
        query = select(FinanceException.id).where(FinanceException.id.in_(part), _is_returned())
        settled |= set(session.scalars(query))
    return settled


def _agreeing(session: Session, rows: Sequence[FinanceException]) -> set[int]:
    """Differences on whose row both books agree by now."""
    wanted = defaultdict[tuple[str, ...], set[int]](set)
    for row in rows:
        if row.kind == _DIFFERENCE:
            wanted[tuple(_named(row).split(":", 1))].add(row.id)
    agreed = set[int]()
    for part in in_parts(wanted):
        refs = {ref for _, ref in part}
        here = _figures(session, MovementSettlement, refs)
        there = _figures(session, ProcessorRow, refs)
        agreed |= {id_ for key in part if key in here and here[key] == there.get(key) for id_ in wanted[key]}
    return agreed


def _figures(
    session: Session, side: type[MovementSettlement | ProcessorRow], refs: set[str]
) -> dict[tuple[str, ...], tuple[object, ...]]:
    """Currency, gross, fee and net of rows, by processor and name."""
    ref: Any = ProcessorRow.ref if side is ProcessorRow else MovementSettlement.balance_ref
    sums = (func.sum(amount) for amount in (side.gross_minor, side.fee_minor, side.net_minor))
    query = (
        select(side.processor, ref, func.min(side.currency), *sums)
        .where(ref.in_(refs))
        .group_by(side.processor, ref)
    )
    return {(processor, found): tuple(figures) for processor, found, *figures in session.execute(query)}


def words_of(kind: str) -> str:
    """What an exception is about, for people; a message id of the catalogue."""
    return KINDS.get(kind, kind)
