"""The staff JSON API of moderation: the queue, a decision, a message's history."""

from typing import Any

from service.clock import rfc3339
from service.db import db, transaction
from service.moderation import queries
from service.moderation.decide import Verdict, decide
from service.moderation.queries import QueueItem
from service.moderation.schemas import (
    DecisionBody,
    HistoryAnswer,
    QueueAnswer,
    QueueItemAnswer,
    QueueQuery,
)
from service.staff.permissions import DECIDE_MESSAGES, READ_HISTORY, READ_QUEUE
from service.web.access import caller, needs
from service.web.body import ApiBlueprint
from service.wiring import current_wiring

blueprint = ApiBlueprint(
    "moderation", __name__, url_prefix="/api/v1/desk/moderation", description="The moderation desk"
)


@blueprint.route("/queue")
@needs(READ_QUEUE)
@blueprint.arguments(QueueQuery, location="query")
@blueprint.response(200, QueueAnswer)
def read_queue(query: dict[str, Any]) -> dict[str, Any]:
    """Messages of paid contributions in one state, those that wait longest first."""
    items, next_cursor = queries.queue(db.session, **query)
    return {"items": [_answer(item) for item in items], "next_cursor": next_cursor}


@blueprint.route("/messages/<key:message_id>/decision", methods=["POST"])
@needs(DECIDE_MESSAGES)
@blueprint.arguments(DecisionBody)
@blueprint.response(200, QueueItemAnswer)
def decide_message(verdict: Verdict, message_id: str) -> dict[str, Any]:
    """Publish, reject or remove one message."""
    with transaction(db.session):
        decide(db.session, message_id, verdict, caller().id, current_wiring())
    return _answer(queries.get_item(db.session, message_id))


@blueprint.route("/messages/<key:message_id>/history")
@needs(READ_HISTORY)
@blueprint.response(200, HistoryAnswer)
def read_history(message_id: str) -> dict[str, Any]:
    """Every decision on a message with who, when and why."""
    items = [
        {
            "revision": decision.revision,
            "decision": decision.decision,
            "reason": decision.reason,
            "note": decision.note,
            "name_hidden": decision.name_hidden,
            "state_before": decision.state_before,
            "state_after": decision.state_after,
            "decided_by": decision.decided_by,
            "decided_at": rfc3339(decision.decided_at),
        }
        for decision in queries.history(db.session, message_id)
    ]
    return {"items": items}


def _answer(item: QueueItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "revision": item.revision,
        "state": item.state,
        "message": item.message,
        "display_name": item.display_name,
        "name_hidden": item.name_hidden,
        "article": {
            "url": item.article_url,
            "title": item.article_title,
            "section": item.article_section,
        },
        "flags": [],
        "priority": 0,
        "received_at": rfc3339(item.received_at),
        "claimed_by": None,
        "escalated": False,
    }
