"""``/terms``: the text in force, the others, and what changed between them, clause by clause."""

from flask import Blueprint, current_app, render_template, request

from service import clock
from service.errors import NotFound
from service.terms.clauses import CLAUSES
from service.terms.compare import Comparison, compare
from service.terms.library import Library
from service.terms.texts import TermsText
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
    """One published version; ``?compare=`` names another to tell what changed since."""
    return _page(_library().get(version, current()))


def _library() -> Library:
    library: Library = current_app.extensions["wiring"].terms
    return library


def _page(text: TermsText) -> str:
    library, now = _library(), clock.now()
    upcoming = library.upcoming(now)
    return render_template(
        "terms/terms.html",
        text=text,
        in_force=library.version_in_force(now),
        begun=text.effective_from <= now,
        until=library.until(text.version),
        before=library.before(text.version),
        upcoming=library.get(upcoming, current()) if upcoming else None,
        versions=library.versions(),
        bindings=CLAUSES,
        compared=_compared(text),
    )


def _compared(text: TermsText) -> Comparison | None:
    """With the version that the address names, the older of the two first. Raises NotFound."""
    other = request.args.get("compare", "")
    if not other:
        return None
    library = _library()
    with_ = library.get(other, text.locale)
    if with_.version == text.version:
        raise NotFound
    old, new = sorted((with_, text), key=lambda it: it.effective_from)
    return compare(old, new)
