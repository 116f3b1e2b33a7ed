"""The record of privacy requests: what is asked, until when, what was done; nothing personal."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from service import clock
from service.db import in_parts
from service.errors import NotFound
from service.privacy.kinds import AWAITING, DONE, EXPIRED, EXPORT, WITHIN
from service.privacy.model import PrivacyRequest


def end_old(session: Session) -> int:
    """Requests whose link was not confirmed in time end without an act; how many. Those that
    somebody works on are left for the next time. Inside a transaction."""
    late = select(PrivacyRequest.id).where(
        PrivacyRequest.state == AWAITING, PrivacyRequest.deadline <= clock.now()
    )
    ended = session.scalars(late.order_by(PrivacyRequest.id).with_for_update(skip_locked=True)).all()
    for part in in_parts(ended):
        session.execute(
            update(PrivacyRequest)
            .where(PrivacyRequest.id.in_(part))
            .values(state=EXPIRED, email_sealed=None, email_index=None, changes_sealed=None)
            .execution_options(synchronize_session=False)
        )
    return len(ended)


def note_undeliverable(session: Session, request_id: str) -> None:
    """Note that the address takes no mail, so that nobody waits for a link to be confirmed. Inside
    a transaction."""
    session.execute(
        update(PrivacyRequest)
        .where(PrivacyRequest.id == request_id, PrivacyRequest.state == AWAITING)
        .values(undeliverable_at=clock.now())
    )


def get(session: Session, request_id: str) -> PrivacyRequest:
    """One request. Raises NotFound."""
    found = session.get(PrivacyRequest, request_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def listing(session: Session, limit: int) -> Sequence[PrivacyRequest]:
    """Those that wait come first, the nearest deadline on top; then the newest."""
    waits = case((PrivacyRequest.state == AWAITING, PrivacyRequest.deadline))
    query = select(PrivacyRequest).order_by(waits.is_(None), waits, PrivacyRequest.received_at.desc())
    return session.scalars(query.limit(limit)).all()


def is_overdue(row: PrivacyRequest) -> bool:
    """Whether a request was not answered within 3 x 24 hours."""
    return row.state != DONE and row.deadline <= clock.now()


def may_be_copied(row: PrivacyRequest) -> bool:
    """Whether the copy that a request asked for can still be fetched."""
    return row.kind == EXPORT and row.done_at is not None and row.done_at + WITHIN > clock.now()


def describe(row: PrivacyRequest, *, with_proof: bool = True) -> dict[str, Any]:
    """A request for programs: nothing personal."""
    told = {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "reference": row.reference,
        "by": "reference" if row.reference else "email",
        "asked_by": row.asked_by,
        "received_at": clock.rfc3339(row.received_at),
        "deadline": clock.rfc3339(row.deadline),
        "overdue": is_overdue(row),
        "undeliverable_at": clock.rfc3339(row.undeliverable_at),
        "confirmed_at": clock.rfc3339(row.confirmed_at),
        "done_at": clock.rfc3339(row.done_at),
        "done_by": row.done_by,
        "contributions": len(row.contributions),
        "outcome": row.outcome,
        "certificate": row.certificate,
        "lifted_at": clock.rfc3339(row.lifted_at),
        "lifted_by": row.lifted_by,
    }
    return {**told, "proof": row.proof} if with_proof else told
