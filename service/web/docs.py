"""``/api/v1/docs``: the OpenAPI document as a page that needs no script."""

from typing import Any

from flask import Blueprint, current_app, render_template

from service import errors
from service.errors import Refusal
from service.web.access import public
from service.web.language import translate

blueprint = Blueprint("docs", __name__)


@blueprint.get("/api/v1/docs")
@public
def show_docs() -> str:
    """Every call of the API with its parameters, and every problem with its meaning."""
    spec: dict[str, Any] = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return render_template("docs.html", spec=spec, problems=_problems())


def _problems() -> list[dict[str, Any]]:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
    ]
    return [
        {
            "code": kind.code,
            "status": kind.status,
            "clause": kind.clause,
            "title": translate(kind.title),
            "detail": translate(kind.detail),
        }
        for kind in sorted(kinds, key=lambda kind: (kind.status, kind.code))
    ]
