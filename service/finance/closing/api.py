"""``/api/v1/desk/finance/periods``, and the public ``/api/v1/transparency``."""

from typing import Any

from flask import Response, jsonify

from service.db import db
from service.finance.closing import allocation, close, describe, months, transparency
from service.finance.closing.schemas import CloseBody, PeriodAnswer, PeriodsAnswer, TransparencyAnswer
from service.finance.current import current_workshop, home_currency
from service.staff import fresh
from service.staff.permissions import CLOSE_PERIOD, READ_FINANCE
from service.web.access import caller, needs, public
from service.web.body import ApiBlueprint

blueprint = ApiBlueprint(
    "periods", __name__, url_prefix="/api/v1", description="Closed months, and the public account of them"
)
PUBLIC_CACHE = "public, max-age=60, s-maxage=300"


@blueprint.route("/desk/finance/periods")
@needs(READ_FINANCE)
@blueprint.response(200, PeriodsAnswer)
def list_periods() -> dict[str, Any]:
    """Every month since the first booking, newest first."""
    return {"items": [{"period": name, "state": state} for name, state in describe.known_months(db.session)]}


@blueprint.route("/desk/finance/periods/<period>")
@needs(READ_FINANCE)
@blueprint.response(200, PeriodAnswer)
def show_period(period: str) -> dict[str, Any]:
    """One month: what closing it needs, or its manifest."""
    return describe.describe(db.session, months.read_month(period))


@blueprint.route("/desk/finance/periods/<period>/close", methods=["POST"])
@needs(CLOSE_PERIOD)
@blueprint.arguments(CloseBody)
@blueprint.response(200, PeriodAnswer)
def close_period(body: dict[str, Any], period: str) -> dict[str, Any]:
    """Close a month for ever. 409 ``period_not_ready`` (with ``blockers``) or ``period_closed``;
    422 ``allocation_mismatch``."""
    month = months.read_month(period)
    shared = allocation.read(body["allocation"], home_currency())
    fresh.require_fresh(None)
    close.close(current_workshop(), db.session, month, shared, caller().id)
    return describe.describe(db.session, month)


@blueprint.route("/transparency")
@public
@blueprint.response(200, TransparencyAnswer)
def show_transparency() -> Response:
    """The aggregate account of every closed month (clause 2.2), with no person in it."""
    response = jsonify(items=transparency.public_months(db.session))
    response.headers["Cache-Control"] = PUBLIC_CACHE
    return response
