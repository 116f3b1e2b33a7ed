"""Staff accounts: add people and list them."""

import secrets
import unicodedata
from collections.abc import Iterable, Sequence

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.staff import audit
from service.staff.model import Role, Staff
from service.staff.permissions import ROLES

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1024  # characters (ASVS 5.0, 6.2.1 and 6.2.9)


def add(session: Session, email: str, password: str, roles: Iterable[str], actor: str) -> Staff:
    """A new account. Call inside a transaction.

    Raises ValueError for an unknown role, a short password, or an address in use.
    """
    wanted = list(roles)
    unknown = set(wanted) - set(ROLES)
    if unknown or not wanted:
        raise ValueError(f"roles must be among {', '.join(ROLES)}")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    try:
        validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError("this is no e-mail address") from error
    if find(session, email) is not None:
        raise ValueError("this address has an account already")
    person = Staff(
        email=email.strip().lower(),
        password=hash_password(unicodedata.normalize("NFKD", password)),  # as sign-in does
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
