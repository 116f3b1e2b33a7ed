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
from service.staff.model import Role, Staff, StaffToken
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


def is_filled(session: Session, role: str) -> bool:
    """Whether anybody has a role: an active account, or a token that was not revoked."""
    person = select(Staff.id).where(Staff.active, Staff.roles.any(Role.name == role)).limit(1)
    token = select(StaffToken.id).where(StaffToken.role == role, StaffToken.revoked_at.is_(None)).limit(1)
    return session.scalar(person) is not None or session.scalar(token) is not None


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """What colleagues call those behind ``staff:…`` and ``token:…``: the name before the @ of
    an address, or a token's label, marked as one. Others are absent."""
    people, programs = set[int](), set[str]()
    for actor in actors:
        kind, _, id_ = actor.partition(":")
        if kind == "staff" and id_.isdecimal():
            people.add(int(id_))
        elif kind == "token":
            programs.add(id_)
    found = {}
    if people:
        rows = session.execute(select(Staff.id, Staff.email).where(Staff.id.in_(people)))
        found = {f"staff:{id_}": email.partition("@")[0] for id_, email in rows}
    if programs:
        labels = session.execute(select(StaffToken.id, StaffToken.label).where(StaffToken.id.in_(programs)))
        found |= {f"token:{id_}": f"{label} (API)" for id_, label in labels}
    return found


def with_role(session: Session, roles: Iterable[str]) -> Sequence[str]:
    """The actors, as ``staff:…`` and ``token:…``, that have one of these roles."""
    wanted = set(roles)
    people = session.scalars(
        select(Staff.id).where(Staff.roles.any(Role.name.in_(wanted))).order_by(Staff.email)
    )
    programs = session.scalars(
        select(StaffToken.id).where(StaffToken.role.in_(wanted)).order_by(StaffToken.label)
    )
    return [*(f"staff:{id_}" for id_ in people), *(f"token:{id_}" for id_ in programs)]


def _role(session: Session, name: str) -> Role:
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        session.add(role)
    return role
