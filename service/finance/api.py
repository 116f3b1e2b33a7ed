"""``/api/v1/desk/finance``: sums, balances, exceptions, and the comparison with the processor."""

from typing import Any

from flask import current_app

from service.clock import rfc3339
from service.db import db, transaction
from service.finance import answers, books, exceptions, reconcile, summary
from service.finance.exports.selection import Period
from service.finance.fetch import Scope
from service.finance.schemas import (
    BooksAnswer,
    BooksQuery,
    ExceptionAnswer,
    ExceptionsAnswer,
    ExplanationBody,
    FinanceSummaryAnswer,
    FinanceSummaryQuery,
    ReconciliationAnswer,
    ReconciliationBody,
)
from service.staff import audit
from service.staff.permissions import EXPLAIN_EXCEPTIONS, READ_FINANCE, RECONCILE
from service.web.access import caller, needs
from service.web.body import ApiBlueprint

blueprint = ApiBlueprint(
    "finance", __name__, url_prefix="/api/v1/desk/finance", description="The books, for finance staff"
)
_SHOWN = 200


@blueprint.route("/summary")
@needs(READ_FINANCE)
@blueprint.arguments(FinanceSummaryQuery, location="query")
@blueprint.response(200, FinanceSummaryAnswer)
def show_summary(query: dict[str, Any]) -> dict[str, Any]:
    """Gross, fees, exceptions and net by day, month, section or method, and currency."""
    period = Period(query["first"], query["last"])
    return {
        "by": query["by"],
        "items": [summary.printed(it) for it in summary.buckets(db.session, period, query["by"])],
        "total": [summary.printed(it) for it in summary.buckets(db.session, period, None)],
    }


@blueprint.route("/books")
@needs(READ_FINANCE)
@blueprint.arguments(BooksQuery, location="query")
@blueprint.response(200, BooksAnswer)
def show_books(query: dict[str, Any]) -> dict[str, Any]:
    """Every account's balance, as it is or as the books said at a past moment."""
    found = books.balances(db.session, query.get("at"), query.get("on"))
    return {"at": rfc3339(query.get("at")), "balances": answers.of_balances(found)}


@blueprint.route("/reconciliations", methods=["POST"])
@needs(RECONCILE)
@blueprint.arguments(ReconciliationBody)
@blueprint.response(202, ReconciliationAnswer)
def reconcile_books(body: dict[str, Any]) -> dict[str, Any]:
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
    return answers.of_reconciliation(db.session, reconcile.get(db.session, id_))


@blueprint.route("/reconciliations/<key:reconciliation_id>")
@needs(READ_FINANCE)
@blueprint.response(200, ReconciliationAnswer)
def show_reconciliation(reconciliation_id: str) -> dict[str, Any]:
    """Matched, missing on either side, different, and control totals."""
    found = reconcile.get(db.session, reconciliation_id)
    return answers.of_reconciliation(db.session, found)


@blueprint.route("/exceptions")
@needs(READ_FINANCE)
@blueprint.response(200, ExceptionsAnswer)
def list_exceptions() -> dict[str, Any]:
    """What finance must look at; a month is closed once nothing of it is open here."""
    return {"items": [answers.of_exception(it) for it in exceptions.newest(db.session, _SHOWN)]}


@blueprint.route("/exceptions/<int(max=9223372036854775807):exception_id>/explanation", methods=["POST"])
@needs(EXPLAIN_EXCEPTIONS)
@blueprint.arguments(ExplanationBody)
@blueprint.response(200, ExceptionAnswer)
def explain_exception(body: dict[str, Any], exception_id: int) -> dict[str, Any]:
    """Write down what was found out about an exception; earlier notes are kept."""
    with transaction(db.session):
        exceptions.explain(db.session, exception_id, body["note"], caller().id)
        audit.record(db.session, caller().id, "finance.exception_explained", str(exception_id))
    return answers.of_exception(exceptions.get(db.session, exception_id))
