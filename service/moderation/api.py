"""The staff JSON API of moderation: queue, claims, decisions, history, statistics."""

from typing import Any

from service import clock
from service.clock import rfc3339
from service.db import db, transaction
from service.moderation import answers, claims, desk, flagging, queries, statistics
from service.moderation.decide import Verdict, decide
from service.moderation.schemas import (
    BulkAnswer,
    BulkBody,
    ClaimAnswer,
    ClaimBody,
    DecisionBody,
    HistoryAnswer,
    PeriodQuery,
    QueueAnswer,
    QueueItemAnswer,
    QueueQuery,
    StatisticsAnswer,
    filters,
)
from service.staff.permissions import DECIDE_MESSAGES, READ_HISTORY, READ_QUEUE, READ_STATISTICS
from service.web.access import caller, needs
from service.web.body import ApiBlueprint
from service.web.errors import problem
from service.wiring import current_wiring

blueprint = ApiBlueprint(
    "moderation", __name__, url_prefix="/api/v1/desk/moderation", description="The moderation desk"
)


@blueprint.before_request
def keep_leases() -> None:
    """Any call of a holder renews the leases."""
    if DECIDE_MESSAGES in caller().permissions:
        desk.keep_leases(db.session, caller(), current_wiring())


@blueprint.route("/queue")
@needs(READ_QUEUE)
@blueprint.arguments(QueueQuery, location="query")
@blueprint.response(200, QueueAnswer)
def read_queue(query: dict[str, Any]) -> dict[str, Any]:
    """Messages in one list: what waits with the most urgent first, or what was decided."""
    items, next_cursor = queries.queue(
        db.session, query["state"], query["limit"], query["cursor"], _filters(query)
    )
    return {"items": [answers.message(item) for item in items], "next_cursor": next_cursor}


@blueprint.route("/claims", methods=["POST"])
@needs(DECIDE_MESSAGES)
@blueprint.arguments(ClaimBody)
@blueprint.response(200, ClaimAnswer)
def claim(body: dict[str, Any]) -> dict[str, Any]:
    """Lease more waiting messages to the caller, those first that stand first in the queue. What the
    caller holds already is the queue with ``mine=true``."""
    items = desk.claim(db.session, caller(), body["count"], _filters(body), current_wiring())
    return {"items": [answers.message(item) for item in items]}


@blueprint.route("/claims", methods=["DELETE"])
@needs(DECIDE_MESSAGES)
@blueprint.response(204)
def release() -> None:
    """Give back everything that the caller holds."""
    with transaction(db.session):
        claims.release(db.session, caller().id)


@blueprint.route("/messages/<key:message_id>/decision", methods=["POST"])
@needs(DECIDE_MESSAGES)
@blueprint.arguments(DecisionBody)
@blueprint.response(200, QueueItemAnswer)
def decide_message(verdict: Verdict, message_id: str) -> dict[str, Any]:
    """Publish, reject, remove or escalate one message, or undo its last decision."""
    with transaction(db.session):
        decide(db.session, message_id, verdict, desk.moderator(caller()), current_wiring())
    return answers.message(queries.get_item(db.session, message_id))


@blueprint.route("/decisions", methods=["POST"])
@needs(DECIDE_MESSAGES)
@blueprint.arguments(BulkBody)
@blueprint.response(200, BulkAnswer)
def decide_many(body: dict[str, Any]) -> dict[str, Any]:
    """Several decisions, each with an outcome of its own."""
    refusals = desk.carry_out(db.session, body["items"], caller(), current_wiring())
    ids = [message_id for message_id, _ in body["items"]]
    found = {item.id: item for item in queries.by_ids(db.session, ids)}
    outcomes = []
    for id_, refusal in zip(ids, refusals, strict=True):
        item = found.get(id_) if refusal is None else None
        outcomes.append(
            {
                "id": id_,
                "status": refusal.status if refusal else 200,
                "message": answers.message(item) if item else None,
                "problem": problem(refusal) if refusal else None,
            }
        )
    return {"items": outcomes}


@blueprint.route("/messages/<key:message_id>/flags/<string:kind>", methods=["DELETE"])
@needs(DECIDE_MESSAGES)
@blueprint.response(200, QueueItemAnswer)
def dismiss_flag(message_id: str, kind: str) -> dict[str, Any]:
    """Take a flag that does not fit off a message."""
    with transaction(db.session):
        flagging.dismiss(db.session, message_id, kind, caller().id)
    return answers.message(queries.get_item(db.session, message_id))


@blueprint.route("/messages/<key:message_id>/history")
@needs(READ_HISTORY)
@blueprint.response(200, HistoryAnswer)
def read_history(message_id: str) -> dict[str, Any]:
    """Every decision on a message with who, when and why."""
    return {"items": [answers.decision(made) for made in queries.history(db.session, message_id)]}


@blueprint.route("/statistics")
@needs(READ_STATISTICS)
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, StatisticsAnswer)
def read_statistics(query: dict[str, Any]) -> dict[str, Any]:
    """Waiting time, throughput, reasons and agreement in a period of at most 31 days."""
    found = statistics.of_period(db.session, *statistics.period(query["from_"], query["to"], clock.now()))
    counts = ("by_decision", "by_reason", "by_moderator", "by_day", "by_hour")
    told: dict[str, Any] = {
        name: [{"name": key, "count": count} for key, count in getattr(found, name).items()]
        for name in counts
    }
    return told | {
        "waiting": found.waiting,
        "oldest_received_at": rfc3339(found.oldest_received_at),
        "decided": found.decided,
        "median_wait_s": found.median_wait_s,
        "slowest_tenth_wait_s": found.slowest_tenth_wait_s,
        "judged_twice": found.judged_twice,
        "judged_alike": found.judged_alike,
    }


def _filters(data: dict[str, Any]) -> queries.Filters:
    article = data.get("article")
    key = current_wiring().addresses.read(article).key if article else None
    return filters(data, key, caller().id)
