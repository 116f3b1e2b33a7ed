"""The reader's own page: where a contribution stands, and how to go on. It works without JavaScript."""

from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service import clock
from service.articles.address import Address
from service.articles.registry import find_title
from service.contributions import asking, feature, idempotency, queries, reader, receipts, retry, share
from service.contributions.agreeing import Agreement
from service.contributions.model import Contribution
from service.contributions.states import OPEN, Status
from service.contributions.words import amount_in_words
from service.db import db
from service.errors import NotFound, ProcessorUnavailable, RefundNotOffered, Refusal, ValidationFailed
from service.terms import sent as within_terms
from service.web import language
from service.web.access import public
from service.web.errors import problem
from service.web.language import current
from service.web.limits import for_giving, note_opened_checkout
from service.web.security import (
    EXPIRED_FORM,
    keep_private,
    new_form_token,
    origin_may_be_hidden,
    read_form_token,
)
from service.wiring import current_wiring

blueprint = Blueprint("status_pages", __name__, template_folder="templates")

_ASKED_AGAIN_AFTER = timedelta(seconds=2)


def onwards(contribution_id: str) -> Response:
    """To the processor's page, or to the status page of what was paid or ended meanwhile."""
    contribution = queries.get(db.session, contribution_id)
    url = contribution.latest_attempt.checkout_url
    if contribution.status == Status.AWAITING_PAYMENT and url:
        return redirect(url, 303)
    return to_status(contribution_id)


def to_status(contribution_id: str) -> Response:
    """To the page that says how it went."""
    response: Response = redirect(url_for("status_pages.show", contribution_id=contribution_id), 303)
    return response


@blueprint.get("/contributions/<key:contribution_id>")
@public
def show(contribution_id: str) -> Response:
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
        expired = ValidationFailed(EXPIRED_FORM)
        return _status_page(queries.get(db.session, contribution_id), expired)
    agreement = Agreement(request.form.get("terms_version", ""), True, current())
    try:
        within_terms.refuse(request.form, ("token",))
        added = retry.go_on(db.session, contribution_id, agreement, current_wiring())
    except Refusal as refusal:
        return _status_page(queries.get(db.session, contribution_id), refusal)
    if added:
        note_opened_checkout()
    return onwards(contribution_id)


@blueprint.post("/contributions/<string:contribution_id>/refund")
@public
def refuse_refund(contribution_id: str) -> Response:  # noqa: ARG001  # part of the path
    """Always refused: a contribution that was made is not refunded (clause 4.2)."""
    raise RefundNotOffered


def _ask_again(contribution: Contribution) -> Contribution:
    attempt, id_ = contribution.latest_attempt, contribution.id
    if attempt.asked_at is None or attempt.asked_at < clock.now() - _ASKED_AGAIN_AFTER:
        with suppress(ProcessorUnavailable, NotFound):  # the webhook or the sweep will tell
            asking.ask(db.session, attempt.id, current_wiring())
    return queries.get(db.session, id_)


def _status_page(contribution: Contribution, refusal: Refusal | None = None) -> Response:
    if request.method == "POST":
        language.page_address(f"/contributions/{contribution.id}")
    if "lang" not in request.args:
        language.use(contribution.locale)  # the language in which the reader gave
    address = Address(contribution.article_key, contribution.article_section)
    title = find_title(db.session, address.key)
    page = render_template(
        "contributions/status.html",
        contribution=contribution,
        attempt=contribution.latest_attempt,
        token=new_form_token(contribution.id),
        own=contribution.id in reader.remembered(),
        cancelled=request.args.get("checkout") == "cancelled",
        waiting=_is_waiting(contribution),
        feature=feature.describe(db.session, current_wiring(), current(), address),
        title=title,
        share=share.of(address, title),
        words=amount_in_words(contribution.amount, current()),
        how_to_pay=_pending_page(contribution),
        receipt=receipts.link(contribution, current_wiring().settings),
        own_url=f"{current_wiring().settings.public_url}/contributions/{contribution.id}",
        problem=problem(refusal) if refusal else None,
    )
    response = make_response(page, refusal.status if refusal else 200)
    keep_private(response)
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


def _pending_page(contribution: Contribution) -> str | None:
    """The hosted page where a payment that was begun says how to finish it."""
    attempt = contribution.latest_attempt
    if contribution.status != Status.PROCESSING:
        return None
    with suppress(NotFound):  # its credentials are gone
        if current_wiring().processors.get(attempt.processor).page_while_pending:
            return attempt.checkout_url
    return None
