"""What is known of a contribution's payment: attempts, facts, disputes, the processor's events."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.contributions.model import Contribution, PaymentFact
from service.contributions.states import FactKind
from service.money import Money
from service.webhooks.model import ReceivedEvent

_ENDS = {FactKind.DISPUTE_WON: "won", FactKind.DISPUTE_LOST: "lost"}


def facts_of(session: Session, contribution_id: str) -> Sequence[PaymentFact]:
    """Every fact, in the order in which they became known."""
    query = select(PaymentFact).where(PaymentFact.contribution_id == contribution_id)
    return session.scalars(query.order_by(PaymentFact.id)).all()


def attempts(contribution: Contribution) -> list[dict[str, Any]]:
    """Each checkout."""
    return [
        {
            "number": attempt.number,
            "id": attempt.id,
            "processor": attempt.processor,
            "state": attempt.state,
            "checkout_ref": attempt.checkout_ref,
            "created_at": attempt.created_at,
            "expires_at": attempt.expires_at,
            "asked_at": attempt.asked_at,
        }
        for attempt in contribution.attempts
    ]


def facts(found: Iterable[PaymentFact], currency: str) -> list[dict[str, Any]]:
    """What the processor made known, with the amount where money is told of."""
    return [
        {
            "kind": fact.kind,
            "ref": fact.ref,
            "amount": Money(fact.amount_minor, currency) if fact.amount_minor else None,
            "occurred_at": fact.occurred_at,
            "recorded_at": fact.recorded_at,
            "due_at": fact.due_at,
        }
        for fact in found
    ]


def disputes(found: Sequence[PaymentFact], currency: str) -> list[dict[str, Any]]:
    """Each dispute, out of the facts of its name, with the deadline that the processor named."""
    named: dict[str, dict[str, PaymentFact]] = {}
    for fact in found:
        if fact.kind.startswith("dispute_"):
            named.setdefault(fact.ref, {})[fact.kind] = fact
    paid = {fact.attempt_id: fact.ref for fact in found if fact.kind == FactKind.SUCCEEDED}
    return [_dispute(ref, known, paid, currency) for ref, known in named.items()]


def _dispute(ref: str, known: dict[str, PaymentFact], paid: dict[str, str], currency: str) -> dict[str, Any]:
    opened, ended = known.get(FactKind.DISPUTE_OPENED), next((kind for kind in _ENDS if kind in known), None)
    taken, returned = known.get(FactKind.DISPUTE_WITHDRAWN), known.get(FactKind.DISPUTE_REINSTATED)
    return {
        "ref": ref,
        "payment_ref": paid.get(next(iter(known.values())).attempt_id),
        "state": _ENDS[ended] if ended else "open",
        "opened_at": opened.occurred_at if opened else None,
        "due_at": opened.due_at if opened else None,
        "withdrawn": Money(taken.amount_minor, currency) if taken else None,
        "withdrawn_at": taken.occurred_at if taken else None,
        "reinstated": Money(returned.amount_minor, currency) if returned else None,
        "reinstated_at": returned.occurred_at if returned else None,
        "ended_at": known[ended].occurred_at if ended else None,
    }


def received(session: Session, contribution: Contribution) -> list[dict[str, Any]]:
    """The processor's events about its attempts, with what came of them."""
    ids = [attempt.id for attempt in contribution.attempts]
    query = select(ReceivedEvent).where(ReceivedEvent.attempt_id.in_(ids)).order_by(ReceivedEvent.id)
    return [
        {
            "id": row.event_id,
            "type": row.type,
            "status": row.status,
            "reason": row.reason,
            "deliveries": row.deliveries,
            "received_at": row.received_at,
        }
        for row in session.scalars(query)
    ]
