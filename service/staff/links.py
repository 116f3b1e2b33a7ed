"""The link with which somebody chooses a password: made by an administrator, used once, soon.

The secret in it is signed, so that only this service makes links, and kept as a hash, so that
no reader of the database can use one.
"""

import hashlib
import secrets
from datetime import timedelta

from itsdangerous import BadSignature, Signer
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.errors import N_, LinkEnded, OwnAccount, ValidationFailed
from service.staff import administering, audit, passwords
from service.staff.model import Staff

PATH = "/desk/password"
LIFETIME = timedelta(hours=24)
_SALT = "staff-link"
_INACTIVE = N_("This account is deactivated.")
_ENDED = N_("A link works once, and for 24 hours. Please ask an administrator for a new one.")


def make(session: Session, person: Staff, secret_key: str, actor: str) -> str:
    """A new link's secret part for an active person; the one before ends. Call inside a transaction.

    Raises ValidationFailed for an account that is deactivated, OwnAccount, NotAllowed.
    """
    administering.begin(session, actor)
    if actor == f"staff:{person.id}":
        raise OwnAccount
    if not person.active:
        raise ValidationFailed({"email": ("inactive", _INACTIVE)})
    secret = secrets.token_urlsafe(32)
    person.link_sha256, person.link_expires_at = _hash(secret), clock.now() + LIFETIME
    audit.record(session, actor, "staff.link_made", f"staff:{person.id}")
    return _signer(secret_key).sign(secret).decode()


def address(public_url: str, link: str) -> str:
    """Where a link leads."""
    return f"{public_url}{PATH}/{link}"


def get(session: Session, secret_key: str, link: str) -> Staff:
    """Whose link this is. Raises LinkEnded for one that is used, too old, or not ours."""
    try:
        secret = _signer(secret_key).unsign(link).decode()
    except (BadSignature, UnicodeError) as error:
        raise LinkEnded(_ENDED) from error
    query = select(Staff).where(Staff.link_sha256 == _hash(secret), Staff.active).with_for_update()
    person = session.scalar(query)
    if person is None or person.link_expires_at is None or person.link_expires_at <= clock.now():
        raise LinkEnded(_ENDED)
    return person


def use(session: Session, secret_key: str, link: str, password_hash: str) -> Staff:
    """Set the password that was chosen; the link ends. Call inside a transaction.

    Raises LinkEnded, also for the slower one of two.
    """
    person = get(session, secret_key, link)
    passwords.replace(session, person, password_hash)
    return person


def _signer(secret_key: str) -> Signer:
    return Signer(secret_key, salt=_SALT, digest_method=hashlib.sha256)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
