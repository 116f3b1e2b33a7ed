"""``/desk/account``: the own password and sessions; ``/desk/password/…``: choose one by a link."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.db import db, transaction
from service.errors import N_, NotFound, Refusal, ValidationFailed
from service.staff import accounts, changes, fresh, links, login, passwords
from service.staff.model import Staff
from service.staff.permissions import ENTER_DESK
from service.web import access, language, limits
from service.web.access import caller, needs, public
from service.web.errors import problem
from service.web.language import current

blueprint = Blueprint("account_desk", __name__, template_folder="templates")
_HOME = "/desk/account"
_DIFFERENT = N_("The two are not the same.")
# The address of the page is the link itself, so no other site may see where somebody came from.
_OWN = {"Referrer-Policy": "same-origin"}


@blueprint.get(_HOME)
@needs(ENTER_DESK)
def show_account() -> str:
    """The caller's own account. Tokens have none."""
    return _account()


@blueprint.post(f"{_HOME}/password")
@needs(ENTER_DESK)
def change_password() -> ResponseReturnValue:
    """Another password: every other session ends, this one goes on."""
    person = _own()
    try:
        fresh.confirm_password(request.form.get("current_password", ""), "current_password")
        password_hash = passwords.hashed(_chosen(person))
        with transaction(db.session):
            passwords.replace(db.session, _own(), password_hash)
    except Refusal as refusal:
        language.page_address(_HOME)
        return _account(refusal), refusal.status
    login.renew_session(_own())
    return redirect(url_for("account_desk.show_account", done="password", lang=current()), 303)


@blueprint.post(f"{_HOME}/sign-out-everywhere")
@needs(ENTER_DESK)
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the caller, also this one."""
    with transaction(db.session):
        changes.end_sessions(db.session, _own().id, caller().id)
    return redirect(url_for("security.login", lang=current()), 303)


@blueprint.get(f"{links.PATH}/<string:link>")
@public
def choose_password(link: str) -> ResponseReturnValue:
    """The form that a link leads to. Looking at it does not use the link up."""
    return _choice(links.get(db.session, login.secret_key(), link), link), _OWN


@blueprint.post(f"{links.PATH}/<string:link>")
@public
@limits.limiter.limit(limits.SIGN_IN)
def set_password(link: str) -> ResponseReturnValue:
    """Keep the password that was chosen; then to the door."""
    access.require_own_form()
    person = links.get(db.session, login.secret_key(), link)
    try:
        password_hash = passwords.hashed(_chosen(person))
    except Refusal as refusal:
        return _choice(person, link, refusal), refusal.status, _OWN
    with transaction(db.session):
        links.use(db.session, login.secret_key(), link, password_hash)
    return redirect(url_for("security.login", done="password", lang=current()), 303)


def _own() -> Staff:
    if not caller().by_session:
        raise NotFound
    return accounts.get(db.session, int(caller().id.removeprefix("staff:")))


def _chosen(person: Staff) -> str:
    """The new password of the form. Raises ValidationFailed for one that is not good."""
    password = request.form.get("password", "")
    passwords.require_good(password, person.email)
    if password != request.form.get("again", ""):
        raise ValidationFailed({"again": ("different", _DIFFERENT)})
    return password


def _account(refusal: Refusal | None = None) -> str:
    person = _own()
    return render_template(
        "staff/account.html",
        person=person,
        roles=accounts.roles_of(person),
        problem=problem(refusal) if refusal else None,
        done=request.args.get("done"),
    )


def _choice(person: Staff, link: str, refusal: Refusal | None = None) -> str:
    return render_template(
        "staff/choose_password.html",
        person=person,
        link=link,
        problem=problem(refusal) if refusal else None,
    )
