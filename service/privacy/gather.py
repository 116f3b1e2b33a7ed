"""Gather everything known of a person as one machine-readable document. No copy of it is kept."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from service import clock
from service.clock import rfc3339
from service.contributions.model import Contribution, Message, MessageFlag
from service.dossier.answers import printed
from service.dossier.everything import everything
from service.moderation.queries import history
from service.privacy.forgetting import about
from service.privacy.model import PrivacyRequest
from service.wiring import Wiring

FORMAT = 1


def gather(session: Session, request: PrivacyRequest, wiring: Wiring) -> dict[str, Any]:
    """What a request for a copy is answered with; who of the staff decided is not told."""
    found = session.scalars(
        select(Contribution)
        .where(Contribution.id.in_(request.contributions))
        .order_by(Contribution.created_at)
    ).all()
    return {
        "format": FORMAT,
        "publisher": wiring.settings.publisher_name,
        "privacy_policy": wiring.settings.privacy_url,
        "request": {"id": request.id, "received_at": rfc3339(request.received_at)},
        "made_at": rfc3339(clock.now()),
        "contributions": [_contribution(session, it, wiring) for it in found],
        "requests": _requests(session, request),
    }


def _contribution(session: Session, contribution: Contribution, wiring: Wiring) -> dict[str, Any]:
    told = printed(everything(session, contribution))
    message = contribution.message
    return {
        **{name: value for name, value in told.items() if name not in ("has_email", "at_desk", "decisions")},
        "exceptions": [_without(it, "explained_by", "note") for it in told["exceptions"]],
        "email": wiring.sealer.find(contribution.email_sealed, contribution.id),
        "article_title_sent": contribution.article_title_hint,
        "restricted_at": rfc3339(contribution.restricted_at),
        "consent_withdrawn_at": rfc3339(contribution.withdrawn_at),
        "erased_at": rfc3339(contribution.erased_at),
        "decisions": _decisions(session, message) if message else [],
        "flags": _flags(session, message) if message else [],
    }


def _decisions(session: Session, message: Message) -> list[dict[str, Any]]:
    return [
        {
            "decision": made.decision,
            "reason": made.reason,
            "note": made.note,
            "at": rfc3339(made.decided_at),
            "after": made.state_after,
        }
        for made in history(session, message.id)
    ]


def _flags(session: Session, message: Message) -> list[dict[str, Any]]:
    rows = session.scalars(select(MessageFlag).where(MessageFlag.message_id == message.id))
    return [
        {"kind": flag.kind, "evidence": flag.evidence, "dismissed": flag.dismissed_by is not None}
        for flag in rows.all()
    ]


def _requests(session: Session, request: PrivacyRequest) -> list[dict[str, Any]]:
    own = [PrivacyRequest.id == request.id, about(request.contributions)]
    if request.email_index:
        own.append(PrivacyRequest.email_index == request.email_index)
    if request.reference:
        own.append(PrivacyRequest.reference == request.reference)
    rows = session.scalars(select(PrivacyRequest).where(or_(*own)).order_by(PrivacyRequest.received_at))
    return [
        {
            "kind": row.kind,
            "state": row.state,
            "received_at": rfc3339(row.received_at),
            "done_at": rfc3339(row.done_at),
            "certificate": row.certificate,
        }
        for row in rows
    ]


def _without(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}
