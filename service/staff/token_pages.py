"""``/desk/admin/tokens``: the tokens of programs, shown once when they are made, revoked at once."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.db import db, transaction
from service.errors import NotFound, Refusal
from service.plain_text import clean_line
from service.staff import accounts, fresh, tokens
from service.staff.permissions import ADMINISTER, READ_ADMINISTRATION
from service.staff.schemas import TokenForm
from service.web import language
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current

blueprint = Blueprint("token_desk", __name__, template_folder="templates")
_HOME = "/desk/admin/tokens"


@blueprint.get(_HOME)
@needs(READ_ADMINISTRATION)
def show_tokens() -> str:
    """Every token with its last use, those in force first; a form for a new one."""
    return _list()


@blueprint.post(_HOME)
@needs(ADMINISTER)
def issue() -> ResponseReturnValue:
    """A new token; its secret is shown this once."""
    sent = {"label": clean_line(request.form.get("label", "")), "role": request.form.get("role", "")}
    try:
        body = load(TokenForm(), sent)
        fresh.require_fresh(request.form.get(fresh.FIELD))
        with transaction(db.session):
            token, secret = tokens.issue(db.session, body["role"], body["label"], caller().id)
    except Refusal as refusal:
        language.page_address(_HOME)
        return _list(sent, refusal), refusal.status
    language.page_address(_HOME)
    return render_template("staff/admin/token.html", token=token, secret=secret)


@blueprint.post(f"{_HOME}/<key:token_id>/revoke")
@needs(ADMINISTER)
def revoke(token_id: str) -> ResponseReturnValue:
    """End a token. That needs no password: it can only make things safer."""
    with transaction(db.session):
        if not tokens.revoke(db.session, token_id, caller().id):
            raise NotFound
    return redirect(url_for("token_desk.show_tokens", done="revoke", lang=current()), 303)


def _list(typed: dict[str, str] | None = None, refusal: Refusal | None = None) -> str:
    found = tokens.list_tokens(db.session)
    return render_template(
        "staff/admin/tokens.html",
        tokens=sorted(found, key=lambda token: token.revoked_at is not None),
        names=accounts.names_of(db.session, {token.issued_by or "" for token in found}),
        may_change=ADMINISTER in caller().permissions,
        typed=typed or {},
        problem=problem(refusal) if refusal else None,
        done=request.args.get("done"),
    )
