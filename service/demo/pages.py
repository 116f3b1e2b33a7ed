"""``/demo/article`` and ``/demo/newsroom``: the demo article with the feature beside it, on a page of
ours and on one of a newsroom's (not in production)."""

from flask import Blueprint, make_response, redirect, render_template, request
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


@blueprint.get("/demo/newsroom")
@public
def show_newsroom() -> ResponseReturnValue:
    """The article on another origin than ours, as a newsroom embeds the widget: under a policy
    that allows nothing but our loader and our frames."""
    settings = current_wiring().settings
    if settings.in_production or not settings.embed_origins:
        raise NotFound
    elsewhere = settings.embed_origins[0]
    if request.host_url.rstrip("/") == settings.public_url:
        return redirect(f"{elsewhere}/demo/newsroom?lang={current()}", 302)
    address = current_wiring().addresses.read(article.URL)
    page = render_template("demo/newsroom.html", article=article, key=address.key, home=settings.public_url)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"script-src {settings.public_url}; frame-src {settings.public_url}"
    )
    return response
