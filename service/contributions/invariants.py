"""What must hold for contributions; each returns the ids that break it."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Case, ColumnElement, Exists, Select, bindparam, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from service.contributions import queries, receipts
from service.contributions.model import Attempt, Contribution, Message, PaymentFact
from service.contributions.states import FactKind, KnownFact, MessageState, status_of
from service.finance.model import FinanceException, Movement, MovementSettlement
from service.money import exponent
from service.outbox.model import OutboxRow
from service.outbox.put import MAIL

_MOVEMENT_OF_FACT = {
    FactKind.SUCCEEDED: "contribution",
    FactKind.REFUNDED: "refund_external",
    FactKind.REFUND_FAILED: "refund_failed",
    FactKind.DISPUTE_WITHDRAWN: "chargeback",
    FactKind.DISPUTE_REINSTATED: "chargeback_reversed",
}
_AT_A_TIME = 500


def facts_are_booked(session: Session) -> list[str]:
    """Every money fact has its movement, by its own name and amount."""
    return [ref for query in _unbooked_facts() for ref in session.scalars(query)]


@cache
def _unbooked_facts() -> list[Select[str]]:
    return [
        select(PaymentFact.ref)
        .outerjoin(
            Movement,
            (Movement.processor == PaymentFact.processor)
            & (Movement.type == type_)
            & (Movement.ref == PaymentFact.ref),
        )
        .where(
            PaymentFact.kind == kind,
            or_(Movement.id.is_(None), func.abs(Movement.gross_minor) != PaymentFact.amount_minor),
        )
        for kind, type_ in _MOVEMENT_OF_FACT.items()
    ]


def movements_have_facts(session: Session) -> list[str]:
    """No movement of a payment stands for anything but a fact of that contribution. A payment
    that was denied after it was there went back, and is named so."""
    return [id_ for query in _unfounded_movements() for id_ in session.scalars(query)]


@cache
def _unfounded_movements() -> list[Select[str]]:
    queries_ = []
    for kind, type_ in _MOVEMENT_OF_FACT.items():
        told = PaymentFact.contribution_id == Movement.contribution_id
        query = select(Movement.id).where(
            Movement.type == type_, ~_a_fact(kind, PaymentFact.ref == Movement.ref, told)
        )
        if kind == FactKind.REFUNDED:
            denied = _a_fact(FactKind.DENIED, PaymentFact.ref == Movement.payment_ref)
            query = query.where(~(Movement.ref.startswith("denied-") & denied))
        queries_.append(query)
    return queries_


def _a_fact(kind: FactKind, *which: ColumnElement[bool]) -> Exists:
    """There is a fact of this kind at the movement's processor."""
    same = PaymentFact.processor == Movement.processor
    return select(PaymentFact.id).where(same, PaymentFact.kind == kind, *which).exists()


def denied_payments_went_back(session: Session) -> list[str]:
    """A payment that is known both as there and as denied is reversed in the books."""
    return list(session.scalars(_denied_payments_went_back()))


@cache
def _denied_payments_went_back() -> Select[str]:
    denied, paid = aliased(PaymentFact), aliased(PaymentFact)
    return (
        select(denied.ref)
        .join(
            paid,
            (paid.processor == denied.processor)
            & (paid.ref == denied.ref)
            & (paid.kind == FactKind.SUCCEEDED),
        )
        .outerjoin(
            Movement,
            (Movement.processor == denied.processor)
            & (Movement.type == "refund_external")
            & (Movement.payment_ref == denied.ref)
            & (Movement.ref == literal("denied-").concat(denied.ref)),
        )
        .where(denied.kind == FactKind.DENIED, Movement.id.is_(None))
    )


def fees_are_the_facts(session: Session) -> list[str]:
    """Every settled payment has its row of the processor's books, and its fee as a movement
    exactly where there is one."""
    return list(session.scalars(_fees_are_the_facts()))


@cache
def _fees_are_the_facts() -> Select[str]:
    fee = aliased(Movement)
    return (
        select(PaymentFact.ref)
        .outerjoin(
            fee,
            (fee.processor == PaymentFact.processor) & (fee.type == "fee") & (fee.ref == PaymentFact.ref),
        )
        .outerjoin(
            MovementSettlement,
            (MovementSettlement.processor == PaymentFact.processor)
            & (MovementSettlement.balance_ref == PaymentFact.ref)
            & (MovementSettlement.fee_minor == 0),
        )
        .where(
            PaymentFact.kind == FactKind.SETTLED,
            or_(
                MovementSettlement.movement_id.is_(None),
                func.coalesce(fee.fee_minor, 0) != PaymentFact.fee_minor,
            ),
        )
    )


def status_follows_facts(session: Session) -> list[str]:
    """The stored status is what the facts amount to: no late word hid an earlier one."""
    broken: list[str] = []
    last = ""
    while batch := _contributions_after(session, last):
        ids = [contribution.id for contribution in batch]
        facts: defaultdict[str, list[KnownFact]] = defaultdict(list)
        for row in session.execute(_FACTS, {"ids": ids}):
            facts[row[0]].append(KnownFact(row[1], FactKind(row[2]), row[3], row[4]))
        for contribution in batch:
            attempts = queries.attempt_states(contribution)
            if contribution.status != status_of(attempts, facts[contribution.id]):
                broken.append(contribution.id)
        last = ids[-1]
        session.expunge_all()
    return broken


_FACTS = select(
    PaymentFact.contribution_id,
    PaymentFact.attempt_id,
    PaymentFact.kind,
    PaymentFact.ref,
    PaymentFact.amount_minor,
).where(PaymentFact.contribution_id.in_(bindparam("ids", expanding=True)))
_AFTER = (
    select(Contribution)
    .where(Contribution.id > bindparam("last"))
    .order_by(Contribution.id)
    .limit(_AT_A_TIME)
    .options(selectinload(Contribution.attempts))
)


def _contributions_after(session: Session, last: str) -> Sequence[Contribution]:
    return session.scalars(_AFTER, {"last": last}).all()


def reversals_within_payment(session: Session) -> list[str]:
    """What went back never exceeds what was paid, unless finance was told."""
    return list(session.scalars(_reversals_within_payment()))


@cache
def _reversals_within_payment() -> Select[str]:
    told = select(FinanceException.contribution_id).where(
        FinanceException.kind == "reversed_more_than_paid", FinanceException.contribution_id.is_not(None)
    )
    return (
        select(PaymentFact.contribution_id)
        .where(PaymentFact.contribution_id.not_in(told))
        .group_by(PaymentFact.contribution_id)
        .having(
            func.sum(_amount_of(FactKind.REFUNDED))
            - func.sum(_amount_of(FactKind.REFUND_FAILED))
            + func.sum(_amount_of(FactKind.DISPUTE_WITHDRAWN))
            - func.sum(_amount_of(FactKind.DISPUTE_REINSTATED))
            > func.sum(_amount_of(FactKind.SUCCEEDED))
        )
    )


def _amount_of(kind: FactKind) -> Case[int]:
    return case((PaymentFact.kind == kind, PaymentFact.amount_minor), else_=literal(0))


def public_is_paid(session: Session) -> list[str]:
    """A published message was paid for and says when it was published."""
    return list(session.scalars(_public_is_paid()))


@cache
def _public_is_paid() -> Select[str]:
    return (
        select(Message.id)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(
            Message.state == MessageState.PUBLISHED,
            or_(Contribution.paid_at.is_(None), Message.published_at.is_(None)),
        )
    )


def queued_is_paid(session: Session) -> list[str]:
    """No message left `held` without a payment, none stayed `held` after one."""
    return list(session.scalars(_queued_is_paid()))


@cache
def _queued_is_paid() -> Select[str]:
    paid = Contribution.paid_at.is_not(None)
    return (
        select(Message.id)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(
            or_(
                (Message.state == MessageState.HELD) & queries.keeps_payment(),
                Message.state.in_([MessageState.PENDING, MessageState.PUBLISHED]) & ~paid,
            )
        )
    )


def amounts_are_whole(session: Session) -> list[str]:
    """Readers give whole rupiah."""
    query = select(Contribution.id).where(
        Contribution.currency == "IDR", Contribution.amount_minor % 10 ** exponent("IDR") != 0
    )
    return list(session.scalars(query))


def every_contribution_has_an_attempt(session: Session) -> list[str]:
    """A contribution is stored together with its first attempt."""
    return list(session.scalars(_every_contribution_has_an_attempt()))


@cache
def _every_contribution_has_an_attempt() -> Select[str]:
    return (
        select(Contribution.id)
        .outerjoin(Attempt, Attempt.contribution_id == Contribution.id)
        .where(Attempt.id.is_(None))
    )


def payments_are_what_was_asked(session: Session) -> list[str]:
    """What was paid is what the contribution says, to the sen."""
    return list(session.scalars(_other_amounts()))


@cache
def _other_amounts() -> Select[str]:
    return (
        select(PaymentFact.ref)
        .join(Contribution, Contribution.id == PaymentFact.contribution_id)
        .where(
            PaymentFact.kind == FactKind.SUCCEEDED,
            PaymentFact.amount_minor != Contribution.amount_minor,
        )
    )


def receipts_follow_payments(session: Session) -> list[str]:
    """No receipt is put down but for a contribution that was paid, and one at most for each."""
    return list(session.scalars(_unfounded_receipts()))


@cache
def _unfounded_receipts() -> Select[str]:
    occasion = f"{receipts.LETTER}:"
    return (
        select(OutboxRow.subject)
        .outerjoin(Contribution, Contribution.id == func.substr(OutboxRow.subject, len(occasion) + 1))
        .where(OutboxRow.kind == MAIL, OutboxRow.subject.startswith(occasion), Contribution.paid_at.is_(None))
    )


INVARIANTS = (
    payments_are_what_was_asked,
    facts_are_booked,
    movements_have_facts,
    denied_payments_went_back,
    fees_are_the_facts,
    status_follows_facts,
    reversals_within_payment,
    public_is_paid,
    queued_is_paid,
    amounts_are_whole,
    every_contribution_has_an_attempt,
    receipts_follow_payments,
)
