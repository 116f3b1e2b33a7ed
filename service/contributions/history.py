"""The event row that every change of a contribution leaves."""

from typing import Any

from sqlalchemy.orm import Session

from service import clock
from service.contributions.model import ContributionEvent


def note(session: Session, contribution_id: str, kind: str, **data: Any) -> None:
    """Add a line; ``data`` holds codes, numbers and refs, never anything personal."""
    session.add(ContributionEvent(contribution_id=contribution_id, at=clock.now(), kind=kind, data=data))
