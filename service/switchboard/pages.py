"""``/desk/switch``: one tap closes, one tap opens again; made for a phone."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.clock import JAKARTA
from service.controls.scopes import EVERYTHING, Scope, covering
from service.controls.settings import CLOSED, OPEN, PAUSED, PUBLIC_REASONS
from service.controls.turning import Change
from service.db import db, transaction
from service.errors import CLOSED_BECAUSE, Refusal
from service.staff import accounts
from service.staff.permissions import READ_SWITCH, TURN_SWITCH
from service.switchboard import describe
from service.switchboard.describe import Standing
from service.switchboard.schemas import LONGEST_REASON, SwitchBody
from service.switchboard.turn import read_scope, turn
from service.web import language
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current
from service.wiring import current_wiring

blueprint = Blueprint("switchboard", __name__, template_folder="templates")

_PATH = "/desk/switch"
_WORDS = ("reason", "public_reason", "walls", "widget")
_TIMES = ("from", "until")


@blueprint.get(_PATH)
@needs(READ_SWITCH)
def show() -> ResponseReturnValue:
    """How one scope stands, what its latest closing did, and all that is closed."""
    article = request.args.get("article", "").strip()
    asked = f"article:{article}" if article else request.args.get("scope", str(EVERYTHING))
    try:
        scope = read_scope(db.session, asked, current_wiring())
    except Refusal as refusal:
        return _page(EVERYTHING, refusal), refusal.status
    return _page(scope)


@blueprint.post(_PATH)
@needs(TURN_SWITCH)
def turn_switch() -> ResponseReturnValue:
    """Turn it; what is wrong with the times is said on the page, and nothing typed is lost."""
    scope = EVERYTHING
    try:
        scope = read_scope(db.session, request.form.get("scope", ""), current_wiring())
        change = Change(**load(SwitchBody(), _typed()) | {"scope": scope})
        with transaction(db.session):
            turn(db.session, change, caller().id)
    except Refusal as refusal:
        language.page_address(_PATH, scope=str(scope))
        return _page(scope, refusal), refusal.status
    return redirect(url_for("switchboard.show", scope=str(scope), turned="yes", lang=current()), 303)


def _typed() -> dict[str, Any]:
    """The form's fields as the API takes them; its times are Jakarta's."""
    given = {name: request.form[name] for name in (*_WORDS, *_TIMES) if request.form.get(name)}
    times = {name: f"{given[name]}+07:00" for name in _TIMES if name in given}
    return {
        **given,
        **times,
        "scope": request.form.get("scope", ""),
        "open": request.form.get("open") == "yes",
    }


def _page(scope: Scope, refusal: Refusal | None = None) -> str:
    shown, every = describe.one(db.session, scope), describe.every(db.session)
    names = accounts.names_of(db.session, [shown.changed_by] if shown.changed_by else [])
    return render_template(
        "switchboard/switch.html",
        shown=shown,
        others=[it for it in every if it.state != OPEN and it.scope != scope],
        wider=_wider_closing(scope, every),
        who=names.get(shown.changed_by or "", shown.changed_by),
        sections=current_wiring().addresses.sections,
        reasons={reason: CLOSED_BECAUSE[reason] for reason in PUBLIC_REASONS},
        typed=request.form if refusal else _as_set(shown),
        longest_reason=LONGEST_REASON,
        problem=problem(refusal) if refusal else None,
        may_turn=TURN_SWITCH in caller().permissions,
    )


def _as_set(shown: Standing) -> dict[str, str]:
    """The form as the scope is set, for a closing that is to be changed."""
    times = {"from": shown.from_at, "until": shown.until_at}
    return {
        "public_reason": shown.public_reason or PAUSED,
        "walls": shown.walls,
        "widget": shown.widget,
        **{name: f"{at.astimezone(JAKARTA):%Y-%m-%dT%H:%M}" for name, at in times.items() if at},
    }


def _wider_closing(scope: Scope, every: Sequence[Standing]) -> Scope | None:
    """The scope that keeps this one closed whatever it is set to itself, if one does."""
    section = current_wiring().addresses.known(scope.name).section if scope.kind == "article" else None
    wider = [it for it in covering(None, section) if it != scope]
    return next((it.scope for it in every if it.state == CLOSED and it.scope in wider), None)
