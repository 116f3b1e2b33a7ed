"""``GET /api/v1/desk/audit``: the trail with what is known of its hash chain."""

from typing import Any

from service.clock import rfc3339
from service.db import db
from service.staff import chain, trail
from service.staff.chain import State
from service.staff.model import AuditEntry
from service.staff.permissions import READ_AUDIT
from service.staff.schemas import AuditAnswer, AuditQuery, filters
from service.web.access import needs
from service.web.body import ApiBlueprint

blueprint = ApiBlueprint("audit", __name__, url_prefix="/api/v1/desk", description="The audit trail")


@blueprint.route("/audit")
@needs(READ_AUDIT)
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditAnswer)
def read_audit(query: dict[str, Any]) -> dict[str, Any]:
    """The audit trail, newest first, with the result of its hash chain check."""
    found, cursor = trail.page(db.session, filters(query), query["cursor"], query["limit"])
    state = chain.whole(db.session) if query["verify"] == "whole" else chain.state(db.session)
    return {
        "items": [as_item(entry) for entry in found],
        "next_cursor": str(cursor) if cursor else None,
        "chain": _chain(state),
    }


def as_item(entry: AuditEntry) -> dict[str, Any]:
    """An entry as programs read it."""
    return {
        "sequence": entry.sequence,
        "at": rfc3339(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
        "hash": entry.hash,
    }


def _chain(state: State) -> dict[str, Any]:
    return {
        "intact": state.intact,
        "entries": state.entries,
        "broken_at": state.broken_at,
        "unchecked": state.unchecked,
        "whole_checked_at": rfc3339(state.whole_at),
    }
