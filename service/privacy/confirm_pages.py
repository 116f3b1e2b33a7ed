"""``/privacy/confirm/…``: the page behind the link in a letter. Looking changes nothing; its button does."""

from flask import Blueprint, Response, make_response, render_template, request

from service.db import db
from service.errors import Refusal
from service.privacy import requests
from service.privacy.letters import WHAT
from service.web import language
from service.web.access import public
from service.web.errors import problem
from service.web.security import keep_private, origin_may_be_hidden
from service.wiring import current_wiring

blueprint = Blueprint("privacy_confirmation", __name__, template_folder="templates")


@blueprint.get("/privacy/confirm/<string:token>")
@public
def ask(token: str) -> Response:
    """What will be done, and a button."""
    try:
        row = requests.awaiting(db.session, token, current_wiring())
    except Refusal as refusal:
        return _page(token, refusal=refusal)
    if "lang" not in request.args:
        language.use(row.locale)
    return _page(token, asked=WHAT[row.kind])


@blueprint.post("/privacy/confirm/<string:token>")
@public
@origin_may_be_hidden
def confirm(token: str) -> Response:
    """The button: the request is carried out, once."""
    try:
        row = requests.confirm(db.session, token, current_wiring())
    except Refusal as refusal:
        return _page(token, refusal=refusal)
    return _page(token, done=WHAT[row.kind], certificate=row.certificate, kind=row.kind)


def _page(
    token: str,
    *,
    asked: str | None = None,
    done: str | None = None,
    certificate: str | None = None,
    kind: str | None = None,
    refusal: Refusal | None = None,
) -> Response:
    page = render_template(
        "privacy/confirm.html",
        token=token,
        asked=asked,
        done=done,
        certificate=certificate,
        kind=kind,
        problem=problem(refusal) if refusal else None,
    )
    response = make_response(page, refusal.status if refusal else 200)
    keep_private(response)
    return response
