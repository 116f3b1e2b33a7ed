"""Sensitive acts ask for the own password, unless somebody signed in just now (ASVS 5.0, 7.5.1)."""

from datetime import timedelta

from flask import session

from service import clock
from service.db import db, transaction
from service.errors import N_, PasswordNeeded
from service.staff import accounts, audit, passwords
from service.staff.model import Staff
from service.web import limits
from service.web.access import caller

WITHIN = timedelta(minutes=10)
FIELD = "confirm_password"

_NEEDED = N_("Please enter your own password, because you signed in some time ago.")
_WRONG = N_("This is not your password.")


def is_fresh() -> bool:
    """Whether the caller signed in or gave the password within ten minutes. A token is its own proof."""
    if not caller().by_session:
        return True
    age = clock.now().timestamp() - float(session.get("fs_paa", 0))
    return 0 <= age < WITHIN.total_seconds()


def require_fresh(password: str | None) -> None:
    """Let a sensitive act go on: call it first, outside a transaction, with what the form has in
    ``FIELD``. A right password makes the session fresh again.

    Raises PasswordNeeded where it is missing or wrong, RateLimited after too many wrong ones.
    """
    if is_fresh():
        return
    if not password:
        raise PasswordNeeded({FIELD: ("required", _NEEDED)})
    confirm_password(password)
    session["fs_paa"] = clock.now().timestamp()


def confirm_password(password: str, field: str = FIELD) -> Staff:
    """The caller, whose own password this is.

    Raises PasswordNeeded for a wrong one, RateLimited after too many wrong ones.
    """
    actor = caller().id
    limits.require_tries_left(actor)
    person = accounts.get(db.session, int(actor.removeprefix("staff:")))
    if not passwords.is_right(person, password):
        limits.note_wrong_password(actor)
        with transaction(db.session):
            audit.record(db.session, actor, "staff.password_was_wrong", actor)
        raise PasswordNeeded({field: ("wrong", _WRONG)})
    return person
