"""The reader's form as a page: what this is, give, and nothing lost on the way. It works without
JavaScript."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from service.contributions import feature, form, form_view, give, idempotency, reader, retry
from service.contributions.form import Form
from service.contributions.model import Contribution
from service.contributions.status_pages import onwards, to_status
from service.db import db
from service.errors import ArticleNotAllowed, IdempotencyConflict, InProgress, Refusal, ValidationFailed
from service.web import language
from service.web.access import public
from service.web.language import current
from service.web.limits import for_giving, note_opened_checkout
from service.web.security import EXPIRED_FORM, new_form_token, read_form_token
from service.wiring import current_wiring

blueprint = Blueprint("pages", __name__, template_folder="templates")


@blueprint.get("/")
@public
def about() -> str:
    """What this is, and a way to the form of an article."""
    described = feature.describe(db.session, current_wiring(), current(), None)
    return render_template("contributions/about.html", feature=described)


@blueprint.get("/contribute")
@public
def show_form() -> Response:
    """The form for one article, kept as it was after a cancelled checkout."""
    again = _own_unpaid(request.args.get("again", ""))
    filled = (
        form.kept(again, form_view.text().limits, current_wiring()) if again else form.empty(request.args)
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
        return _form_page(filled, new_form_token(), ValidationFailed(EXPIRED_FORM))
    return _give(filled, key)


def _give(filled: Form, key: str, replaces: str | None = None) -> Response:
    gift = None
    try:
        gift = form.read(filled, request.form, form_view.text().limits.currency, current())
        given = give.give(db.session, gift, key, current_wiring())
    except InProgress as running:
        return _after_double_click(key, filled, running)
    except IdempotencyConflict:
        # The reader went back and changed something. That is another contribution, under a
        # key that follows from the change, so that sending it twice is still one.
        replaces = idempotency.find_contribution(db.session, key)
        if replaces is not None and _is_forgotten(replaces):
            return to_status(replaces)
        return _give(filled, form.key_of_change(key, gift, current_wiring().settings.secret_key), replaces)
    except Refusal as refusal:
        return _form_page(filled, new_form_token(key), refusal)
    return _to_checkout(given, replaces or _own_unpaid_id(filled.again))


def _to_checkout(given: give.Given, replaces: str | None) -> Response:
    """Onwards; an unpaid contribution that this one replaces is closed."""
    contribution_id = given.answer["id"]
    if not given.replayed:
        note_opened_checkout()
        if replaces is not None and replaces != contribution_id:
            retry.abandon(db.session, replaces, current_wiring())
    response = onwards(contribution_id)
    reader.remember(response, contribution_id)
    return response


def _after_double_click(key: str, filled: Form, running: InProgress) -> Response:
    """The same form is on its way already: to the page that says how it went."""
    contribution_id = idempotency.find_contribution(db.session, key)
    if contribution_id is None:
        return _form_page(filled, new_form_token(key), running)
    response = to_status(contribution_id)
    reader.remember(response, contribution_id)
    return response


def _is_forgotten(contribution_id: str) -> bool:
    """Whether its reader had a contribution erased, or took the consent back: the same form, sent
    again by a browser that goes back, must not bring the person back."""
    found = db.session.get(Contribution, contribution_id)
    return found is not None and (found.erased_at is not None or found.withdrawn_at is not None)


def _own_unpaid(contribution_id: str) -> Contribution | None:
    """A contribution of this reader that is not paid, or None."""
    if contribution_id not in reader.remembered():
        return None
    contribution = db.session.get(Contribution, contribution_id)
    return contribution if contribution is not None and contribution.paid_at is None else None


def _own_unpaid_id(contribution_id: str | None) -> str | None:
    found = _own_unpaid(contribution_id or "")
    return found.id if found is not None else None


def _form_page(filled: Form, token: str, refusal: Refusal | None = None) -> Response:
    try:
        address = current_wiring().addresses.read(filled["article"])
    except ArticleNotAllowed as not_ours:
        raise refusal or not_ours from None
    retry_after = refusal.retry_after if refusal else None
    if request.method == "POST":
        language.page_address("/contribute", article=address.key)
    parts = form_view.of(filled, address, token, refusal)
    closed = not parts["feature"]["open"] and refusal is None
    page = render_template("contributions/form.html", **parts)
    response = make_response(page, refusal.status if refusal else 503 if closed else 200)
    response.headers["Cache-Control"] = "no-store"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response
