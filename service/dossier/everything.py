"""Everything known of one contribution, found by its reference or its id."""

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.contributions import answers, queries
from service.contributions.model import Contribution, ContributionEvent, Message
from service.dossier import books, payments
from service.errors import NotFound
from service.identifiers import ID_PATTERN, read_reference
from service.moderation.model import Report
from service.moderation.queries import history
from service.terms import acceptances


def find(session: Session, text: str) -> Contribution:
    """The contribution of a reference, however it was typed, or of an id. Raises NotFound."""
    found = None
    reference, id_ = read_reference(text), text.strip().lower()
    if re.fullmatch(r"AS-\w{4}-\w{4}", reference, re.ASCII):
        found = queries.find_by_reference(session, reference)
    elif re.fullmatch(ID_PATTERN, id_):
        found = session.get(Contribution, id_)
    if found is None:
        raise NotFound
    return found


def everything(session: Session, contribution: Contribution) -> dict[str, Any]:
    """All that the tables say of a contribution; the e-mail only as whether there is one.

    Amounts are Money, times are moments; `printed` makes text of them.
    """
    facts = payments.facts_of(session, contribution.id)
    return {
        **answers.of(session, contribution),
        "amount": contribution.amount,
        "expires_at": contribution.latest_attempt.expires_at,
        "created_at": contribution.created_at,
        "paid_at": contribution.paid_at,
        "locale": contribution.locale,
        "display_name": contribution.display_name,
        "has_email": contribution.email_sealed is not None,
        "withheld": contribution.restricted_at is not None or contribution.withdrawn_at is not None,
        **_message(contribution.message),
        "acceptances": _acceptances(session, contribution.id),
        "attempts": payments.attempts(contribution),
        "facts": payments.facts(facts, contribution.currency),
        "disputes": payments.disputes(facts, contribution.currency),
        "movements": books.movements(session, contribution.id),
        "exceptions": books.exceptions_of(session, contribution.id),
        "decisions": _decisions(session, contribution.message),
        "reports": _reports(session, contribution.message),
        "received": payments.received(session, contribution),
        "events": _events(session, contribution.id),
    }


def _message(message: Message | None) -> dict[str, Any]:
    return {
        "message": message.text if message else None,
        "message_id": message.id if message else None,
        "name_hidden": message.name_hidden if message else False,
        "at_desk": message is not None and message.queue is not None,
    }


def _acceptances(session: Session, id_: str) -> list[dict[str, Any]]:
    return [
        {
            "version": row.version,
            "locale": row.locale,
            "sha256": row.sha256,
            "agreement": row.agreement,
            "accepted_at": row.accepted_at,
        }
        for row in acceptances.of_contribution(session, id_)
    ]


def _decisions(session: Session, message: Message | None) -> list[dict[str, Any]]:
    return [
        {
            "decision": row.decision,
            "reason": row.reason,
            "by": row.decided_by,
            "at": row.decided_at,
            "after": row.state_after,
        }
        for row in (history(session, message.id) if message else [])
    ]


def _reports(session: Session, message: Message | None) -> list[dict[str, Any]]:
    if message is None:
        return []
    rows = session.scalars(select(Report).where(Report.message_id == message.id).order_by(Report.id))
    return [{"reason": row.reason, "at": row.reported_at, "answered_at": row.answered_at} for row in rows]


def _events(session: Session, id_: str) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(ContributionEvent)
        .where(ContributionEvent.contribution_id == id_)
        .order_by(ContributionEvent.id)
    )
    return [{"at": row.at, "kind": row.kind, "data": row.data} for row in rows]
