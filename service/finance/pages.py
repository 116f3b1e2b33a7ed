"""``/desk/finance``: figures first, then exceptions to explain and comparisons to look at."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import clock
from service.db import db, transaction
from service.errors import PaymentDetailsRefused, Refusal, ValidationFailed
from service.finance import books, charts, dashboard, exceptions, reconcile
from service.finance.closing.months import month_of, name_of, next_month, read_month
from service.finance.current import home_currency
from service.finance.schemas import ExplanationBody
from service.staff import audit
from service.staff.permissions import EXPLAIN_EXCEPTIONS, READ_FINANCE
from service.web import language
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current

blueprint = Blueprint("finance_desk", __name__, template_folder="templates")
_SHOWN = 50


@blueprint.get("/desk/finance")
@needs(READ_FINANCE)
def finance_desk() -> str:
    """The month's figures as charts and tables; exceptions first."""
    today = clock.jakarta_date(clock.now())
    try:
        day = read_month(request.args["month"]).first if request.args.get("month") else today
    except ValidationFailed:
        day = today
    found = dashboard.figures(db.session, day, today, home_currency())
    return render_template(
        "finance/dashboard.html",
        figures=found,
        earlier=name_of(month_of(date.fromordinal(max(found.month.first.toordinal() - 1, 400)))),
        later=name_of(next_month(found.month)) if found.month.last < today else None,
        charts=_charts(found),
        fee_ratio=dashboard.fee_ratio,
        open=exceptions.unresolved(db.session, None, _SHOWN),
        words_of=exceptions.words_of,
        balances=books.balances(db.session),
        reconciliations=reconcile.newest(db.session, 10),
    )


def _charts(found: dashboard.Figures) -> dict[str, charts.Chart]:
    days = [bucket.name[-2:].lstrip("0") for bucket in found.by_day]
    drawn = {"day": charts.gross(found.by_day, days)}
    for name, buckets in (("section", found.by_section), ("method", found.by_method)):
        largest = buckets[:10]
        if largest:
            drawn[name] = charts.gross(largest, [it.name or "–" for it in largest])
    return drawn


@blueprint.get("/desk/finance/exceptions")
@needs(READ_FINANCE)
def show_exceptions() -> str:
    """What must be looked at, those to be explained first."""
    return _exceptions_page()


@blueprint.post("/desk/finance/exceptions/<int(max=9223372036854775807):exception_id>")
@needs(EXPLAIN_EXCEPTIONS)
def explain_exception(exception_id: int) -> ResponseReturnValue:
    """A note on an exception; back to the list."""
    try:
        body = load(ExplanationBody(), {"note": request.form.get("note", "").strip()})
        with transaction(db.session):
            exceptions.explain(db.session, exception_id, body["note"], caller().id)
            audit.record(db.session, caller().id, "finance.exception_explained", str(exception_id))
    except (ValidationFailed, PaymentDetailsRefused) as refusal:
        language.page_address("/desk/finance/exceptions")
        return _exceptions_page(exception_id, refusal), refusal.status
    return redirect(url_for("finance_desk.show_exceptions", lang=current()), 303)


def _exceptions_page(wrong: int | None = None, refusal: Refusal | None = None) -> str:
    return render_template(
        "finance/exceptions.html",
        exceptions=exceptions.newest(db.session, 200),
        words_of=exceptions.words_of,
        states=exceptions.STATES,
        wrong=wrong,
        typed=request.form.get("note", ""),
        problem=problem(refusal) if refusal else None,
        may_explain=EXPLAIN_EXCEPTIONS in caller().permissions,
    )


@blueprint.get("/desk/finance/reconciliations/<key:reconciliation_id>")
@needs(READ_FINANCE)
def show_reconciliation(reconciliation_id: str) -> str:
    """One comparison with everything that did not agree."""
    return render_template(
        "finance/reconciliation.html",
        found=reconcile.get(db.session, reconciliation_id),
        differences=reconcile.differences_of(db.session, reconciliation_id),
    )
