"""Which acceptances a contribution has."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.terms.model import Acceptance


def of_contribution(session: Session, contribution_id: str) -> Sequence[Acceptance]:
    """Every acceptance of one contribution, oldest first; the last one is in force for it."""
    query = select(Acceptance).where(Acceptance.contribution_id == contribution_id)
    return session.scalars(query.order_by(Acceptance.id)).all()
