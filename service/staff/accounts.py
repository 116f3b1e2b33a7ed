"""Staff accounts: add people and list them."""

from collections.abc import Iterable, Sequence

from email_validator import validate_email
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service import clock
from service.db import insert_new
from service.errors import N_, NotFound, ValidationFailed
from service.identifiers import new_id
from service.staff import administering, audit, passwords
from service.staff.model import Role, Staff, StaffToken
from service.staff.permissions import ROLES

_ROLES = N_("Please choose at least one role.")
_NO_ADDRESS = N_("This is not an e-mail address.")
_TAKEN = N_("This address has an account already.")
_LONGEST_ADDRESS = 254  # RFC 5321


def add(session: Session, email: str, password: str | None, roles: Iterable[str], actor: str) -> Staff:
    """A new account, without a password where it is chosen by a link. Call inside a transaction.

    Raises ValidationFailed for unknown roles, a bad password, or an address in use; NotAllowed.
    """
    administering.begin(session, actor)
    wanted, address = known_roles(roles), _address(session, email)
    if password is not None:
        passwords.require_good(password, address)
    now = clock.now()
    person = Staff(
        email=address,
        password=passwords.unusable() if password is None else passwords.hashed(password),
        password_set_at=None if password is None else now,
        active=True,
        fs_uniquifier=new_id(),
        created_at=now,
        roles=[role(session, name) for name in wanted],
    )
    _insert(session, person)
    audit.record(session, actor, "staff.added", f"staff:{person.id}", {"roles": wanted})
    return person


def _insert(session: Session, person: Staff) -> None:
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else added the same address just now
        raise ValidationFailed({"email": ("taken", _TAKEN)}) from error


def known_roles(roles: Iterable[str]) -> list[str]:
    """The roles in order, each once. Raises ValidationFailed for none, or one that does not exist."""
    wanted = sorted(set(roles))
    if not wanted or set(wanted) - set(ROLES):
        raise ValidationFailed({"roles": ("invalid", _ROLES)})
    return wanted


def _address(session: Session, email: str) -> str:
    address = normalised(email)
    if address is None or len(address) > _LONGEST_ADDRESS:
        raise ValidationFailed({"email": ("not_email", _NO_ADDRESS)})
    if find(session, address) is not None:
        raise ValidationFailed({"email": ("taken", _TAKEN)})
    return address


def normalised(email: str) -> str | None:
    """An address as it is kept and looked up, however it was typed; None for what is none."""
    typed = email.strip().lower()
    try:
        return validate_email(typed, check_deliverability=False, test_environment=True).normalized
    except ValueError:
        return None


def get(session: Session, person_id: int) -> Staff:
    """The account of an id. Raises NotFound."""
    person = session.get(Staff, person_id)
    if person is None:
        raise NotFound
    return person


def find(session: Session, email: str) -> Staff | None:
    """The account of an address, or None."""
    return session.scalar(select(Staff).where(Staff.email == normalised(email)))


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


def everybody(session: Session) -> dict[str, str]:
    """All actors of the desk, as ``staff:…`` and ``token:…``, with address or label."""
    people = session.execute(select(Staff.id, Staff.email).order_by(Staff.email))
    programs = session.execute(select(StaffToken.id, StaffToken.label).order_by(StaffToken.label))
    return {f"staff:{id_}": email for id_, email in people} | {
        f"token:{id_}": f"{label} (API)" for id_, label in programs
    }


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


def roles_of(person: Staff) -> list[str]:
    """The names of a person's roles, in order."""
    return sorted(role.name for role in person.roles)


def role(session: Session, name: str) -> Role:
    """The row of a role, made when somebody has it first. Call inside a transaction."""
    found = select(Role).where(Role.name == name)
    if session.scalar(found) is None:
        insert_new(session, Role, [{"name": name}])
    return session.scalars(found).one()
