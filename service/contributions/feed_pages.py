"""The feeds of an article's wall, for the newsroom's own system and for readers' programs."""

import json
from urllib.parse import urlencode

from flask import Blueprint, make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from service.articles.address import Address
from service.articles.registry import find_title
from service.contributions import feeds, queries, walls
from service.contributions.caching import kept_briefly
from service.contributions.feeds import Entry, Feed
from service.contributions.queries import WallItem
from service.db import db
from service.web.access import public
from service.web.language import current
from service.wiring import current_wiring

blueprint = Blueprint("feed_pages", __name__)

_NEWEST = 50
_LAST_ID = "f" * 32  # a cursor of it begins with the message of that moment itself


@blueprint.get("/wall/feed.atom")
@public
def show_atom() -> Response:
    """The newest public messages of an article as an Atom feed."""
    return _answer(feeds.atom(_feed()), "application/atom+xml; charset=utf-8")


@blueprint.get("/wall/feed.json")
@public
def show_json() -> Response:
    """The same as a JSON Feed."""
    document = json.dumps(feeds.json_feed(_feed()), ensure_ascii=False)
    return _answer(document.encode(), "application/feed+json; charset=utf-8")


def _answer(document: bytes, type_: str) -> Response:
    response = make_response(document)
    response.headers["Content-Type"] = type_
    return kept_briefly(response)


def _feed() -> Feed:
    """What the wall shows, by the same rules. Raises ArticleNotAllowed (clause 1.1)."""
    address = current_wiring().addresses.read(request.args.get("article", ""))
    shown = walls.show(db.session, address, _NEWEST)
    settings = current_wiring().settings
    return Feed(
        id=feeds.name_of(address.key, f"wall/{address.key.removeprefix('https://')}"),
        title=f"{_('Messages of readers')} · {find_title(db.session, address.key) or address.key}",
        publisher=settings.publisher_name,
        language=current(),
        address=f"{settings.public_url}{request.path}?{_query(address)}",
        page=f"{settings.public_url}/wall?{_query(address)}",
        entries=[_entry(address, item) for item in shown.wall.items],
    )


def _entry(address: Address, item: WallItem) -> Entry:
    author = item.display_name or str(_("Anonymous"))
    cursor = queries.make_cursor(item.published_at, _LAST_ID)
    return Entry(
        id=feeds.name_of(address.key, f"message/{item.id}"),
        page=f"{current_wiring().settings.public_url}/wall?{_query(address, cursor=cursor)}#m-{item.id}",
        title=_("Message from %(name)s", name=author),
        author=author,
        text=item.message,
        at=item.published_at,
    )


def _query(address: Address, **more: str) -> str:
    return urlencode({"article": address.key, **more, "lang": current()})
