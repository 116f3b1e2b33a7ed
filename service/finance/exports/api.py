"""``/api/v1/desk/finance/export`` and ``/exports``: the books as a file, now or later, and again."""

from itertools import chain
from typing import Any

from flask import Response, request, send_file
from flask.typing import ResponseReturnValue

from service.db import db, end_reading
from service.errors import ExportNotReady, NotFound, Unavailable
from service.finance.current import current_workshop
from service.finance.exports import orders, record
from service.finance.exports.running import ExportStopped
from service.finance.exports.schemas import ExportAnswer, ExportQuery, ExportsAnswer
from service.finance.exports.selection import of_query
from service.finance.model import Export
from service.staff import fresh
from service.staff.permissions import EXPORT, READ_FINANCE
from service.web.access import caller, needs
from service.web.body import ApiBlueprint

blueprint = ApiBlueprint(
    "exports", __name__, url_prefix="/api/v1/desk/finance", description="The books as files"
)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "beancount": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHOWN = 50


@blueprint.route("/export")
@needs(READ_FINANCE)
@blueprint.arguments(ExportQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="text/csv")
def export_now(query: dict[str, Any]) -> Response:
    """What was booked in a period, as a file that is sent while it is made. ``X-Export-Id`` names
    its record; a download that broke off is gone on with at ``/exports/{id}/content``."""
    if request.method == "HEAD":
        return Response(mimetype=TYPES[query["format"]])
    wanted = of_query(query)
    fresh.require_fresh(None)
    export = orders.order(wanted, caller().id)
    end_reading(db.session)
    running = orders.start(export)
    if running is None:
        raise Unavailable
    sent = running.follow()
    # The first bytes are awaited here, so that a file that cannot be made is an error, not half a file.
    try:
        first = next(sent)
    except (StopIteration, ExportStopped) as nothing:
        raise Unavailable from nothing
    return _as_file(Response(chain([first], sent)), export)


@blueprint.route("/exports", methods=["POST"])
@needs(EXPORT)
@blueprint.arguments(ExportQuery)
@blueprint.response(202, ExportAnswer)
def export_later(query: dict[str, Any]) -> dict[str, Any]:
    """Begin a file; look at ``/exports/{id}`` until it is finished."""
    wanted = of_query(query)
    fresh.require_fresh(None)
    export = orders.order(wanted, caller().id)
    orders.start(export)
    return record.describe(export)


@blueprint.route("/exports")
@needs(READ_FINANCE)
@blueprint.response(200, ExportsAnswer)
def list_exports() -> dict[str, Any]:
    """The last exports, newest first."""
    return {"items": [record.describe(export) for export in record.newest(db.session, _SHOWN)]}


@blueprint.route("/exports/<key:export_id>")
@needs(READ_FINANCE)
@blueprint.response(200, ExportAnswer)
def show_export(export_id: str) -> dict[str, Any]:
    """Who asked for what, how far it is; hash, rows and control totals."""
    return record.describe(record.get(db.session, export_id))


@blueprint.route("/exports/<key:export_id>/content")
@needs(READ_FINANCE)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def show_content(export_id: str) -> ResponseReturnValue:
    """The same bytes again, whole or by Range. 409 ``export_not_ready`` while it is made; 404
    once it is no longer kept."""
    export = record.get(db.session, export_id)
    if export.state in (record.WAITING, record.RUNNING):
        raise ExportNotReady
    path = current_workshop().path(export_id)
    if export.state != record.FINISHED or not path.is_file():
        raise NotFound
    response = send_file(
        path, mimetype=TYPES[export.wanted["format"]], conditional=True, etag=export.sha256 or False
    )
    return _as_file(response, export)


def _as_file(response: Response, export: Export) -> Response:
    response.headers["Content-Type"] = TYPES[export.wanted["format"]]
    response.headers["Content-Disposition"] = f'attachment; filename="{export.filename}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Export-Id"] = export.id
    return response
