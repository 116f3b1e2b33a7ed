"""Signing in (Flask-Security) and who a request's caller is."""

import hashlib
import re
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, current_app, g, request, session
from flask_login import user_logged_out
from flask_login.utils import _user_context_processor
from flask_security import FSQLALiteUserDatastore, LoginForm, Security, current_user, user_authenticated

from service import clock
from service.config import Settings
from service.db import db, transaction
from service.identifiers import new_id
from service.plain_text import is_storable
from service.staff import accounts, audit, fresh, passwords, rooms, tokens
from service.staff.model import Role, Staff
from service.staff.permissions import ENTER_DESK, of_roles, of_token
from service.staff.words import ROLE_PURPOSES, ROLE_WORDS
from service.web import access, limits
from service.web.access import Caller

log = structlog.get_logger()

_BEARER = "Bearer "
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # printable, no backslash; a browser takes // for a host


def init_app(app: Flask) -> None:
    """Sign-in and sign-out under /desk, with Argon2id and a limit on tries."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        SECURITY_URL_PREFIX="/desk",
        SECURITY_BLUEPRINT_NAME="security",
        SECURITY_PASSWORD_SALT=settings.secret_key,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  # the name of an algorithm
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=passwords.COST,
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_LENGTH_MIN=passwords.SHORTEST,
        SECURITY_POST_LOGIN_VIEW="/desk",
        SECURITY_POST_LOGOUT_VIEW="/desk/login",
        SECURITY_LOGIN_USER_TEMPLATE="staff/login.html",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_FRESHNESS=timedelta(-1),  # its page for that has no limit on tries; see fresh.py
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_CLI_USERS_NAME=False,  # our own commands are audited
        SECURITY_CLI_ROLES_NAME=False,
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        SESSION_COOKIE_NAME="__Host-desk" if settings.secure_cookies else "desk",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=12 * 3600,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
    )
    datastore = FSQLALiteUserDatastore(db, Staff, Role)
    security = Security(app, datastore, login_form=DeskLoginForm)
    # Tokens are ours (find_caller); the library would read every body in search of its own.
    security.login_manager.request_loader(lambda _request: None)
    # The library looks the person up for every page, also for the one that says that the
    # database is away, which then breaks. Here only a page that names the person does.
    app.template_context_processors[None].remove(_user_context_processor)
    app.jinja_env.globals["current_user"] = current_user
    app.jinja_env.globals.update(desk_rooms=rooms.open_to_caller, admin_rooms=rooms.of_administration)
    app.jinja_env.globals.update(is_fresh=fresh.is_fresh, role_words=ROLE_WORDS, role_purposes=ROLE_PURPOSES)
    _declare_library_routes(app)
    limited = limits.limiter.limit(limits.SIGN_IN, methods=["POST"])
    app.view_functions["security.login"] = limited(app.view_functions["security.login"])  # type: ignore[assignment]  # a view stays a view
    user_authenticated.connect(_record_sign_in, app)
    user_logged_out.connect(_end_sessions, app)


def find_caller() -> Caller | None:
    """The staff member or token behind this request; None for nobody we know."""
    header = request.headers.get("Authorization", "")
    if header.startswith(_BEARER):
        token = tokens.find(db.session, header[len(_BEARER) :].strip())
        if token is None:
            return None
        tokens.note_use(db.session, token)
        return Caller(f"token:{token.id}", token.label, of_token(token.role))
    if not current_user.is_authenticated or not current_user.active:
        return None
    roles = [role.name for role in current_user.roles]
    return Caller(f"staff:{current_user.id}", current_user.email, of_roles(roles), by_session=True)


def _declare_library_routes(app: Flask) -> None:
    known = {
        "security.login": access.PUBLIC,
        "security.logout": ENTER_DESK,
        "security.static": access.PUBLIC,
    }
    access.declare(app, [(name, who) for name, who in known.items() if name in app.view_functions])


class DeskLoginForm(LoginForm):
    """The library's form, with a bound on tries at one account, on what is hashed and looked up, and
    on where it leads afterwards: to a path of ours, else to the desk (ASVS 5.0, 3.7.2). A session is
    all that it opens: nobody is remembered longer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not _OWN_PATH.fullmatch(self.next.data or ""):
            self.next.data = ""
        self.remember.data = False

    def validate(self, **kwargs: Any) -> bool:
        self.email.data = address = _as_kept(self.email.data or "")
        tries = f"door:{hashlib.sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()}"
        limits.require_tries_left(tries)
        if self._is_right(**kwargs):
            return True
        limits.note_wrong_password(tries)
        _record_failure(address)
        return False

    def _is_right(self, **kwargs: Any) -> bool:
        address, password = self.email.data or "", self.password.data or ""
        if len(password) > passwords.LONGEST or not is_storable(address) or not is_storable(password):
            self.form_errors.append("not right")
            return False
        return bool(super().validate(**kwargs))


def _as_kept(address: str) -> str:
    return accounts.normalised(address) or address.strip().lower()


def _record_failure(address: str) -> None:
    """Without the address, which may be a password in the wrong field."""
    log.warning("sign_in_failed")
    db.session.rollback()  # the library may have hashed the password of somebody deactivated anew
    person = accounts.find(db.session, address)
    if person is None:
        return
    with transaction(db.session):
        audit.record(db.session, "unknown", "staff.sign_in_failed", f"staff:{person.id}")


def _end_sessions(_app: Flask, user: Staff, **_: object) -> None:
    """Signing out ends every session of the person, also one whose cookie was kept."""
    person_id = getattr(user, "id", None)
    if person_id is None:
        return
    with transaction(db.session):
        db.session.get_one(Staff, person_id).fs_uniquifier = new_id()
        audit.record(db.session, f"staff:{person_id}", "staff.signed_out", f"staff:{person_id}")


def _record_sign_in(_app: Flask, user: Staff, **_: object) -> None:
    db.session.commit()  # the library may have hashed the password anew
    actor = f"staff:{user.id}"
    with transaction(db.session):
        user.last_sign_in_at = clock.now()
        audit.record(db.session, actor, "staff.signed_in", actor)
    _forget_form_token()


def secret_key() -> str:
    """What links are signed with."""
    settings: Settings = current_app.extensions["settings"]
    return settings.secret_key


def renew_session(person: Staff) -> None:
    """Go on in this browser after every session of the person was ended, as signed in just now."""
    session["_user_id"] = person.fs_uniquifier
    session["fs_paa"] = clock.now().timestamp()
    _forget_form_token()


def _forget_form_token() -> None:
    """What was known of a session before it became more worth is worth nothing in it."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
