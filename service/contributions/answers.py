"""A contribution as the JSON API shows it: nothing personal, money in major units."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.articles.registry import find_title
from service.clock import rfc3339
from service.contributions.model import Contribution
from service.contributions.states import MessageState, Status
from service.terms.model import Acceptance


def of(session: Session, contribution: Contribution) -> dict[str, Any]:
    """The contract's object for one contribution."""
    attempt, message = contribution.latest_attempt, contribution.message
    payable = contribution.status == Status.AWAITING_PAYMENT
    return {
        "id": contribution.id,
        "reference": contribution.reference,
        "status": str(contribution.status),
        "amount": contribution.amount.json_text(),
        "currency": contribution.currency,
        "message_state": str(message.state) if message else str(MessageState.NONE),
        "checkout_url": attempt.checkout_url if payable else None,
        "expires_at": rfc3339(attempt.expires_at),
        "terms": _terms(session, contribution.id),
        "article": {
            "url": contribution.article_key,
            "title": find_title(session, contribution.article_key),
            "section": contribution.article_section,
        },
        "created_at": rfc3339(contribution.created_at),
        "paid_at": rfc3339(contribution.paid_at),
    }


def _terms(session: Session, contribution_id: str) -> dict[str, Any]:
    acceptance = session.scalars(
        select(Acceptance)
        .where(Acceptance.contribution_id == contribution_id)
        .order_by(Acceptance.id.desc())
        .limit(1)
    ).one()
    return {
        "version": acceptance.version,
        "sha256": acceptance.sha256,
        "accepted_at": rfc3339(acceptance.accepted_at),
    }
