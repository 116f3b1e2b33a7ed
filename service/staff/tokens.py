"""Bearer tokens for the staff API: shown once, stored hashed, each a caller of its own."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from service import clock
from service.db import transaction
from service.identifiers import new_id
from service.staff import administering, audit
from service.staff.model import StaffToken
from service.staff.permissions import ROLES

_NOTED_EVERY = timedelta(hours=1)


def issue(session: Session, role: str, label: str, actor: str) -> tuple[StaffToken, str]:
    """A new token row and its secret (256 random bits). Call inside a transaction.

    Raises ValueError for a role that does not exist, NotAllowed for who may not administer.
    """
    if role not in ROLES:
        raise ValueError(f"no such role: {role}")
    administering.begin(session, actor)
    secret = f"as_{secrets.token_urlsafe(32)}"
    token = StaffToken(
        id=new_id(),
        label=label,
        role=role,
        token_sha256=_hash(secret),
        created_at=clock.now(),
        issued_by=actor,
    )
    session.add(token)
    audit.record(session, actor, "staff.token_issued", token.id, {"role": role})
    return token, secret


def find(session: Session, secret: str) -> StaffToken | None:
    """The token that a secret belongs to, unless it was revoked."""
    found = session.scalar(select(StaffToken).where(StaffToken.token_sha256 == _hash(secret)))
    return found if found is not None and found.revoked_at is None else None


def note_use(session: Session, token: StaffToken) -> None:
    """Remember that a token was used, once an hour at the most; a transaction of its own."""
    now, last = clock.now(), token.last_used_at
    if last is not None and now - last < _NOTED_EVERY:
        return
    with transaction(session):
        used = update(StaffToken).where(
            StaffToken.id == token.id, StaffToken.last_used_at.is_not_distinct_from(last)
        )
        session.execute(used.values(last_used_at=now))


def issued_by(session: Session, person_id: int) -> Sequence[StaffToken]:
    """The tokens in force that a person issued, who may know their secrets still."""
    return session.scalars(_issued_by(person_id)).all()


def hold_issued_by(session: Session, person_id: int) -> Sequence[StaffToken]:
    """The same, locked in the order of their ids. Call inside a transaction, before people are changed."""
    return session.scalars(_issued_by(person_id).with_for_update()).all()


def _issued_by(person_id: int) -> Select[StaffToken]:
    own = StaffToken.issued_by == f"staff:{person_id}"
    return select(StaffToken).where(own, StaffToken.revoked_at.is_(None)).order_by(StaffToken.id)


def revoke(session: Session, token_id: str, actor: str) -> bool:
    """End a token at once; False when there is none such. Call inside a transaction."""
    token = session.get(StaffToken, token_id, with_for_update=True)
    if token is None or token.revoked_at is not None:
        return False
    end(session, [token], actor)
    return True


def end(session: Session, held: Collection[StaffToken], actor: str) -> int:
    """End tokens that are locked, rows first and the trail last; how many."""
    for token in held:
        token.revoked_at = clock.now()
    session.flush()
    for token in held:
        audit.record(session, actor, "staff.token_revoked", token.id, {"role": token.role})
    return len(held)


def list_tokens(session: Session) -> Sequence[StaffToken]:
    """Every token, newest first."""
    return session.scalars(select(StaffToken).order_by(StaffToken.created_at.desc(), StaffToken.id)).all()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
