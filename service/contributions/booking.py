"""Book what a payment's facts moved: one movement for each fact, its fee as another."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.contributions.model import Attempt, Contribution, PaymentFact
from service.contributions.states import FactKind
from service.finance import ledger, postings
from service.finance.ledger import Source
from service.finance.model import Movement
from service.money import Money
from service.processors.base import (
    BalanceRow,
    DisputeReinstated,
    DisputeWithdrawn,
    MoneyMoved,
    PaymentDenied,
    PaymentHappening,
    PaymentSettled,
    PaymentSucceeded,
    RefundedOutside,
    RefundFailed,
)


class PaymentUnknown(Exception):
    """Money moved for a payment that is not booked yet; that has to come first."""


@dataclass(frozen=True, slots=True)
class Case:
    """What applying one happening works with."""

    session: Session
    processor: str
    contribution: Contribution
    attempt: Attempt

    @property
    def source(self) -> Source:
        contribution = self.contribution
        return Source(
            contribution_id=contribution.id,
            reference=contribution.reference,
            article_url=contribution.article_key,
            article_section=contribution.article_section,
            terms_version=self.attempt.terms_version,
            given_at=contribution.created_at,
            paid_at=contribution.paid_at,
        )


def book(case: Case, told: PaymentHappening) -> bool:
    """Book what a happening moved, inside the caller's transaction; True when something of
    it was new. Facts that move no money book nothing. Raises PaymentUnknown."""
    if isinstance(told, PaymentSucceeded):
        draft = postings.contribution(told, case.processor)
        ledger.book(case.session, case.processor, draft, replace(case.source, paid_at=told.at))
        _reverse_denied(case, told.payment_ref)
        return True
    if isinstance(told, PaymentDenied):
        return _reverse_denied(case, told.payment_ref, told.row)
    if not isinstance(told, MoneyMoved):
        return False
    parent = ledger.find_contribution_movement(case.session, case.processor, told.payment_ref)
    if parent is None:
        raise PaymentUnknown
    if isinstance(told, PaymentSettled):
        return _settle(case, told, parent)
    return _book_exception(case, told, parent)


def _reverse_denied(case: Case, payment_ref: str, row: BalanceRow | None = None) -> bool:
    """A payment that is both there and denied, in whatever order that became known, went
    back in whole."""
    denied = case.session.scalar(
        select(PaymentFact).where(
            PaymentFact.processor == case.processor,
            PaymentFact.kind == FactKind.DENIED,
            PaymentFact.ref == payment_ref,
        )
    )
    parent = ledger.find_contribution_movement(case.session, case.processor, payment_ref)
    if denied is None or parent is None:
        return False
    told = RefundedOutside(
        attempt_id=denied.attempt_id,
        ref=f"denied-{payment_ref}"[:100],
        at=denied.occurred_at,
        payment_ref=payment_ref,
        amount=Money(parent.gross_minor, parent.currency),
        row=row,
        live=parent.live,
    )
    return _book_exception(case, told, parent)


def _settle(case: Case, told: PaymentSettled, parent: Movement) -> bool:
    if told.row is None:
        return False
    row = postings.settled_gross(told.row)
    new = ledger.settle(case.session, parent, row, told.charge_ref, told.method)
    _book_fee(case, told, parent)
    return new


def _book_exception(case: Case, told: MoneyMoved, parent: Movement) -> bool:
    draft = _draft(case.processor, told)
    source = replace(case.source, paid_at=parent.paid_at)
    movement = ledger.book(case.session, case.processor, draft, source, parent)
    if isinstance(told, RefundedOutside | DisputeWithdrawn):
        subject = f"{case.processor}:{told.ref}"[:100]
        ledger.raise_exception(case.session, draft.type, subject, case.contribution.id, told.at)
    if told.row is None:
        return False
    new = ledger.settle(case.session, movement, postings.settled_gross(told.row))
    _book_fee(case, told, parent)
    return new


def _draft(processor: str, told: MoneyMoved) -> postings.Draft:
    match told:
        case RefundedOutside():
            return postings.refund_external(told, processor)
        case RefundFailed():
            return postings.refund_failed(told, processor)
        case DisputeWithdrawn():
            return postings.chargeback(told, processor)
        case DisputeReinstated():
            return postings.chargeback_reversed(told, processor)
    raise TypeError(type(told).__name__)


def _book_fee(case: Case, told: MoneyMoved, parent: Movement) -> None:
    if told.row is not None and told.row.fee.minor:
        draft = postings.fee(told, told.row, case.processor)
        source = replace(case.source, paid_at=parent.paid_at)
        ledger.book(case.session, case.processor, draft, source, parent)
