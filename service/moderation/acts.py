"""What the desk's page sends: claim, decide one or many, dismiss a flag, end the shift.

A form answers with a redirect; the page's script asks for the changed cards instead.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.db import db, transaction
from service.errors import N_, NotFound, Refusal, ValidationFailed
from service.moderation import claims, desk, flagging, queries
from service.moderation.decide import Verdict
from service.moderation.pages import BATCH, card_context, chosen_filters, list_page
from service.moderation.schemas import MOST_AT_ONCE, DecisionBody, QueueQuery
from service.moderation.transitions import PUBLISH, REJECT, REMOVE
from service.staff.permissions import DECIDE_MESSAGES
from service.web import language
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current
from service.wiring import current_wiring

blueprint = Blueprint("moderation_acts", __name__, template_folder="templates")


@blueprint.before_request
def keep_leases() -> None:
    """Whoever acts keeps what is held."""
    desk.keep_leases(db.session, caller(), current_wiring())


@blueprint.post("/desk/moderation/claims")
@needs(DECIDE_MESSAGES)
def claim() -> ResponseReturnValue:
    """Take the next batch, within the filters of the list."""
    form = request.form
    asked: dict[str, Any] = {name: form[name] for name in ("section", "article", "flag") if form.get(name)}
    chosen = chosen_filters(load(QueueQuery(), asked))
    items = desk.claim(db.session, caller(), BATCH, chosen, current_wiring())
    if _wants_cards():
        return _cards(items)
    return redirect(url_for("moderation_desk.show_queue", mine="true", lang=current(), **asked), 303)


@blueprint.post("/desk/moderation/release")
@needs(DECIDE_MESSAGES)
def end_shift() -> ResponseReturnValue:
    """Give everything back, and show what was done."""
    with transaction(db.session):
        claims.release(db.session, caller().id)
    return redirect(url_for("moderation_desk.show_shift", ended="yes", lang=current()), 303)


@blueprint.post("/desk/moderation/<key:message_id>")
@needs(DECIDE_MESSAGES)
def decide_message(message_id: str) -> ResponseReturnValue:
    """One decision from a card; back to the same list."""
    form = request.form
    decision = form.get("decision", "")
    try:
        verdict = _verdict(form.get("revision", type=int), decision)
        (refusal,) = desk.carry_out(db.session, [(message_id, verdict)], caller(), current_wiring())
    except Refusal as wrong:
        refusal = wrong
    if _wants_cards():
        return _card(message_id, refusal)
    if refusal is not None:
        language.page_address("/desk/moderation", state=_state())
        return list_page(refusal, _state(), message_id)
    return _back(decision)


@blueprint.post("/desk/moderation/bulk")
@needs(DECIDE_MESSAGES)
def decide_many() -> ResponseReturnValue:
    """The same decision on several messages; the first that was refused is told."""
    decision = request.form.get("decision", "")
    chosen = request.form.getlist("chosen")[: 2 * MOST_AT_ONCE]
    try:
        if not chosen:
            raise ValidationFailed({"chosen": ("required", N_("Choose at least one message."))})
        if decision not in (PUBLISH, REJECT, REMOVE):
            raise ValidationFailed({"decision": ("unknown", N_("This value is not possible here."))})
        items = []
        for entry in chosen:
            id_, _, revision = entry.partition(":")
            items.append((id_, _verdict(int(revision) if revision.isdecimal() else None, decision)))
        outcomes = desk.carry_out(db.session, items, caller(), current_wiring())
    except Refusal as wrong:
        language.page_address("/desk/moderation", state=_state())
        return list_page(wrong, _state())
    refused = [(item[0], outcome) for item, outcome in zip(items, outcomes, strict=True) if outcome]
    if refused:
        language.page_address("/desk/moderation", state=_state())
        message_id, first = refused[0]
        return list_page(first, _state(), message_id)
    return _back(decision, len(items))


@blueprint.post("/desk/moderation/<key:message_id>/flags/<string:kind>")
@needs(DECIDE_MESSAGES)
def dismiss_flag(message_id: str, kind: str) -> ResponseReturnValue:
    """Take a flag that does not fit off a message."""
    with transaction(db.session):
        flagging.dismiss(db.session, message_id, kind, caller().id)
    if _wants_cards():
        return _card(message_id, None)
    return redirect(url_for("moderation_desk.show_queue", state=_state(), lang=current()), 303)


def _verdict(revision: int | None, decision: str) -> Verdict:
    form = request.form
    # The reasons stand on a card for rejecting and removing.
    reason = form.get("reason") or None if decision in (REJECT, REMOVE) else None
    body: dict[str, Any] = {
        "decision": decision,
        "revision": revision,
        "reason": reason,
        "note": form.get("note") or None,
        "hide_name": form.get("hide_name") == "yes" if "may_hide" in form else None,
    }
    verdict: Verdict = load(DecisionBody(), body)
    return verdict


def _state() -> str:
    state = request.form.get("state", "")
    return state if state in queries.STATES else queries.PENDING


def _back(decision: str, count: int | None = None) -> ResponseReturnValue:
    mine = "true" if request.form.get("mine") else None
    place: dict[str, Any] = {"state": _state(), "mine": mine, "done": decision, "count": count}
    return redirect(url_for("moderation_desk.show_queue", lang=current(), **place), 303)


def _wants_cards() -> bool:
    return request.headers.get("X-Wants") == "cards"


def _card(message_id: str, refusal: Refusal | None) -> ResponseReturnValue:
    """The message as it stands now, with what was refused; only that where it left the desk."""
    items = queries.by_ids(db.session, [message_id])
    if not items:
        raise refusal or NotFound
    body = _cards(items, problem(refusal) if refusal else None, message_id)
    return body, refusal.status if refusal else 200


def _cards(items: Any, refused: Any = None, message_id: str = "") -> str:
    return render_template(
        "moderation/cards.html",
        items=items,
        state=_state(),
        problem=refused,
        **card_context(items, message_id),
    )
