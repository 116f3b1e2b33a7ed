"""What must hold for contributions; each returns the ids that break it."""

from sqlalchemy import Case, case, func, literal, or_, select
from sqlalchemy.orm import Session

from service.contributions import queries
from service.contributions.model import Attempt, Contribution, Message, PaymentFact
from service.contributions.states import FactKind, MessageState, status_of
from service.finance.model import Movement
from service.money import exponent

_MOVEMENT_OF_FACT = {
    FactKind.SUCCEEDED: "contribution",
    FactKind.REFUNDED: "refund_external",
    FactKind.REFUND_FAILED: "refund_failed",
    FactKind.DISPUTE_OPENED: "chargeback",
    FactKind.DISPUTE_WON: "chargeback_reversed",
}


def movements_are_the_facts(session: Session) -> list[str]:
    """For each kind of money fact, a contribution has as many movements as facts."""
    broken: list[str] = []
    for kind, type_ in _MOVEMENT_OF_FACT.items():
        facts = (
            select(func.count())
            .where(PaymentFact.contribution_id == Contribution.id, PaymentFact.kind == kind)
            .correlate(Contribution)
            .scalar_subquery()
        )
        movements = (
            select(func.count())
            .where(Movement.contribution_id == Contribution.id, Movement.type == type_)
            .correlate(Contribution)
            .scalar_subquery()
        )
        broken += session.scalars(select(Contribution.id).where(facts != movements))
    return broken


def status_follows_facts(session: Session) -> list[str]:
    """The stored status is what the facts amount to: no late word hid an earlier one."""
    broken = []
    rows = session.scalars(select(Contribution).execution_options(yield_per=500))
    for contribution in rows:
        facts = queries.known_facts(session, contribution.id)
        if contribution.status != status_of(queries.attempt_states(contribution), facts):
            broken.append(contribution.id)
    return broken


def reversals_within_payment(session: Session) -> list[str]:
    """What went back through refunds never exceeds what was paid."""
    signed = (
        select(PaymentFact.contribution_id)
        .group_by(PaymentFact.contribution_id)
        .having(
            func.sum(_amount_of(FactKind.REFUNDED)) - func.sum(_amount_of(FactKind.REFUND_FAILED))
            > func.sum(_amount_of(FactKind.SUCCEEDED))
        )
    )
    return list(session.scalars(signed))


def _amount_of(kind: FactKind) -> Case[int]:
    return case((PaymentFact.kind == kind, PaymentFact.amount_minor), else_=literal(0))


def public_is_paid(session: Session) -> list[str]:
    """A published message was paid for and says when it was published."""
    query = (
        select(Message.id)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(
            Message.state == MessageState.PUBLISHED,
            or_(Contribution.paid_at.is_(None), Message.published_at.is_(None)),
        )
    )
    return list(session.scalars(query))


def queued_is_paid(session: Session) -> list[str]:
    """No message left `held` without a payment, none stayed `held` after one."""
    paid = Contribution.paid_at.is_not(None)
    query = (
        select(Message.id)
        .join(Contribution, Contribution.id == Message.contribution_id)
        .where(
            or_(
                (Message.state == MessageState.HELD) & queries.keeps_payment(),
                Message.state.in_([MessageState.PENDING, MessageState.PUBLISHED]) & ~paid,
            )
        )
    )
    return list(session.scalars(query))


def amounts_are_whole(session: Session) -> list[str]:
    """Readers give whole rupiah."""
    query = select(Contribution.id).where(
        Contribution.currency == "IDR", Contribution.amount_minor % 10 ** exponent("IDR") != 0
    )
    return list(session.scalars(query))


def every_contribution_has_an_attempt(session: Session) -> list[str]:
    """A contribution is stored together with its first attempt."""
    query = (
        select(Contribution.id)
        .outerjoin(Attempt, Attempt.contribution_id == Contribution.id)
        .where(Attempt.id.is_(None))
    )
    return list(session.scalars(query))


INVARIANTS = (
    movements_are_the_facts,
    status_follows_facts,
    reversals_within_payment,
    public_is_paid,
    queued_is_paid,
    amounts_are_whole,
    every_contribution_has_an_attempt,
)
