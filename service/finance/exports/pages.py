"""``/desk/finance/exports``: ask for a file, see how far it is, download it."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import clock
from service.db import db
from service.errors import Refusal
from service.finance.closing.months import month_of
from service.finance.exports import orders, record
from service.finance.exports.schemas import ExportQuery
from service.finance.exports.selection import of_query
from service.staff import fresh
from service.staff.permissions import EXPORT, READ_FINANCE
from service.web import language
from service.web.access import caller, needs
from service.web.body import load
from service.web.errors import problem
from service.web.language import current

blueprint = Blueprint("exports_desk", __name__, template_folder="../templates")
_ASKED = ("from", "to", "rows", "format", "dialect", "status", "section", "processor", "currency")
_STATUSES = ("paid", "disputed", "reversed")
_SHOWN = 20


@blueprint.get("/desk/finance/exports")
@needs(READ_FINANCE)
def show_exports() -> str:
    """A form with this month filled in, and the last exports."""
    return _page({name: request.args[name] for name in _ASKED if request.args.get(name)})


@blueprint.post("/desk/finance/exports")
@needs(EXPORT)
def begin_export() -> ResponseReturnValue:
    """Begin a file; what is wrong with the form is said in it."""
    asked = {name: request.form[name].strip() for name in _ASKED if request.form.get(name, "").strip()}
    try:
        wanted = of_query(load(ExportQuery(), asked))
        fresh.require_fresh(request.form.get(fresh.FIELD))
    except Refusal as refusal:
        language.page_address("/desk/finance/exports", **asked)
        return _page(asked, refusal), refusal.status
    export = orders.order(wanted, caller().id)
    orders.start(export)
    return redirect(url_for("exports_desk.show_one", export_id=export.id, lang=current()), 303)


@blueprint.get("/desk/finance/exports/<key:export_id>")
@needs(READ_FINANCE)
def show_one(export_id: str) -> str:
    """How far a file is; once it is made, what it is and where to download it."""
    export = record.get(db.session, export_id)
    return render_template(
        "finance/export.html",
        export=export,
        runs=export.state in (record.WAITING, record.RUNNING),
        failed=export.state == record.FAILED,
    )


def _page(asked: dict[str, Any], refusal: Refusal | None = None) -> str:
    month = month_of(clock.jakarta_date(clock.now()))
    filled = {"from": month.first.isoformat(), "to": month.last.isoformat(), "dialect": "excel-id"}
    return render_template(
        "finance/exports.html",
        asked={**filled, **asked},
        statuses=_STATUSES,
        problem=problem(refusal) if refusal else None,
        exports=record.newest(db.session, _SHOWN),
        may_export=EXPORT in caller().permissions,
    )
