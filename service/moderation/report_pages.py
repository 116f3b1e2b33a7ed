"""A reader reports a public message: by API, and by a page that works without JavaScript."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.contributions import queries as public_messages
from service.contributions import walls
from service.contributions.queries import WallItem
from service.db import db, transaction
from service.errors import Refusal, ValidationFailed
from service.moderation import answers, reports
from service.moderation.schemas import ReportBody
from service.web.access import public
from service.web.body import ApiBlueprint
from service.web.errors import problem
from service.web.language import current
from service.web.limits import for_reporting
from service.web.security import EXPIRED_FORM, new_form_token, read_form_token
from service.wiring import current_wiring

blueprint = Blueprint("reports", __name__, template_folder="templates")
api_blueprint = ApiBlueprint("report", __name__, url_prefix="/api/v1/wall", description="The wall")


@api_blueprint.route("/<key:message_id>/reports", methods=["POST"])
@public
@for_reporting
@api_blueprint.arguments(ReportBody)
@api_blueprint.response(202)
def send_report(body: dict[str, Any], message_id: str) -> dict[str, str]:
    """Bring a public message before a moderator again. It stays public until one decides."""
    _report(message_id, body["reason"])
    return {"status": "received"}


@blueprint.get("/wall/messages/<key:message_id>/report")
@public
def show_form(message_id: str) -> ResponseReturnValue:
    """The message and what may be wrong with it."""
    return _page(message_id)


@blueprint.post("/wall/messages/<key:message_id>/report")
@public
@for_reporting
def send_form(message_id: str) -> ResponseReturnValue:
    """Send the report; what is wrong need not be said."""
    try:
        if read_form_token(request.form.get("token", "")) is None:
            raise ValidationFailed(EXPIRED_FORM)
        _report(message_id, request.form.get("reason") or None)
    except ValidationFailed as refusal:
        return _page(message_id, refusal)
    return redirect(url_for("reports.show_form", message_id=message_id, sent="yes", lang=current()), 303)


def _report(message_id: str, reason: str | None) -> None:
    reporter = current_wiring().sealer.blind("report", f"{message_id} {request.remote_addr}")
    _shown(message_id)
    with transaction(db.session):
        reports.report(db.session, message_id, reporter, reason)


def _shown(message_id: str) -> tuple[WallItem, str]:
    """The message and its article's key. Raises NotFound for one that is not on a wall now."""
    item, article = public_messages.get_public(db.session, message_id)
    walls.require_shown(db.session, current_wiring().addresses.known(article))
    return item, article


def _page(message_id: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    item, article = _shown(message_id)
    page = render_template(
        "moderation/report.html",
        item=item,
        article=article,
        reasons={reason: answers.REASON_NAMES[reason] for reason in reports.REASONS},
        token=new_form_token(),
        sent=request.args.get("sent") == "yes",
        problem=problem(refusal) if refusal else None,
    )
    return page, refusal.status if refusal else 200
