"""``/terms``: the text in force and earlier ones, section by section."""

from flask import Blueprint, current_app, render_template

from service import clock
from service.terms.library import Library, TermsText
from service.web.access import public
from service.web.language import current

blueprint = Blueprint("terms_pages", __name__, template_folder="templates")


@blueprint.get("/terms")
@public
def show_terms() -> str:
    """The terms in force."""
    return _page(_library().in_force(clock.now(), current()))


@blueprint.get("/terms/<string:version>")
@public
def show_version(version: str) -> str:
    """One published version."""
    return _page(_library().get(version, current()))


def _library() -> Library:
    library: Library = current_app.extensions["wiring"].terms
    return library


def _page(text: TermsText) -> str:
    library = _library()
    in_force = library.version_in_force(clock.now())
    return render_template("terms/terms.html", text=text, in_force=in_force, versions=library.versions())
