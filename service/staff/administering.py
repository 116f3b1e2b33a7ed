"""The one lock under which people and tokens are administered, and who may hold it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import NotAllowed
from service.staff.model import Role, Staff
from service.staff.permissions import ADMIN


def begin(session: Session, actor: str) -> None:
    """Wait for one's turn, so that no two administrators act at once. Call first inside a transaction.

    Raises NotAllowed for a token, and for a person who is no active administrator by then.
    """
    session.execute(select(Role.id).where(Role.name == ADMIN).with_for_update())
    kind, _, id_ = actor.partition(":")
    if kind == "token" or (kind == "staff" and not _is_administrator(session, int(id_))):
        raise NotAllowed


def _is_administrator(session: Session, person_id: int) -> bool:
    found = select(Staff.id).where(Staff.id == person_id, Staff.active, Staff.roles.any(Role.name == ADMIN))
    return session.scalar(found) is not None
