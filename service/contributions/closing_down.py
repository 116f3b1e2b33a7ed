"""What a closing does to checkouts that are open (clause 4.3): each is put down to be expired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.contributions.model import Attempt, Contribution, PaymentFact
from service.contributions.states import FactKind, Status
from service.controls import switches
from service.controls.scopes import Scope
from service.outbox.model import OutboxRow
from service.outbox.put import put, put_many

EXPIRE_CHECKOUT = "expire_checkout"  # its subject is the attempt's id
CLOSE_SCOPE = "close_scope"  # a scheduled closing begins; its data names the scope
_LONGEST_CHECKOUT = timedelta(days=1)  # what was put down before that ended before
_PAYABLE = (str(Status.AWAITING_PAYMENT), str(Status.PROCESSING))


@dataclass(frozen=True, slots=True)
class Counts:
    """Checkouts of a scope: open now; expired by its latest closing; paid in spite of it."""

    open_checkouts: int
    expired: int
    paid_late: int


def expire_open(session: Session, scope: Scope) -> None:
    """Put down every open checkout of a scope to be expired, inside the transaction that closes
    it. One that is just being opened is caught by `expire_if_closed`."""
    found = (
        _attempts(Attempt.id).where(_is_open(), _in(scope)).order_by(Attempt.expires_at.desc(), Attempt.id)
    )
    put_many(session, EXPIRE_CHECKOUT, session.scalars(found))


def expire_if_closed(session: Session, contribution: Contribution, attempt_id: str) -> None:
    """A checkout that opened while its scope was closed is expired as well. Call inside the
    transaction that records it."""
    switches.hold(session)
    setting = switches.current(session, contribution.article_key, contribution.article_section)
    if not setting.open:
        put(session, EXPIRE_CHECKOUT, attempt_id)


def forgotten(session: Session, scope: Scope) -> Sequence[str]:
    """The open checkouts of a scope that nobody put down to be expired, as their attempts."""
    put_down = select(OutboxRow.id).where(OutboxRow.kind == EXPIRE_CHECKOUT, OutboxRow.subject == Attempt.id)
    return session.scalars(_attempts(Attempt.id).where(_is_open(), _in(scope), ~put_down.exists())).all()


def count(session: Session, scope: Scope, closing: tuple[datetime, datetime | None] | None) -> Counts:
    """How a scope's checkouts stand, and what its latest ``closing``, by beginning and end, did: to
    those that were put down in its time, and those that ended in it, whoever had put them down."""
    open_now = session.scalar(_attempts(func.count()).where(_is_open(), _in(scope))) or 0
    if closing is None:
        return Counts(open_now, 0, 0)
    ended = _attempts(Attempt.state, func.count()).join(OutboxRow, OutboxRow.subject == Attempt.id)
    of_it = and_(
        _within(OutboxRow.created_at, (closing[0] - _LONGEST_CHECKOUT, closing[1])),
        or_(_within(OutboxRow.created_at, closing), _ended_within(closing)),
    )
    ended = ended.where(OutboxRow.kind == EXPIRE_CHECKOUT, of_it, _in(scope))
    by_state: dict[str, int] = dict(session.execute(ended.group_by(Attempt.state)).all())
    return Counts(open_now, by_state.get(Status.EXPIRED, 0), by_state.get(Status.PAID, 0))


def _within(
    at: InstrumentedAttribute[datetime], closing: tuple[datetime, datetime | None]
) -> ColumnElement[bool]:
    began, ended = closing
    return at >= began if ended is None else and_(at >= began, at < ended)


def _ended_within(closing: tuple[datetime, datetime | None]) -> ColumnElement[bool]:
    ends = PaymentFact.kind.in_([FactKind.EXPIRED, FactKind.SUCCEEDED])
    known = _within(PaymentFact.recorded_at, closing)
    its = (PaymentFact.contribution_id == Attempt.contribution_id, PaymentFact.attempt_id == Attempt.id)
    return select(PaymentFact.id).where(*its, ends, known).exists()


def _attempts(*columns: Any) -> Select[Any]:
    return (
        select(*columns).select_from(Attempt).join(Contribution, Contribution.id == Attempt.contribution_id)
    )


def _is_open() -> ColumnElement[bool]:
    return Attempt.state.in_(_PAYABLE) & Attempt.checkout_ref.is_not(None)


def _in(scope: Scope) -> ColumnElement[bool]:
    if scope.kind == "article":
        return Contribution.article_key == scope.name
    if scope.kind == "section":
        return Contribution.article_section == scope.name
    return true()
