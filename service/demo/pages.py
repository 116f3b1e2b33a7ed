"""``/demo/article``: the demo article with the feature beside it (not in production)."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service.contributions import feature, walls
from service.db import db
from service.demo import article
from service.errors import NotFound
from service.web.access import public
from service.web.language import current
from service.wiring import current_wiring

blueprint = Blueprint("demo", __name__, template_folder="templates")


@blueprint.get("/demo/article")
@public
def show_article() -> ResponseReturnValue:
    """The article, the invitation below it, and its wall."""
    wiring = current_wiring()
    if wiring.settings.in_production:
        raise NotFound
    address = wiring.addresses.read(article.URL)
    shown = walls.show(db.session, address, 20)
    contributions, messages = walls.summary(db.session, address)
    return render_template(
        "demo/article.html",
        article=article,
        key=address.key,
        feature=feature.describe(db.session, wiring, current(), address),
        wall=shown.wall,
        hidden=shown.hidden,
        contributions=contributions,
        messages=messages,
    )
