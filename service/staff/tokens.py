"""Bearer tokens for the staff API: shown once, stored hashed, each a caller of its own."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.identifiers import new_id
from service.staff import audit
from service.staff.model import StaffToken
from service.staff.permissions import ROLES


def issue(session: Session, role: str, label: str, actor: str) -> tuple[StaffToken, str]:
    """A new token row and its secret (256 random bits). Call inside a transaction.

    Raises ValueError for a role that does not exist.
    """
    if role not in ROLES:
        raise ValueError(f"no such role: {role}")
    secret = f"as_{secrets.token_urlsafe(32)}"
    token = StaffToken(
        id=new_id(), label=label, role=role, token_sha256=_hash(secret), created_at=clock.now()
    )
    session.add(token)
    audit.record(session, actor, "staff.token_issued", token.id, {"role": role})
    return token, secret


def find(session: Session, secret: str) -> StaffToken | None:
    """The token that a secret belongs to, unless it was revoked."""
    found = session.scalar(select(StaffToken).where(StaffToken.token_sha256 == _hash(secret)))
    return found if found is not None and found.revoked_at is None else None


def revoke(session: Session, token_id: str, actor: str) -> bool:
    """End a token at once; False when there is none such. Call inside a transaction."""
    token = session.get(StaffToken, token_id)
    if token is None or token.revoked_at is not None:
        return False
    token.revoked_at = clock.now()
    audit.record(session, actor, "staff.token_revoked", token.id, {"role": token.role})
    return True


def list_tokens(session: Session) -> Sequence[StaffToken]:
    """Every token, newest first."""
    return session.scalars(select(StaffToken).order_by(StaffToken.created_at.desc(), StaffToken.id)).all()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
