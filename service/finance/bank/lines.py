"""Keep bank lines, once each, and match them to payouts: by amount, date and name."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service import clock
from service.db import in_parts, insert_new
from service.errors import N_, NotFound, ValidationFailed
from service.finance.bank.statement import StatementLine
from service.finance.ledger import lock_balance
from service.finance.model import BankLine, Movement, Payout
from service.plain_text import is_storable

# How long before or after the announced arrival a bank may book a payout.
_EARLY, _LATE = timedelta(days=2), timedelta(days=7)
BY_ITSELF = "service"
_BANK = "bank lines"  # one at a time takes them in or matches them


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: lines in the file, new ones, and matches made."""

    lines: int
    new: int
    matched: int


def take_in(session: Session, lines: Sequence[StatementLine], actor: str) -> Imported:
    """Keep the lines that are new, inside a transaction, and match what can be matched."""
    lock_balance(session, _BANK)
    hashes = [line.hash for line in lines]
    known = _count(session, hashes)
    insert_new(
        session,
        BankLine,
        [
            {
                "hash": line.hash,
                "booked_on": line.booked_on,
                "currency": line.amount.currency,
                "amount_minor": line.amount.minor,
                "description": line.description,
                "imported_at": clock.now(),
                "imported_by": actor,
            }
            for line in lines
        ],
    )
    return Imported(len(lines), _count(session, hashes) - known, match_all(session))


def _count(session: Session, hashes: Sequence[str]) -> int:
    return sum(
        session.scalar(select(func.count()).where(BankLine.hash.in_(part))) or 0 for part in in_parts(hashes)
    )


def match_all(session: Session) -> int:
    """Match free lines to payouts that have none and did not fail, inside a transaction; how
    many were found.

    The amount must be the same to the sen. A line that names the payout goes first; otherwise
    the first one of about the right day, oldest payout first.
    """
    payouts = _without_line(session)
    free = _free_lines(session, {(payout.currency, payout.amount_minor) for payout in payouts})
    found = 0
    for fits in (_names, _in_time):
        for payout in payouts:
            lines = free[payout.currency, payout.amount_minor]
            line = next((line for line in lines if fits(line, payout)), None)
            if line is not None:
                line.payout_id, line.matched_by = payout.id, BY_ITSELF
                lines.remove(line)
                found += 1
        payouts = _without_line(session)
    return found


def _without_line(session: Session) -> Sequence[Payout]:
    session.flush()
    has_line = select(BankLine.id).where(BankLine.payout_id == Payout.id).exists()
    query = select(Payout).where(~has_line, ~has_failed()).order_by(Payout.arrival, Payout.id)
    return session.scalars(query).all()


def has_failed() -> ColumnElement[bool]:
    """Whether a payout came back, as a condition."""
    return (
        select(Movement.id)
        .where(
            Movement.processor == Payout.processor,
            Movement.type == "payout_failed",
            Movement.ref == Payout.ref,
        )
        .exists()
    )


def _free_lines(
    session: Session, amounts: Collection[tuple[str, int]]
) -> defaultdict[tuple[str, int], list[BankLine]]:
    """Lines without a payout, of these amounts only, oldest first."""
    free: defaultdict[tuple[str, int], list[BankLine]] = defaultdict(list)
    for part in in_parts({minor for _, minor in amounts}):
        query = select(BankLine).where(BankLine.payout_id.is_(None), BankLine.amount_minor.in_(part))
        for line in session.scalars(query.order_by(BankLine.booked_on, BankLine.id)):
            free[line.currency, line.amount_minor].append(line)
    return free


def _names(line: BankLine, payout: Payout) -> bool:
    return payout.ref.casefold() in line.description.casefold()


def _in_time(line: BankLine, payout: Payout) -> bool:
    return payout.arrival - _EARLY <= line.booked_on <= payout.arrival + _LATE


def assign(session: Session, line_id: int, payout_ref: str | None, actor: str) -> BankLine:
    """Say by hand which payout a line is (None: none), inside a transaction; the amounts may
    differ, which is then named. Raises NotFound, and ValidationFailed for a payout that has
    another line."""
    lock_balance(session, _BANK)
    line = session.get(BankLine, line_id)
    if line is None or not is_storable(payout_ref or ""):
        raise NotFound
    line.payout_id = line.matched_by = None
    session.flush()
    if payout_ref is not None:
        payout = session.scalars(select(Payout).where(Payout.ref == payout_ref)).first()
        if payout is None:
            raise NotFound
        if session.scalar(select(BankLine.id).where(BankLine.payout_id == payout.id)) is not None:
            raise ValidationFailed({"payout": ("taken", N_("Another bank line belongs to this payout."))})
        line.payout_id, line.matched_by = payout.id, actor
    session.flush()
    return line


def newest(session: Session, limit: int) -> list[tuple[BankLine, Payout | None]]:
    """Bank lines with their payout: those without one first, then the newest."""
    query = (
        select(BankLine, Payout)
        .outerjoin(Payout, Payout.id == BankLine.payout_id)
        .order_by(BankLine.payout_id.is_not(None), BankLine.booked_on.desc(), BankLine.id.desc())
        .limit(limit)
    )
    return [(line, payout) for line, payout in session.execute(query)]
