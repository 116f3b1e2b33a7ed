"""``/desk/finance``: download movements; balances, exceptions, what was compared."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service import clock
from service.db import db
from service.errors import ValidationFailed
from service.finance import books, exceptions, reconcile
from service.finance.schemas import ExportQuery
from service.staff.permissions import READ_FINANCE
from service.web.access import needs
from service.web.body import load
from service.web.errors import problem

blueprint = Blueprint("finance_desk", __name__, template_folder="templates")

_ASKED = ("from", "to", "dialect", "format")
_SHOWN = 20


@blueprint.get("/desk/finance")
@needs(READ_FINANCE)
def finance_desk() -> Response | str | tuple[str, int]:
    """A form over the export, with this month filled in; what is wrong with it is said here."""
    asked = {name: request.args[name] for name in _ASKED if request.args.get(name)}
    if "download" not in request.args:
        return _page(asked)
    try:
        load(ExportQuery(), asked)
    except ValidationFailed as refusal:
        return _page(asked, problem(refusal)), refusal.status
    return redirect(f"{url_for('finance.export_movements')}?{urlencode(asked)}", 303)


def _page(asked: dict[str, str], refusal: dict[str, Any] | None = None) -> str:
    today = clock.jakarta_date(clock.now())
    return render_template(
        "finance/desk.html",
        first=asked.get("from", today.replace(day=1).isoformat()),
        last=asked.get("to", _month_end(today).isoformat()),
        dialect=asked.get("dialect", "excel-id"),
        form=asked.get("format", "csv"),
        problem=refusal,
        balances=books.balances(db.session),
        exceptions=exceptions.newest(db.session, _SHOWN),
        words_of=exceptions.words_of,
        reconciliations=reconcile.newest(db.session, _SHOWN),
    )


def _month_end(day: date) -> date:
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return next_month - timedelta(days=1)
