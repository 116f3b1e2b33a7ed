"""Staff accounts: add people and list them."""

import secrets
from collections.abc import Iterable, Sequence

from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.staff import audit
from service.staff.model import Role, Staff
from service.staff.permissions import ROLES

MINIMUM_PASSWORD = 12  # ASVS 5.0, 6.2.1


def add(session: Session, email: str, password: str, roles: Iterable[str], actor: str) -> Staff:
    """A new account. Call inside a transaction.

    Raises ValueError for an unknown role, a short password, or an address in use.
    """
    wanted = list(roles)
    unknown = set(wanted) - set(ROLES)
    if unknown or not wanted:
        raise ValueError(f"roles must be among {', '.join(ROLES)}")
    if len(password) < MINIMUM_PASSWORD:
        raise ValueError(f"a password needs {MINIMUM_PASSWORD} characters or more")
    if find(session, email) is not None:
        raise ValueError("this address has an account already")
    person = Staff(
        email=email.strip().lower(),
        password=hash_password(password),
        active=True,
        fs_uniquifier=secrets.token_hex(16),
        created_at=clock.now(),
        roles=[_role(session, name) for name in wanted],
    )
    session.add(person)
    session.flush()
    audit.record(session, actor, "staff.added", f"staff:{person.id}", {"roles": sorted(wanted)})
    return person


def find(session: Session, email: str) -> Staff | None:
    """The account of an address, or None."""
    return session.scalar(select(Staff).where(Staff.email == email.strip().lower()))


def list_people(session: Session) -> Sequence[Staff]:
    """Every account, by address."""
    return session.scalars(select(Staff).order_by(Staff.email)).all()


def _role(session: Session, name: str) -> Role:
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        session.add(role)
    return role
