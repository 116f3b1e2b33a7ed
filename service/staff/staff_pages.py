"""``/desk/admin/staff``: who signs in at the desk, and what administrators change about it."""

from collections.abc import Callable, Mapping

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import clock
from service.db import db, transaction
from service.errors import Refusal
from service.staff import accounts, changes, fresh, links, login, tokens
from service.staff.model import Staff
from service.staff.permissions import ADMINISTER, READ_ADMINISTRATION
from service.staff.schemas import PersonForm
from service.web import language
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current

blueprint = Blueprint("staff_desk", __name__, template_folder="templates")
_HOME = "/desk/admin/staff"
_ONE = f"{_HOME}/<int(max=2147483647):person_id>"


@blueprint.get(_HOME)
@needs(READ_ADMINISTRATION)
def show_staff() -> str:
    """Everybody with roles and last sign-in; a form for somebody new."""
    return _list()


@blueprint.post(_HOME)
@needs(ADMINISTER)
def add() -> ResponseReturnValue:
    """A new account; the link with which its owner chooses a password is shown this once."""
    sent = {"email": request.form.get("email", "").strip(), "roles": request.form.getlist("roles")}
    try:
        body = load(PersonForm(), sent)
        fresh.require_fresh(request.form.get(fresh.FIELD))
        with transaction(db.session):
            person = accounts.add(db.session, body["email"], None, body["roles"], caller().id)
            link = links.make(db.session, person, login.secret_key(), caller().id)
    except Refusal as refusal:
        language.page_address(_HOME)
        return _list(sent, refusal), refusal.status
    return _handed_over(person, link)


@blueprint.get(_ONE)
@needs(READ_ADMINISTRATION)
def show_one(person_id: int) -> str:
    """One person, and what can be done about the account."""
    return _one(person_id)


@blueprint.post(f"{_ONE}/roles")
@needs(ADMINISTER)
def change_roles(person_id: int) -> ResponseReturnValue:
    """Exactly the roles that are ticked."""
    wanted = request.form.getlist("roles")
    return _change(person_id, "roles", lambda: changes.set_roles(db.session, person_id, wanted, caller().id))


@blueprint.post(f"{_ONE}/deactivate")
@needs(ADMINISTER)
def deactivate(person_id: int) -> ResponseReturnValue:
    """Let somebody in no longer."""
    return _change(person_id, "deactivate", lambda: changes.deactivate(db.session, person_id, caller().id))


@blueprint.post(f"{_ONE}/reactivate")
@needs(ADMINISTER)
def reactivate(person_id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    return _change(person_id, "reactivate", lambda: changes.reactivate(db.session, person_id, caller().id))


@blueprint.post(f"{_ONE}/sign-out")
@needs(ADMINISTER)
def sign_out(person_id: int) -> ResponseReturnValue:
    """End every session of somebody. That needs no password: it can only make things safer."""
    with transaction(db.session):
        changes.end_sessions(db.session, person_id, caller().id)
    return _back(person_id, "sign-out")


@blueprint.post(f"{_ONE}/link")
@needs(ADMINISTER)
def make_link(person_id: int) -> ResponseReturnValue:
    """A link for a new password, shown this once."""
    try:
        fresh.require_fresh(request.form.get(fresh.FIELD))
        with transaction(db.session):
            person = accounts.get(db.session, person_id)
            link = links.make(db.session, person, login.secret_key(), caller().id)
    except Refusal as refusal:
        language.page_address(f"{_HOME}/{person_id}")
        return _one(person_id, "link", refusal), refusal.status
    return _handed_over(person, link)


def _change(person_id: int, name: str, act: Callable[[], object]) -> ResponseReturnValue:
    """Carry out an act in a transaction, with the own password where it is due; back to the person."""
    try:
        fresh.require_fresh(request.form.get(fresh.FIELD))
        with transaction(db.session):
            act()
    except Refusal as refusal:
        language.page_address(f"{_HOME}/{person_id}")
        return _one(person_id, name, refusal), refusal.status
    return _back(person_id, name)


def _back(person_id: int, done: str) -> ResponseReturnValue:
    return redirect(url_for("staff_desk.show_one", person_id=person_id, done=done, lang=current()), 303)


def _handed_over(person: Staff, link: str) -> ResponseReturnValue:
    language.page_address(f"{_HOME}/{person.id}")
    page = render_template(
        "staff/admin/link.html",
        person=person,
        address=links.address(current_app.extensions["settings"].public_url, link),
        until=person.link_expires_at,
    )
    return page, {"Referrer-Policy": "no-referrer"}


def _list(typed: Mapping[str, object] | None = None, refusal: Refusal | None = None) -> str:
    return render_template(
        "staff/admin/staff.html",
        people=accounts.list_people(db.session),
        roles_of=accounts.roles_of,
        may_change=ADMINISTER in caller().permissions,
        typed=typed or {},
        problem=problem(refusal) if refusal else None,
        now=clock.now(),
    )


def _one(person_id: int, acted: str | None = None, refusal: Refusal | None = None) -> str:
    person = accounts.get(db.session, person_id)
    return render_template(
        "staff/admin/person.html",
        person=person,
        roles=accounts.roles_of(person),
        own=caller().id == f"staff:{person.id}",
        issued=len(tokens.issued_by(db.session, person.id)),
        may_change=ADMINISTER in caller().permissions,
        acted=acted,
        problem=problem(refusal) if refusal else None,
        done=request.args.get("done"),
        now=clock.now(),
    )
