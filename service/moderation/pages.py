"""``/desk/moderation``: the queue as a page that works without JavaScript."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service import clock
from service.db import db, transaction
from service.errors import Refusal
from service.moderation import queries
from service.moderation.decide import decide
from service.moderation.schemas import DecisionBody, QueueQuery
from service.staff.permissions import DECIDE_MESSAGES, READ_QUEUE
from service.web import language
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current
from service.wiring import current_wiring

DONE = {"publish": "published", "reject": "rejected", "remove": "removed"}

blueprint = Blueprint("moderation_desk", __name__, template_folder="templates")


@blueprint.get("/desk/moderation")
@needs(READ_QUEUE)
def show_queue() -> str:
    """A page of one state."""
    return _page()


@blueprint.post("/desk/moderation/<key:message_id>")
@needs(DECIDE_MESSAGES)
def decide_message(message_id: str) -> Response | tuple[str, int]:
    """One decision from the page's buttons; back to the same list."""
    form = request.form
    state = form.get("state", "")
    state = state if state in queries.STATES else queries.STATES[0]
    decision = form.get("decision", "")
    try:
        verdict = load(
            DecisionBody(),
            {
                "decision": decision,
                "revision": form.get("revision", type=int),
                # The select stands on the card for rejecting and removing.
                "reason": form.get("reason") or None if decision != "publish" else None,
                "note": form.get("note") or None,
                "hide_name": form.get("hide_name") == "yes",
            },
        )
        with transaction(db.session):
            decide(db.session, message_id, verdict, caller().id, current_wiring())
    except Refusal as refusal:
        language.page_address("/desk/moderation", state=state)
        return _page(refusal, state, message_id), refusal.status
    done = DONE.get(decision, "")
    return redirect(url_for("moderation_desk.show_queue", state=state, done=done, lang=current()), 303)


def _page(refusal: Refusal | None = None, state: str | None = None, message_id: str = "") -> str:
    asked = {name: request.args[name] for name in ("state", "cursor") if request.args.get(name)}
    query = load(QueueQuery(), {"state": state} if state else asked)
    items, next_cursor = queries.queue(db.session, **query)
    typed = {name: request.form.get(name, "") for name in ("reason", "note")} | {"message_id": message_id}
    return render_template(
        "moderation/queue.html",
        items=items,
        state=query["state"],
        states=queries.STATES,
        next_cursor=next_cursor,
        may_decide=DECIDE_MESSAGES in caller().permissions,
        reasons=current_wiring().terms.in_force(clock.now(), current()).limits.reasons,
        problem=problem(refusal) if refusal else None,
        typed=typed,
        done=request.args.get("done"),
    )
