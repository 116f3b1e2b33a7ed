"""``GET /api/v1/desk/finance/export``: the books as a streamed file."""

from collections.abc import Iterator
from typing import Any

from flask import Response, current_app

from service.db import db, transaction
from service.finance import export, sequence
from service.finance.export import Period, StandingSource
from service.finance.schemas import ExportQuery
from service.staff import audit
from service.staff.permissions import READ_FINANCE
from service.web.access import caller, needs
from service.web.body import ApiBlueprint

blueprint = ApiBlueprint(
    "finance", __name__, url_prefix="/api/v1/desk/finance", description="Exports for finance staff"
)


@blueprint.route("/export")
@needs(READ_FINANCE)
@blueprint.arguments(ExportQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="text/csv")
def export_movements(query: dict[str, Any]) -> Response:
    """One row per money movement booked in a period, as CSV."""
    period, dialect = Period(query["first"], query["last"]), query["dialect"]
    with transaction(db.session):
        sequence.assign(db.session)
        audit.record(
            db.session,
            caller().id,
            "finance.exported",
            f"{period.first}..{period.last}",
            {"rows": query["rows"], "format": query["format"], "dialect": dialect},
        )
    standing: StandingSource = current_app.extensions["standing"]
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # werkzeug's proxy

    def stream() -> Iterator[bytes]:
        # The request's own session is gone by the time that the body is sent.
        with app.app_context():
            yield from export.as_csv(export.movements(db.session, period, standing()), dialect)

    response = Response(stream(), mimetype="text/csv")
    ending = "" if dialect == "standard" else f"-{dialect}"
    name = f"movements-{period.first}-{period.last}{ending}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
