"""``apresiasi explain REFERENCE``: everything known of one contribution."""

from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.cli.output import as_json, show
from service.clock import rfc3339
from service.contributions import answers, queries
from service.contributions.model import Contribution, ContributionEvent, PaymentFact
from service.db import db
from service.finance.model import FinanceException, Movement, MovementSettlement, Payout, PayoutRow, Posting
from service.identifiers import read_reference
from service.moderation.queries import history
from service.money import Money
from service.terms.model import Acceptance
from service.webhooks.model import ReceivedEvent


@click.command("explain")
@click.argument("reference")
@as_json
@with_appcontext
def explain(reference: str, as_json: bool) -> None:
    """Acceptance, attempts, facts, entries, payout, decisions and events of REFERENCE."""
    session = db.session
    contribution = queries.find_by_reference(session, read_reference(reference))
    if contribution is None:
        contribution = session.get(Contribution, reference)
    if contribution is None:
        raise click.ClickException(f"no contribution {reference}")
    show(everything(session, contribution), as_json)


def everything(session: Session, contribution: Contribution) -> dict[str, Any]:
    """All that the tables say of a contribution; the e-mail only as whether there is one."""
    message = contribution.message
    return {
        **answers.of(session, contribution),
        "locale": contribution.locale,
        "display_name": contribution.display_name,
        "has_email": contribution.email_sealed is not None,
        "message": message.text if message else None,
        "acceptances": _acceptances(session, contribution.id),
        "attempts": [
            {
                "number": attempt.number,
                "id": attempt.id,
                "processor": attempt.processor,
                "state": attempt.state,
                "checkout_ref": attempt.checkout_ref,
                "expires_at": rfc3339(attempt.expires_at),
                "asked_at": rfc3339(attempt.asked_at),
            }
            for attempt in contribution.attempts
        ],
        "facts": _facts(session, contribution.id),
        "movements": _movements(session, contribution.id),
        "exceptions": _exceptions(session, contribution.id),
        "decisions": _decisions(session, message.id) if message else [],
        "received": _received(session, [attempt.id for attempt in contribution.attempts]),
        "events": _events(session, contribution.id),
    }


def _acceptances(session: Session, id_: str) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Acceptance).where(Acceptance.contribution_id == id_).order_by(Acceptance.id)
    )
    return [
        {
            "version": row.version,
            "locale": row.locale,
            "sha256": row.sha256,
            "agreement": row.agreement,
            "accepted_at": rfc3339(row.accepted_at),
        }
        for row in rows
    ]


def _facts(session: Session, id_: str) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(PaymentFact).where(PaymentFact.contribution_id == id_).order_by(PaymentFact.id)
    )
    return [
        {
            "kind": row.kind,
            "ref": row.ref,
            "occurred_at": rfc3339(row.occurred_at),
            "recorded_at": rfc3339(row.recorded_at),
        }
        for row in rows
    ]


def _movements(session: Session, id_: str) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Movement, MovementSettlement, Payout)
        .outerjoin(MovementSettlement, MovementSettlement.movement_id == Movement.id)
        .outerjoin(
            PayoutRow,
            (PayoutRow.processor == MovementSettlement.processor)
            & (PayoutRow.balance_ref == MovementSettlement.balance_ref),
        )
        .outerjoin(Payout, (Payout.processor == PayoutRow.processor) & (Payout.ref == PayoutRow.payout_ref))
        .where(Movement.contribution_id == id_)
        .order_by(Movement.recorded_at, Movement.id)
    )
    return [
        {
            "type": movement.type,
            "gross": Money(movement.gross_minor, movement.currency).export_text(),
            "fee": Money(movement.fee_minor, movement.currency).export_text(),
            "net": Money(movement.net_minor, movement.currency).export_text(),
            "booked_on": str(movement.booked_on),
            "payment_ref": movement.payment_ref,
            "balance_transaction": settled.balance_ref if settled else None,
            "payout": payout.ref if payout else None,
            "postings": _postings(session, movement.id),
        }
        for movement, settled, payout in rows
    ]


def _postings(session: Session, movement_id: str) -> str:
    rows = session.scalars(select(Posting).where(Posting.movement_id == movement_id).order_by(Posting.id))
    return "; ".join(f"{row.account} {Money(row.amount_minor, row.currency).export_text()}" for row in rows)


def _exceptions(session: Session, id_: str) -> list[dict[str, Any]]:
    rows = session.scalars(select(FinanceException).where(FinanceException.contribution_id == id_))
    return [{"kind": row.kind, "subject": row.subject, "opened_at": rfc3339(row.opened_at)} for row in rows]


def _decisions(session: Session, message_id: str) -> list[dict[str, Any]]:
    return [
        {
            "decision": row.decision,
            "reason": row.reason,
            "by": row.decided_by,
            "at": rfc3339(row.decided_at),
            "after": row.state_after,
        }
        for row in history(session, message_id)
    ]


def _received(session: Session, attempt_ids: list[str]) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(ReceivedEvent).where(ReceivedEvent.attempt_id.in_(attempt_ids)).order_by(ReceivedEvent.id)
    )
    return [
        {
            "id": row.event_id,
            "type": row.type,
            "status": row.status,
            "reason": row.reason,
            "deliveries": row.deliveries,
            "received_at": rfc3339(row.received_at),
        }
        for row in rows
    ]


def _events(session: Session, id_: str) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(ContributionEvent)
        .where(ContributionEvent.contribution_id == id_)
        .order_by(ContributionEvent.id)
    )
    return [{"at": rfc3339(row.at), "kind": row.kind, "data": row.data} for row in rows]


COMMANDS = [explain]
