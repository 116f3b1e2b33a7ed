"""The request behind an act that is carried out again: a backup knows it as waiting, or not at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.config import LOCALES
from service.contributions.model import Contribution
from service.privacy.kinds import DONE, ERASE, LIFT, READER, WITHDRAW, WITHIN
from service.privacy.model import PrivacyRequest


def bring_back(session: Session, content: Mapping[str, Any]) -> None:
    """Make the record of a certificate's request what it was, so that a restriction can be lifted
    and a link is good once. Proof and language are in no log. Inside a transaction."""
    request_id = content["request"]
    if request_id is None:
        return
    row = session.get(PrivacyRequest, request_id, with_for_update=True)
    if content["kind"] == LIFT:
        _end(row, content)
        return
    if row is None:
        row = _made_anew(session, content)
        session.add(row)
    _finish(row, content)
    session.flush()


def _end(row: PrivacyRequest | None, content: Mapping[str, Any]) -> None:
    if row is not None:
        row.lifted_at, row.lifted_by = datetime.fromisoformat(content["at"]), content["by"]


def _made_anew(session: Session, content: Mapping[str, Any]) -> PrivacyRequest:
    at = datetime.fromisoformat(content["at"])
    return PrivacyRequest(
        id=content["request"],
        kind=content["kind"],
        reference=_reference(session, content),
        locale=LOCALES[0],
        asked_by=content["by"],
        received_at=at,
        deadline=at + WITHIN,
        confirmed_at=at if content["by"] == READER else None,
    )


def _reference(session: Session, content: Mapping[str, Any]) -> str | None:
    """A request by reference is carried out by staff, on the one contribution that it names."""
    if content["by"] == READER:
        return None
    query = select(Contribution.reference).where(Contribution.id.in_(content["contributions"]))
    return session.scalar(query)


def _finish(row: PrivacyRequest, content: Mapping[str, Any]) -> None:
    row.state, row.done_at, row.done_by = DONE, datetime.fromisoformat(content["at"]), content["by"]
    row.contributions, row.outcome = list(content["contributions"]), dict(content["removed"])
    row.certificate = content["number"]
    row.email_sealed = row.changes_sealed = None
    if content["kind"] in (ERASE, WITHDRAW):
        row.email_index = None
