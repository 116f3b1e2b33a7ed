"""``/desk/moderation``: lists, a message with its history, statistics, the end of a shift.

Everything works without JavaScript; `desk.js` adds the keyboard and claims by itself.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service import clock
from service.db import db
from service.errors import ArticleNotAllowed, Refusal
from service.moderation import answers, claims, desk, queries, statistics
from service.moderation.queries import Filters, QueueItem
from service.moderation.schemas import ArrivalsQuery, PeriodQuery, QueueQuery, filters
from service.staff import accounts
from service.staff.permissions import (
    DECIDE_MESSAGES,
    LEAD,
    MODERATOR,
    READ_HISTORY,
    READ_QUEUE,
    READ_STATISTICS,
)
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current
from service.wiring import current_wiring

blueprint = Blueprint("moderation_desk", __name__, template_folder="templates")

FILTERS = ("section", "article", "flag", "reason", "moderator", "since", "until", "text", "mine")
BATCH = 10  # messages that the page claims at once


@blueprint.get("/desk/moderation")
@needs(READ_QUEUE)
def show_queue() -> ResponseReturnValue:
    """A page of one list."""
    return list_page()


def list_page(
    refusal: Refusal | None = None, state: str | None = None, message_id: str = ""
) -> ResponseReturnValue:
    """The list that the address asks for, or ``state``, with what was refused about a message."""
    asked = {name: request.args[name] for name in ("state", "cursor", *FILTERS) if request.args.get(name)}
    try:
        query = load(QueueQuery(), {"state": state} if state else asked)
        chosen = chosen_filters(query)
    except Refusal as wrong:  # what was asked for is no list: say so above the plain one
        refusal, asked, query = refusal or wrong, {}, load(QueueQuery(), {})
        chosen = Filters()
    items, next_cursor = queries.queue(db.session, query["state"], query["limit"], query["cursor"], chosen)
    if query["state"] == queries.PENDING and not query["cursor"] and chosen == Filters():
        items = _own_first(items)
    page = render_template(
        "moderation/queue.html",
        items=items,
        state=query["state"],
        states=queries.STATES,
        asked=asked,
        filtered=chosen != Filters(),
        next_cursor=next_cursor,
        problem=problem(refusal) if refusal else None,
        done=request.args.get("done"),
        count=request.args.get("count", type=int),
        waiting=queries.waiting(db.session),
        shift=statistics.shift_of(db.session, caller().id),
        newest=clock.now().isoformat(),
        sections=dict.fromkeys(name for _, name in current_wiring().settings.section_patterns),
        moderators=accounts.names_of(db.session, accounts.with_role(db.session, (MODERATOR, LEAD))),
        kinds=queries.FLAGS,
        batch=BATCH,
        **card_context(items, message_id),
    )
    return page, refusal.status if refusal else 200


@blueprint.get("/desk/moderation/messages/<key:message_id>")
@needs(READ_HISTORY)
def show_message(message_id: str) -> str:
    """One message with every decision on it."""
    item = queries.get_item(db.session, message_id)
    made = queries.history(db.session, message_id)
    context = card_context([item])
    context["names"] |= accounts.names_of(db.session, [decision.decided_by for decision in made])
    return render_template(
        "moderation/message.html", item=item, made=made, state=item.state, alone=True, **context
    )


@blueprint.get("/desk/moderation/arrivals")
@needs(READ_QUEUE)
def tell_arrivals() -> ResponseReturnValue:
    """What a page that stays open asks for: how many messages are new, what is still held. Only
    somebody who did something since the last time keeps the leases by it."""
    after = load(ArrivalsQuery(), {"after": request.args["after"]} if request.args.get("after") else {})[
        "after"
    ]
    if DECIDE_MESSAGES in caller().permissions and request.args.get("active") == "yes":
        desk.keep_leases(db.session, caller(), current_wiring())
    return jsonify(
        arrived=queries.arrivals(db.session, after) if after else 0,
        most=queries.COUNTED,
        held=list(claims.held_by(db.session, caller().id)),
    )


@blueprint.get("/desk/moderation/statistics")
@needs(READ_STATISTICS)
def show_statistics() -> ResponseReturnValue:
    """Waiting time, throughput, reasons and agreement, for leads."""
    refusal = None
    try:
        asked = {name: request.args[name] for name in ("from", "to") if request.args.get(name)}
        days = load(PeriodQuery(), asked)
        since, until = statistics.period(days["from_"], days["to"], clock.now())
    except Refusal as wrong:
        refusal = wrong
        since, until = statistics.period(None, None, clock.now())
    found = statistics.of_period(db.session, since, until)
    page = render_template(
        "moderation/statistics.html",
        found=found,
        since=since,
        until=until,
        last_day=(until - timedelta(days=1)).date(),
        most=queries.COUNTED,
        problem=problem(refusal) if refusal else None,
        names=accounts.names_of(db.session, found.by_moderator),
        reason_names=answers.REASON_NAMES,
    )
    return page, refusal.status if refusal else 200


@blueprint.get("/desk/moderation/shift")
@needs(DECIDE_MESSAGES)
def show_shift() -> str:
    """What the caller has done since the last long pause."""
    return render_template(
        "moderation/shift.html",
        shift=statistics.shift_of(db.session, caller().id),
        reason_names=answers.REASON_NAMES,
    )


def chosen_filters(query: dict[str, Any]) -> Filters:
    """The filters of a loaded query. Raises ArticleNotAllowed."""
    article = query.get("article")
    try:
        key = current_wiring().addresses.read(article).key if article else None
    except ArticleNotAllowed:
        key = "nowhere"  # an address that is none of ours has no messages
    return filters(query, key, caller().id)


def card_context(items: Any, message_id: str = "") -> dict[str, Any]:
    """What cards are drawn with."""
    people = {item.claimed_by for item in items} | {item.proposed_by for item in items}
    people |= {item.decided_by for item in items}
    permissions = caller().permissions
    typed = {name: request.form.get(name, "") for name in ("reason", "note")}
    return {
        "me": caller().id,
        "names": accounts.names_of(db.session, people - {None}),
        "may_decide": DECIDE_MESSAGES in permissions,
        "may_read_history": READ_HISTORY in permissions,
        "may_read_statistics": READ_STATISTICS in permissions,
        "reasons": current_wiring().terms.in_force(clock.now(), current()).limits.reasons,
        "reason_names": answers.REASON_NAMES,
        "flag_names": answers.FLAG_NAMES,
        "flags_of": answers.flags,
        "typed": typed | {"message_id": message_id},
    }


def _own_first(items: Any) -> list[QueueItem]:
    """What the caller holds stands at the beginning of the first page."""
    own, _ = queries.queue(db.session, queries.PENDING, 100, None, Filters(holder=caller().id))
    held = {item.id for item in own}
    return [*own, *(item for item in items if item.id not in held)]
