"""The public JSON API of contributions: give, go on, look, the wall."""

from typing import Any

from flask import Response, jsonify, make_response, request

from service.articles.registry import find_title
from service.clock import rfc3339
from service.contributions import answers, feature, give, queries, retry, walls
from service.contributions.agreeing import Agreement
from service.contributions.caching import WALL_CACHE
from service.contributions.gift import Gift
from service.contributions.schemas import (
    ArticleQuery,
    ContributionAnswer,
    FeatureAnswer,
    FeatureQuery,
    GiftBody,
    KeyHeader,
    RetryBody,
    SummaryAnswer,
    WallAnswer,
    WallQuery,
)
from service.db import db
from service.errors import RefundNotOffered
from service.web import language
from service.web.access import public
from service.web.body import ApiBlueprint
from service.web.limits import for_giving, note_opened_checkout
from service.wiring import current_wiring

blueprint = ApiBlueprint(
    "contributions", __name__, url_prefix="/api/v1", description="Contributions and the wall"
)


@blueprint.route("/feature")
@public
@blueprint.arguments(FeatureQuery, location="query")
@blueprint.response(200, FeatureAnswer)
def show_feature(query: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Whether contributions are open for an article, with limits and wording."""
    article = current_wiring().addresses.read(query["article"]) if query["article"] else None
    language.use(query["locale"])
    described = feature.describe(db.session, current_wiring(), language.current(), article)
    names = {"publisher": described["publisher"]}
    answer = {
        **described,
        "title": language.translate(described["title"]),
        "invitation": language.translate(described["invitation"], names),
        "notice": language.translate(described["notice"]) if described["notice"] else None,
    }
    return answer, {"Cache-Control": "no-store"}


@blueprint.route("/contributions", methods=["POST"])
@public
@for_giving
@blueprint.arguments(KeyHeader, location="headers")
@blueprint.arguments(GiftBody)
@blueprint.response(201, ContributionAnswer)
def give_contribution(header: dict[str, str], gift: Gift) -> Response:
    """Give once: stores the contribution, opens a checkout, says where to pay."""
    given = give.give(db.session, gift, header["key"], current_wiring())
    response = make_response(jsonify(given.answer), 201)
    response.headers["Location"] = f"/api/v1/contributions/{given.answer['id']}"
    response.headers["Cache-Control"] = "no-store"
    if given.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    else:
        note_opened_checkout()
    return response


@blueprint.route("/contributions/<key:contribution_id>")
@public
@blueprint.response(200, ContributionAnswer)
def show_contribution(contribution_id: str) -> Response:
    """Where a contribution stands."""
    return _answer(contribution_id, 200)


@blueprint.route("/contributions/<key:contribution_id>/attempts", methods=["POST"])
@public
@for_giving
@blueprint.arguments(RetryBody)
@blueprint.response(201, ContributionAnswer)
def go_on_paying(agreement: Agreement | None, contribution_id: str) -> Response:
    """The open checkout again (200), or a new attempt after one that ended (201)."""
    added = retry.go_on(db.session, contribution_id, agreement, current_wiring())
    if added:
        note_opened_checkout()
    return _answer(contribution_id, 201 if added else 200)


@blueprint.route("/contributions/<string:contribution_id>/refund", methods=["POST"])
@public
@blueprint.response(403, description="Always: clause 4.2")
def refuse_refund(contribution_id: str) -> Response:  # noqa: ARG001  # part of the path
    """Always refused: a contribution that was made is not refunded (clause 4.2)."""
    raise RefundNotOffered


@blueprint.route("/wall")
@public
@blueprint.arguments(WallQuery, location="query")
@blueprint.response(200, WallAnswer)
def show_wall(query: dict[str, Any]) -> Response:
    """Published messages of paid contributions, newest first. The newest 50 are also feeds, outside of
    this API: /wall/feed.atom and /wall/feed.json, with the same ``article``."""
    address = current_wiring().addresses.read(query["article"])
    shown = walls.show(db.session, address, query["limit"], query["cursor"])
    article = {"url": address.key, "title": find_title(db.session, address.key)}
    response = jsonify(
        items=[
            {
                "id": item.id,
                "display_name": item.display_name,
                "message": item.message,
                "published_at": rfc3339(item.published_at),
                "article": article,
            }
            for item in shown.wall.items
        ],
        next_cursor=shown.wall.next_cursor,
        hidden=shown.hidden,
    )
    response.add_etag()
    response.headers["Cache-Control"] = WALL_CACHE
    response.make_conditional(request)
    return response


@blueprint.route("/articles/summary")
@public
@blueprint.arguments(ArticleQuery, location="query")
@blueprint.response(200, SummaryAnswer)
def show_summary(query: dict[str, Any]) -> Response:
    """How many contributions and public messages an article has."""
    address = current_wiring().addresses.read(query["article"])
    contributions, messages = walls.summary(db.session, address)
    response = jsonify(contributions=contributions, published_messages=messages)
    response.headers["Cache-Control"] = WALL_CACHE
    return response


def _answer(contribution_id: str, status: int) -> Response:
    contribution = queries.get(db.session, contribution_id)
    response = make_response(jsonify(answers.of(db.session, contribution)), status)
    response.headers["Cache-Control"] = "no-store"
    return response
