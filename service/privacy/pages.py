"""``/desk/admin/privacy``: requests with their deadlines, a form for a new one, one with its record."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.db import db
from service.errors import PasswordNeeded, Refusal
from service.mail import postman
from service.privacy import certificates, records, requests, retention
from service.privacy.api import copy_of
from service.privacy.classes import days_of
from service.privacy.kinds import AWAITING, CORRECT, DONE, KINDS, RESTRICT, WITHIN
from service.privacy.schemas import RequestBody
from service.privacy.words import CLASSES, FILES, KIND_WORDS, REMOVED, STATE_WORDS
from service.staff import accounts, fresh
from service.staff.permissions import HANDLE_PRIVACY, READ_PRIVACY
from service.web import language
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current
from service.wiring import current_wiring

blueprint = Blueprint("privacy_desk", __name__, template_folder="templates")
_HOME = "/desk/admin/privacy"
_ASKED = ("kind", "reference", "email", "proof", "display_name", "new_email")
_SHOWN = 100


@blueprint.get(_HOME)
@needs(READ_PRIVACY)
def show_requests() -> str:
    """Requests, those that wait first; the last runs of the retention."""
    return _page({})


@blueprint.post(_HOME)
@needs(HANDLE_PRIVACY)
def take_in() -> ResponseReturnValue:
    """Take in a request; what is wrong with the form is said in it."""
    sent = {name: request.form.get(name, "").strip() for name in _ASKED}
    try:
        asked = load(RequestBody(), _body(sent))
        fresh.require_fresh(request.form.get(fresh.FIELD))
        row = requests.receive(db.session, asked, caller().id, current_wiring())
    except Refusal as refusal:
        language.page_address(_HOME)
        return _page(sent, refusal), refusal.status
    return redirect(url_for("privacy_desk.show_one", request_id=row.id, lang=current()), 303)


@blueprint.get(f"{_HOME}/<key:request_id>")
@needs(READ_PRIVACY)
def show_one(request_id: str) -> str:
    """One request: what was asked, until when, what was done, and what can be done now."""
    return _one(request_id)


@blueprint.post(f"{_HOME}/<key:request_id>/lift")
@needs(HANDLE_PRIVACY)
def lift(request_id: str) -> ResponseReturnValue:
    """End the restriction that it brought."""
    try:
        fresh.require_fresh(request.form.get(fresh.FIELD))
        requests.lift(db.session, request_id, caller().id, current_wiring())
    except Refusal as refusal:
        language.page_address(f"{_HOME}/{request_id}")
        return _one(request_id, refusal), refusal.status
    return redirect(url_for("privacy_desk.show_one", request_id=request_id, lang=current()), 303)


@blueprint.post(f"{_HOME}/<key:request_id>/export")
@needs(HANDLE_PRIVACY)
def fetch_copy(request_id: str) -> ResponseReturnValue:
    """The copy as a download, made now."""
    try:
        fresh.require_fresh(request.form.get(fresh.FIELD))
        return copy_of(request_id)
    except PasswordNeeded as refusal:
        language.page_address(f"{_HOME}/{request_id}")
        return _one(request_id, refusal), refusal.status


@blueprint.get(f"{_HOME}/certificates/<string:number>")
@needs(READ_PRIVACY)
def show_certificate(number: str) -> str:
    """A certificate, to be printed."""
    found = certificates.get(db.session, number)
    return render_template(
        "privacy/certificate.html",
        found=certificates.describe(found),
        at=found.at,
        replayed_at=found.replayed_at,
        kinds=KIND_WORDS,
        removed_words=REMOVED,
        names=accounts.names_of(db.session, [found.by]),
    )


def _body(sent: dict[str, str]) -> dict[str, Any]:
    """A form as the API's body: fields that were left empty are not there, but for a correction,
    whose ticked fields are written also when they are empty."""
    body: dict[str, Any] = {name: value for name, value in sent.items() if value}
    body.setdefault("proof", "")
    if sent["kind"] != CORRECT:
        return {name: value for name, value in body.items() if name not in ("display_name", "new_email")}
    for name in ("display_name", "new_email"):
        if request.form.get(f"change_{name}"):
            body[name] = sent[name] or None
        else:
            body.pop(name, None)
    return body


def _page(filled: dict[str, str], refusal: Refusal | None = None) -> str:
    rows = records.listing(db.session, _SHOWN)
    wiring = current_wiring()
    return render_template(
        "privacy/requests.html",
        rows=rows,
        overdue=[row.id for row in rows if records.is_overdue(row)],
        filled=filled,
        kinds=KIND_WORDS,
        kind_order=KINDS,
        states=STATE_WORDS,
        runs=retention.last_runs(db.session, 5),
        days=days_of(wiring),
        classes=CLASSES,
        files=FILES,
        may_handle=HANDLE_PRIVACY in caller().permissions,
        may_mail=postman.can_send(wiring.settings),
        problem=problem(refusal) if refusal else None,
    )


def _one(request_id: str, refusal: Refusal | None = None) -> str:
    row = records.get(db.session, request_id)
    may_handle = HANDLE_PRIVACY in caller().permissions
    actors = [it for it in (row.asked_by, row.done_by, row.lifted_by) if it]
    return render_template(
        "privacy/request.html",
        row=row,
        overdue=records.is_overdue(row),
        waits=row.state == AWAITING,
        kinds=KIND_WORDS,
        states=STATE_WORDS,
        removed_words=REMOVED,
        names=accounts.names_of(db.session, actors),
        may_handle=may_handle,
        may_lift=may_handle and row.kind == RESTRICT and row.state == DONE and row.lifted_at is None,
        may_copy=may_handle and records.may_be_copied(row),
        until=row.done_at + WITHIN if row.done_at else None,
        problem=problem(refusal) if refusal else None,
    )
