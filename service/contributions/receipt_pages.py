"""The receipt as a page to print, under a signed address."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from service.contributions import queries, receipt_text, receipts
from service.db import db
from service.web import language
from service.web.access import public
from service.web.language import current
from service.web.security import keep_private
from service.wiring import current_wiring

blueprint = Blueprint("receipt_pages", __name__, template_folder="templates")


@blueprint.get("/contributions/<key:contribution_id>/receipt")
@public
def show(contribution_id: str) -> Response:
    """What was given; nothing personal. Not there until it is paid, nor without our signature."""
    wiring = current_wiring()
    receipts.require_key(contribution_id, request.args.get("key", ""), wiring.settings)
    contribution = queries.get(db.session, contribution_id)
    if "lang" not in request.args:
        language.use(contribution.locale)  # the language in which the reader gave
    receipt = receipts.of(db.session, contribution, wiring, current())
    page = render_template(
        "contributions/receipt.html",
        receipt=receipt,
        title=receipt_text.title(receipt),
        lines=receipt_text.lines(receipt, wiring.settings.public_url),
    )
    response = make_response(page)
    keep_private(response)
    return response
