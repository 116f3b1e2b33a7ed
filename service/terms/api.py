"""``GET /api/v1/terms``: the text in force, and every text that was."""

from dataclasses import asdict
from typing import Any

from flask import current_app

from service import clock
from service.clock import rfc3339
from service.terms.library import Library
from service.terms.schemas import TermsAnswer, TermsQuery
from service.terms.texts import TermsText
from service.web import language
from service.web.access import public
from service.web.body import ApiBlueprint

blueprint = ApiBlueprint("terms", __name__, url_prefix="/api/v1", description="The published terms")


@blueprint.route("/terms")
@public
@blueprint.arguments(TermsQuery, location="query")
@blueprint.response(200, TermsAnswer)
def show_terms(query: dict[str, Any]) -> dict[str, Any]:
    """The terms in force."""
    language.use(query["locale"])
    return _answer(_library().in_force(clock.now(), language.current()))


@blueprint.route("/terms/<string:version>")
@public
@blueprint.arguments(TermsQuery, location="query")
@blueprint.response(200, TermsAnswer)
def show_version(query: dict[str, Any], version: str) -> dict[str, Any]:
    """One published version."""
    language.use(query["locale"])
    return _answer(_library().get(version, language.current()))


def _library() -> Library:
    library: Library = current_app.extensions["wiring"].terms
    return library


def _answer(text: TermsText) -> dict[str, Any]:
    return {
        "version": text.version,
        "effective_from": rfc3339(text.effective_from),
        "locale": text.locale,
        "sha256": text.sha256,
        "title": text.title,
        "agreement": text.agreement,
        "clauses": [asdict(clause) for clause in text.clauses],
    }
