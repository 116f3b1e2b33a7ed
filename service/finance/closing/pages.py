"""``/desk/finance/periods``: close a month; and ``/transparency``, the public account of them."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.db import db
from service.errors import Refusal
from service.finance import exceptions
from service.finance.closing import allocation, close, describe, months, transparency
from service.finance.closing.api import PUBLIC_CACHE
from service.finance.closing.readiness import WORDS, readiness
from service.finance.current import current_workshop, home_currency
from service.money import Money
from service.staff import fresh
from service.staff.permissions import CLOSE_PERIOD, READ_FINANCE
from service.web import language
from service.web.access import caller, needs, public
from service.web.errors import problem
from service.web.language import current

blueprint = Blueprint("periods_desk", __name__, template_folder="../templates")


@blueprint.get("/desk/finance/periods")
@needs(READ_FINANCE)
def show_periods() -> str:
    """Every month since the first booking."""
    return render_template("finance/periods.html", months=describe.known_months(db.session))


@blueprint.get("/desk/finance/periods/<period>")
@needs(READ_FINANCE)
def show_period(period: str) -> str:
    """What closing a month needs, in order; or what it was closed with."""
    return _page(period)


@blueprint.post("/desk/finance/periods/<period>")
@needs(CLOSE_PERIOD)
def close_period(period: str) -> ResponseReturnValue:
    """Close it; what keeps it open is said on the page, and nothing typed is lost."""
    month = months.read_month(period)
    try:
        shared = allocation.read(_typed(), home_currency())
        fresh.require_fresh(request.form.get(fresh.FIELD))
        close.close(current_workshop(), db.session, month, shared, caller().id)
    except Refusal as refusal:
        db.session.rollback()
        language.page_address(f"/desk/finance/periods/{period}")
        return _page(period, refusal), refusal.status
    return redirect(url_for("periods_desk.show_period", period=period, lang=current()), 303)


def _typed() -> dict[str, Any]:
    """The form's fields, such as ``service_continuity.IDR``; nothing typed means nothing given."""
    typed: dict[str, Any] = {purpose: {} for purpose in allocation.PURPOSES}
    for name, amount in request.form.items():
        purpose, _, currency = name.partition(".")
        if purpose in typed and currency:
            typed[purpose][currency] = amount.strip().replace(" ", "") or "0"
    return typed


def _page(period: str, refusal: Refusal | None = None) -> str:
    month = months.read_month(period)
    told = describe.describe(db.session, month)
    found = readiness(db.session, month) if told["state"] == describe.OPEN else None
    return render_template(
        "finance/period.html",
        month=month,
        told=told,
        found=found,
        due=[Money(minor, currency) for currency, minor in (found.to_allocate if found else {}).items()],
        purposes=allocation.PURPOSES,
        purpose_words=allocation.WORDS,
        blocker_words=WORDS,
        words_of=exceptions.words_of,
        typed=request.form,
        problem=problem(refusal) if refusal else None,
        may_close=CLOSE_PERIOD in caller().permissions,
    )


@blueprint.get("/transparency")
@public
def show_transparency() -> ResponseReturnValue:
    """One aggregate account for each closed month (clause 2.2)."""
    page = render_template(
        "finance/transparency.html",
        months=transparency.public_months(db.session),
        purpose_words=allocation.WORDS,
        fewest=transparency.FEWEST,
        money=Money.parse,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = PUBLIC_CACHE
    response.vary.add("Accept-Language")
    return response
