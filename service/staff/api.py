"""``GET /api/v1/desk/audit``: the trail with the result of its chain check."""

from dataclasses import asdict
from typing import Any

from service.clock import rfc3339
from service.db import db
from service.staff import audit
from service.staff.permissions import READ_AUDIT
from service.staff.schemas import AuditAnswer, AuditQuery
from service.web.access import needs
from service.web.body import ApiBlueprint

blueprint = ApiBlueprint("audit", __name__, url_prefix="/api/v1/desk", description="The audit trail")


@blueprint.route("/audit")
@needs(READ_AUDIT)
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditAnswer)
def read_audit(query: dict[str, Any]) -> dict[str, Any]:
    """The audit trail, newest first, with its hash chain verified."""
    limit, before = query.pop("limit"), query.pop("cursor")
    found = audit.page(db.session, before, limit, **query)
    items = [
        {
            "sequence": entry.sequence,
            "at": rfc3339(entry.at),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "details": entry.details,
            "hash": entry.hash,
        }
        for entry in found
    ]
    more = len(found) == limit and found[-1].sequence > 1
    return {
        "items": items,
        "next_cursor": str(found[-1].sequence) if more else None,
        "chain": asdict(audit.check_chain(db.session)),
    }
