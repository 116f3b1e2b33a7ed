"""The wall of an article as a page that works without JavaScript."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from service.articles.registry import find_title
from service.contributions import share, walls
from service.contributions.caching import kept_briefly
from service.db import db
from service.web.access import public
from service.wiring import current_wiring

blueprint = Blueprint("wall_pages", __name__, template_folder="templates")


@blueprint.get("/wall")
@public
def show() -> Response:
    """The public messages of an article."""
    address = current_wiring().addresses.read(request.args.get("article", ""))
    shown = walls.show(db.session, address, 20, request.args.get("cursor"))
    title = find_title(db.session, address.key)
    page = render_template(
        "contributions/wall.html",
        wall=shown.wall,
        hidden=shown.hidden,
        feature=shown.setting,
        article=address.key,
        title=title,
        share=share.of(address, title),
    )
    return kept_briefly(make_response(page))
