"""The reader's pages: about, form, status, wall. They work without JavaScript."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service import clock
from service.articles.address import Address
from service.articles.registry import find_title
from service.contributions import asking, feature, form, give, idempotency, queries, reader, retry, walls
from service.contributions.api import WALL_CACHE
from service.contributions.form import Form
from service.contributions.model import Contribution
from service.contributions.retry import Agreement
from service.contributions.states import OPEN, Status
from service.db import db
from service.errors import (
    N_,
    ArticleNotAllowed,
    IdempotencyConflict,
    InProgress,
    NotFound,
    ProcessorUnavailable,
    RefundNotOffered,
    Refusal,
    ValidationFailed,
)
from service.terms import sent as within_terms
from service.terms.texts import TermsText
from service.web import language
from service.web.access import public
from service.web.errors import problem
from service.web.language import current
from service.web.limits import for_giving, note_opened_checkout
from service.web.security import new_form_token, origin_may_be_hidden, read_form_token
from service.wiring import current_wiring

blueprint = Blueprint("pages", __name__, template_folder="templates")

_ASKED_AGAIN_AFTER = timedelta(seconds=2)
_EXPIRED_FORM = {
    "form": ("form_expired", N_("This form was open for a long time. Please send it once more."))
}


def _text() -> TermsText:
    return current_wiring().terms.in_force(clock.now(), current())


@blueprint.get("/")
@public
def about() -> str:
    """What this is, and a way to the form of an article."""
    return render_template("contributions/about.html", feature=_feature(None))


@blueprint.get("/contribute")
@public
def show_form() -> Response:
    """The form for one article, kept as it was after a cancelled checkout."""
    again = _own_unpaid(request.args.get("again", ""))
    if again is not None:
        filled = form.kept(again, _text().limits, current_wiring())
    else:
        filled = Form(
            {"article": request.args.get("article", ""), "title": request.args.get("title", "")[:300]}
        )
    return _form_page(filled, new_form_token())


@blueprint.post("/contribute")
@public
@for_giving
def send_form() -> Response:
    """Give; then on to the processor's page. A refusal shows the form again as it was typed."""
    filled = form.typed(request.form)
    key = read_form_token(request.form.get("token", ""))
    if key is None:
        return _form_page(filled, new_form_token(), ValidationFailed(_EXPIRED_FORM))
    return _give(filled, key)


def _give(filled: Form, key: str, replaces: str | None = None) -> Response:
    gift = None
    try:
        gift = form.read(filled, request.form, _text().limits.currency, current())
        given = give.give(db.session, gift, key, current_wiring())
    except InProgress as running:
        return _after_double_click(key, filled, running)
    except IdempotencyConflict:
        # The reader went back and changed something. That is another contribution, under a
        # key that follows from the change, so that sending it twice is still one.
        replaces = idempotency.find_contribution(db.session, key)
        return _give(filled, form.key_of_change(key, gift, current_wiring().settings.secret_key), replaces)
    except Refusal as refusal:
        return _form_page(filled, new_form_token(key), refusal)
    return _to_checkout(given, replaces or _own_unpaid_id(filled.again))


def _to_checkout(given: give.Given, replaces: str | None) -> Response:
    """To the processor's page, or to the status page of what was paid or ended meanwhile;
    an unpaid contribution that this one replaces is closed."""
    contribution_id = given.answer["id"]
    if not given.replayed:
        note_opened_checkout()
        if replaces is not None and replaces != contribution_id:
            retry.abandon(db.session, replaces, current_wiring())
    response = _onwards(contribution_id)
    reader.remember(response, contribution_id)
    return response


def _onwards(contribution_id: str) -> Response:
    contribution = queries.get(db.session, contribution_id)
    url = contribution.latest_attempt.checkout_url
    if contribution.status == Status.AWAITING_PAYMENT and url:
        return redirect(url, 303)
    return redirect(url_for("pages.show_status", contribution_id=contribution_id), 303)


def _after_double_click(key: str, filled: Form, running: InProgress) -> Response:
    """The same form is on its way already: to the page that says how it went."""
    contribution_id = idempotency.find_contribution(db.session, key)
    if contribution_id is None:
        return _form_page(filled, new_form_token(key), running)
    response: Response = redirect(url_for("pages.show_status", contribution_id=contribution_id), 303)
    reader.remember(response, contribution_id)
    return response


@blueprint.get("/contributions/<key:contribution_id>")
@public
def show_status(contribution_id: str) -> Response:
    """Where a contribution stands; thanks only when the money is known."""
    contribution = queries.get(db.session, contribution_id)
    if request.args.get("checkout") == "done" and contribution.status in OPEN:
        contribution = _ask_again(contribution)
    return _status_page(contribution)


@blueprint.post("/contributions/<key:contribution_id>/pay")
@public
@origin_may_be_hidden
@for_giving
def go_on_paying(contribution_id: str) -> Response:
    """The open checkout again, or a new attempt; sending agrees to the terms shown."""
    if read_form_token(request.form.get("token", "")) != contribution_id:
        expired = ValidationFailed(_EXPIRED_FORM)
        return _status_page(queries.get(db.session, contribution_id), expired)
    agreement = Agreement(request.form.get("terms_version", ""), True, current())
    try:
        within_terms.refuse(request.form, ("token",))
        added = retry.go_on(db.session, contribution_id, agreement, current_wiring())
    except Refusal as refusal:
        return _status_page(queries.get(db.session, contribution_id), refusal)
    if added:
        note_opened_checkout()
    return _onwards(contribution_id)


@blueprint.post("/contributions/<string:contribution_id>/refund")
@public
def refuse_refund(contribution_id: str) -> Response:  # noqa: ARG001  # part of the path
    """Always refused: a contribution that was made is not refunded (clause 4.2)."""
    raise RefundNotOffered


@blueprint.get("/wall")
@public
def show_wall() -> Response:
    """The public messages of an article."""
    address = current_wiring().addresses.read(request.args.get("article", ""))
    shown = walls.show(db.session, address, 20, request.args.get("cursor"))
    page = render_template(
        "contributions/wall.html",
        wall=shown.wall,
        hidden=shown.hidden,
        feature=shown.setting,
        article=address.key,
        title=find_title(db.session, address.key),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = WALL_CACHE
    response.headers["Vary"] = "Accept-Language"
    response.add_etag()
    response.make_conditional(request)
    return response


def _feature(article: Address | None) -> dict[str, Any]:
    return feature.describe(db.session, current_wiring(), current(), article)


def _own_unpaid(contribution_id: str) -> Contribution | None:
    """A contribution of this reader that is not paid, or None."""
    if contribution_id not in reader.remembered():
        return None
    contribution = db.session.get(Contribution, contribution_id)
    return contribution if contribution is not None and contribution.paid_at is None else None


def _own_unpaid_id(contribution_id: str | None) -> str | None:
    found = _own_unpaid(contribution_id or "")
    return found.id if found is not None else None


def _ask_again(contribution: Contribution) -> Contribution:
    attempt, id_ = contribution.latest_attempt, contribution.id
    if attempt.asked_at is None or attempt.asked_at < clock.now() - _ASKED_AGAIN_AFTER:
        with suppress(ProcessorUnavailable, NotFound):  # the webhook or the sweep will tell
            asking.ask(db.session, attempt.id, current_wiring())
    return queries.get(db.session, id_)


def _form_page(filled: Form, token: str, refusal: Refusal | None = None) -> Response:
    try:
        address = current_wiring().addresses.read(filled["article"])
    except ArticleNotAllowed as not_ours:
        raise refusal or not_ours from None
    retry_after = refusal.retry_after if refusal else None
    if request.method == "POST":
        language.page_address("/contribute", article=address.key)
    described, limits = _feature(address), _text().limits
    page = render_template(
        "contributions/form.html",
        feature=described,
        limits=limits,
        form=form.shown(filled, limits),
        article=address.key,
        article_title=find_title(db.session, address.key),
        token=token,
        problem=problem(refusal) if refusal else None,
    )
    closed = not described["open"] and refusal is None
    response = make_response(page, refusal.status if refusal else 503 if closed else 200)
    response.headers["Cache-Control"] = "no-store"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _status_page(contribution: Contribution, refusal: Refusal | None = None) -> Response:
    if request.method == "POST":
        language.page_address(f"/contributions/{contribution.id}")
    if "lang" not in request.args:
        language.use(contribution.locale)  # the language in which the reader gave
    page = render_template(
        "contributions/status.html",
        contribution=contribution,
        attempt=contribution.latest_attempt,
        token=new_form_token(contribution.id),
        own=contribution.id in reader.remembered(),
        cancelled=request.args.get("checkout") == "cancelled",
        waiting=_is_waiting(contribution),
        feature=_feature(Address(contribution.article_key, contribution.article_section)),
        title=find_title(db.session, contribution.article_key),
        problem=problem(refusal) if refusal else None,
    )
    response = make_response(page, refusal.status if refusal else 200)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _is_waiting(contribution: Contribution) -> bool:
    """Whether there may be news any moment: the checkout is just being opened, or the reader
    came back from it, or the payment is pending."""
    match contribution.status:
        case Status.CREATED:
            return contribution.latest_attempt.created_at > clock.now() - idempotency.LEASE
        case Status.AWAITING_PAYMENT:
            return request.args.get("checkout") == "done"
        case status:
            return status == Status.PROCESSING
