"""What the publisher's pages put in: a loader, frames that only they may show, and a fragment.

A frame never gives: its form is sent at top level, to ``/contribute``. No answer here sets a
cookie or needs one, so the widget works where a browser lets no third party keep any.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, make_response, render_template, request, send_from_directory
from werkzeug.wrappers import Response

from service.articles.address import Address
from service.articles.registry import find_title
from service.contributions import feature, form, form_view, judge, share, walls
from service.contributions.caching import kept_briefly
from service.db import db
from service.errors import ArticleNotAllowed, Refusal, ValidationFailed
from service.web.access import public
from service.web.errors import problem_answer
from service.web.language import current
from service.web.limits import for_checking
from service.web.security import EXPIRED_FORM, framed, new_form_token, read_form_token
from service.wiring import current_wiring

blueprint = Blueprint("embed", __name__, template_folder="templates", url_prefix="/embed")
loader = Blueprint("embed_loader", __name__)

_LOADER_SECONDS = 300
_SHOWN = 5
_PAGE = 20
_THEMES = ("light", "dark")


@loader.get("/embed.js")
@public
def show_loader() -> Response:
    """The one line of a newsroom: makes the frames, sizes them, opens the dialog."""
    response: Response = send_from_directory(
        current_app.static_folder or "", "embed.js", mimetype="text/javascript", max_age=_LOADER_SECONDS
    )
    response.headers["Cache-Control"] = f"public, max-age={_LOADER_SECONDS}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/form")
@public
@framed
def show_form() -> Response:
    """The reader's form in a frame; closed, it says so and still shares the article."""
    address = _address()
    filled = form.empty({"article": address.key, "title": request.args.get("title", "")})
    parts = form_view.of(filled, address, new_form_token())
    return _frame("embed/form.html", count=_count(address), **parts)


@blueprint.post("/check")
@public
@framed
@for_checking
def check_form() -> Response:
    """Whether the form would be taken as it is: 204, or the problem to show beside its fields.
    Nothing is stored; the frame then sends the form at top level."""
    try:
        if read_form_token(request.form.get("token", "")) is None:
            raise ValidationFailed(EXPIRED_FORM)
        filled = form.typed(request.form)
        gift = form.read(filled, request.form, form_view.text().limits.currency, current())
        judge.judge(db.session, gift, current_wiring())
    except Refusal as refusal:
        return problem_answer(refusal)
    return make_response("", 204)


@blueprint.get("/wall")
@public
@framed
def show_wall() -> Response:
    """The public messages of an article in a frame, a page at a time."""
    address = _address()
    shown = walls.show(db.session, address, _PAGE, request.args.get("cursor"))
    return kept_briefly(_frame("embed/wall.html", **_wall_parts(address, shown)))


@blueprint.get("/count")
@public
@framed
def show_count() -> Response:
    """How many contributions and messages an article has, in one line."""
    return kept_briefly(_frame("embed/count.html", count=_count(_address())))


@blueprint.get("/fragment")
@public
def show_fragment() -> Response:
    """Plain HTML for a newsroom that puts its pages together itself and caches them: no script,
    no style, the publisher's own design."""
    address = _address()
    shown = walls.show(db.session, address, _SHOWN)
    described = feature.describe(db.session, current_wiring(), current(), address)
    page = render_template(
        "embed/fragment.html", feature=described, count=_count(address), **_wall_parts(address, shown)
    )
    return kept_briefly(make_response(page))


@dataclass(frozen=True, slots=True)
class Count:
    """What an article's counter tells; nothing while its wall is hidden."""

    contributions: int
    messages: int


def _count(address: Address) -> Count:
    return Count(*walls.summary(db.session, address))


def _address() -> Address:
    """Raises ArticleNotAllowed (clause 1.1)."""
    if "article" not in request.args:
        raise ArticleNotAllowed
    return current_wiring().addresses.read(request.args["article"])


def _wall_parts(address: Address, shown: walls.Shown) -> dict[str, Any]:
    title = find_title(db.session, address.key)
    return {
        "article": address.key,
        "article_title": title,
        "share": share.of(address, title),
        "wall": shown.wall,
        "hidden": shown.hidden,
        "setting": shown.setting,
    }


def _frame(template: str, **parts: Any) -> Response:
    theme = request.args.get("theme")
    response = make_response(render_template(template, theme=theme if theme in _THEMES else None, **parts))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
