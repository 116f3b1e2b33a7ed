"""What administrators change about colleagues: roles, whether they may come in, open sessions."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import LastAdmin, OwnAccount
from service.identifiers import new_id
from service.staff import accounts, administering, audit, tokens
from service.staff.model import Role, Staff
from service.staff.permissions import ADMIN, ROLES


def set_roles(session: Session, person_id: int, roles: Iterable[str], actor: str) -> bool:
    """Give a person exactly these roles, from the next request on; False where they are so already.
    An open link ends, and tokens that they issued for what they may not have any more. Call inside
    a transaction.

    Raises NotFound, ValidationFailed for unknown roles, OwnAccount, LastAdmin, NotAllowed.
    """
    wanted = accounts.known_roles(roles)
    person = _colleague(session, person_id, actor)
    before = accounts.roles_of(person)
    if before == wanted:
        return False
    if ADMIN not in wanted:
        _require_another_admin(session, person)
    too_much = [
        token
        for token in tokens.hold_issued_by(session, person.id)
        if token.role not in _issuable(before, wanted)
    ]
    person.roles = [accounts.role(session, name) for name in wanted]
    _end_link(person)
    revoked = tokens.end(session, too_much, actor)
    details = {"before": before, "after": wanted, "tokens_revoked": revoked}
    _record(session, actor, "staff.roles_changed", person, details)
    return True


def _issuable(before: list[str], wanted: list[str]) -> set[str]:
    """The roles whose tokens stay: an administrator may give any, but none that was just taken away."""
    return {*wanted, *(set(ROLES) - set(before))} if ADMIN in wanted else set(wanted)


def deactivate(session: Session, person_id: int, actor: str) -> int:
    """Let a person in no longer: sessions and links end, and the tokens that they issued are
    revoked; how many. Call inside a transaction.

    Raises NotFound, OwnAccount, LastAdmin, NotAllowed.
    """
    person = _colleague(session, person_id, actor)
    if not person.active:
        return 0
    _require_another_admin(session, person)
    held = tokens.hold_issued_by(session, person.id)
    person.active = False
    _close(person)
    revoked = tokens.end(session, held, actor)
    details = {"before": "active", "after": "inactive", "tokens_revoked": revoked}
    _record(session, actor, "staff.deactivated", person, details)
    return revoked


def reactivate(session: Session, person_id: int, actor: str) -> bool:
    """Let a person in again, with roles and password as they were. Call inside a transaction.

    Raises NotFound, NotAllowed.
    """
    administering.begin(session, actor)
    person = accounts.get(session, person_id)
    if person.active:
        return False
    person.active = True
    _close(person)
    _record(session, actor, "staff.reactivated", person, {"before": "inactive", "after": "active"})
    return True


def end_sessions(session: Session, person_id: int, actor: str) -> None:
    """Sign a person out everywhere, at the next request; an open link ends. Everybody may do it to
    themselves. Call inside a transaction.

    Raises NotFound, NotAllowed.
    """
    if actor != f"staff:{person_id}":
        administering.begin(session, actor)
    person = accounts.get(session, person_id)
    _close(person)
    _record(session, actor, "staff.sessions_ended", person, {})


def _colleague(session: Session, person_id: int, actor: str) -> Staff:
    """Somebody whom the actor may change: nobody gives roles to, or shuts out, themselves."""
    administering.begin(session, actor)
    person = accounts.get(session, person_id)
    if actor == f"staff:{person.id}":
        raise OwnAccount
    return person


def _require_another_admin(session: Session, person: Staff) -> None:
    if not person.active or ADMIN not in accounts.roles_of(person):
        return
    others = select(Staff.id).where(Staff.active, Staff.id != person.id, Staff.roles.any(Role.name == ADMIN))
    if session.scalar(others.limit(1)) is None:
        raise LastAdmin


def _close(person: Staff) -> None:
    person.fs_uniquifier = new_id()
    _end_link(person)


def _end_link(person: Staff) -> None:
    person.link_sha256 = person.link_expires_at = None


def _record(session: Session, actor: str, action: str, person: Staff, details: dict[str, object]) -> None:
    audit.record(session, actor, action, f"staff:{person.id}", details)
