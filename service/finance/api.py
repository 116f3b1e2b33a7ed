"""``/api/v1/desk/finance``: the books as a file and as balances, and compared with the processor's."""

from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, jsonify

from service.clock import rfc3339
from service.db import db, transaction
from service.finance import answers, books, export, reconcile, sequence
from service.finance.beancount import as_beancount
from service.finance.export import Period, StandingSource
from service.finance.fetch import Scope
from service.finance.schemas import BooksQuery, ExportQuery, ReconciliationBody
from service.staff import audit
from service.staff.permissions import READ_FINANCE, RECONCILE
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
    """One row per money movement booked in a period, as CSV; or the entries, as beancount."""
    period, dialect, form = Period(query["first"], query["last"]), query["dialect"], query["format"]
    with transaction(db.session):
        sequence.assign(db.session)
        audit.record(
            db.session,
            caller().id,
            "finance.exported",
            f"{period.first}..{period.last}",
            {"rows": query["rows"], "format": form, "dialect": dialect},
        )
    standing: StandingSource = current_app.extensions["standing"]
    title = f"{current_app.extensions['settings'].publisher_name}: Apresiasi Spesial"
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # werkzeug's proxy

    def stream() -> Iterator[bytes]:
        # The request's own session is gone by the time that the body is sent.
        with app.app_context():
            if form == "beancount":
                yield from as_beancount(db.session, period, title)
            else:
                yield from export.as_csv(export.movements(db.session, period, standing()), dialect)

    response = Response(stream(), mimetype="text/plain" if form == "beancount" else "text/csv")
    ending = "" if dialect == "standard" or form != "csv" else f"-{dialect}"
    name = f"movements-{period.first}-{period.last}{ending}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/reconciliations", methods=["POST"])
@needs(RECONCILE)
@blueprint.arguments(ReconciliationBody)
@blueprint.response(202, {"type": "object"})
def reconcile_books(body: dict[str, Any]) -> Response:
    """Compare the books with the processor's, of a payout or a period. It begins within a
    minute; an interrupted one goes on where it was."""
    processor: str = body.get("processor") or current_app.extensions["wiring"].processors.current.name
    if "payout" in body:
        scope = Scope(processor, payout_ref=body["payout"])
    else:
        scope = answers.scope_of_days(processor, Period(body["first"], body["last"]))
    current_app.extensions["wiring"].processors.get(processor)
    id_ = reconcile.begin(db.session, scope)
    with transaction(db.session):
        audit.record(db.session, caller().id, "finance.reconciled", id_, {"payout": scope.payout_ref})
    response = jsonify(answers.of_reconciliation(db.session, reconcile.get(db.session, id_)))
    response.status_code = 202
    return response


@blueprint.route("/reconciliations/<key:reconciliation_id>")
@needs(READ_FINANCE)
@blueprint.response(200, {"type": "object"})
def show_reconciliation(reconciliation_id: str) -> Response:
    """Matched, missing on either side, different, and control totals."""
    found = reconcile.get(db.session, reconciliation_id)
    return jsonify(answers.of_reconciliation(db.session, found))


@blueprint.route("/books")
@needs(READ_FINANCE)
@blueprint.arguments(BooksQuery, location="query")
@blueprint.response(200, {"type": "object"})
def show_books(query: dict[str, Any]) -> Response:
    """Every account's balance, as it is or as the books said at a past moment."""
    found = books.balances(db.session, query.get("at"), query.get("on"))
    return jsonify(at=rfc3339(query.get("at")), balances=answers.of_balances(found))
