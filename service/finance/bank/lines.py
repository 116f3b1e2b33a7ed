"""Keep bank lines, once each, and match them to payouts: by amount, date and name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import clock
from service.db import in_parts, insert_new
from service.errors import N_, NotFound, ValidationFailed
from service.finance.bank.statement import StatementLine
from service.finance.model import BankLine, Payout

# How long before or after the announced arrival a bank may book a payout.
_EARLY, _LATE = timedelta(days=2), timedelta(days=7)
BY_ITSELF = "service"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: lines in the file, new ones, and matches made."""

    lines: int
    new: int
    matched: int


def take_in(session: Session, lines: Sequence[StatementLine], actor: str) -> Imported:
    """Keep the lines that are new, inside a transaction, and match what can be matched."""
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
    """Match free lines to payouts that have none, inside a transaction; how many were found.

    The amount must be the same to the sen. A line that names the payout goes first; otherwise
    the only candidate by date is taken, and where there are several the oldest ones pair up.
    """
    taken = select(BankLine.payout_id).where(BankLine.payout_id.is_not(None))
    payouts = session.scalars(
        select(Payout).where(Payout.id.not_in(taken)).order_by(Payout.arrival, Payout.id)
    ).all()
    free = session.scalars(
        select(BankLine).where(BankLine.payout_id.is_(None)).order_by(BankLine.booked_on, BankLine.id)
    ).all()
    found = 0
    for named in (True, False):
        for payout in payouts:
            line = next((line for line in free if _fits(line, payout, named)), None)
            if line is not None:
                line.payout_id, line.matched_by = payout.id, BY_ITSELF
                found += 1
        payouts = [payout for payout in payouts if not any(line.payout_id == payout.id for line in free)]
    session.flush()
    return found


def _fits(line: BankLine, payout: Payout, named: bool) -> bool:
    same = (line.currency, line.amount_minor) == (payout.currency, payout.amount_minor)
    in_time = payout.arrival - _EARLY <= line.booked_on <= payout.arrival + _LATE
    named_here = payout.ref.casefold() in line.description.casefold()
    return line.payout_id is None and same and (named_here if named else in_time)


def assign(session: Session, line_id: int, payout_ref: str | None, actor: str) -> BankLine:
    """Say by hand which payout a line is (None: none), inside a transaction; the amounts may
    differ, which is then named. Raises NotFound, and ValidationFailed for a payout that has
    another line."""
    line = session.get(BankLine, line_id)
    if line is None:
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
