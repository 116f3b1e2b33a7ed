"""The payment page as the payer sees it, with a button for each thing that may happen there."""

from html import escape
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from tests.fakes.midtrans import changes
from tests.fakes.midtrans.answers import code
from tests.fakes.midtrans.methods import offered
from tests.fakes.midtrans.records import Page, Refused
from tests.fakes.midtrans.world import World

PREFIX = "/snap/v4/redirection/"
OUTCOMES = ("pay", "pending_pay", "pending_fail", "decline", "cancel")


def show(world: World, request: Request) -> Response:
    """Shows the page, or does what `outcome` and `method` ask and sends the payer back."""
    page = world.pages.get(request.path.removeprefix(PREFIX))
    if page is None:
        return _html("Transaction not found", 404)
    outcome = request.values.get("outcome")
    if outcome is None:
        return _page(world, page)
    if outcome not in OUTCOMES:
        return _html("Unknown outcome", 400)
    try:
        return _act(world, page, outcome, request.values.get("method", "qris"))
    except Refused as refusal:
        return _html(str(refusal), 409)


def _act(world: World, page: Page, outcome: str, method: str) -> Response:
    if outcome == "cancel":
        return _back(world, page)
    before = world.transactions.get(page.order_id)
    waiting = before is not None and before.status == "pending"
    transaction = before if before is not None and waiting else changes.choose(world, page, method)
    if outcome == "pay" and transaction.method == "credit_card":
        changes.capture(world, transaction)
        answer = _back(world, page)
        changes.settle(world, transaction)
        return answer
    if outcome == "pay":
        changes.settle(world, transaction)
    elif outcome == "decline":
        changes.deny(world, transaction)
    else:
        transaction.later = outcome
    return _back(world, page)


def _back(world: World, page: Page) -> Response:
    """To the merchant's page, with what Midtrans adds to its address."""
    transaction = world.transactions.get(page.order_id)
    query = {"order_id": page.order_id}
    if transaction is None:
        query["action"] = "back"
    else:
        query |= {"status_code": code(transaction), "transaction_status": transaction.status}
    if page.finish is None:
        return _html("Payment finished", 200)
    joint = "&" if "?" in page.finish else "?"
    return redirect(page.finish + joint + urlencode(query))


def _page(world: World, page: Page) -> Response:
    before = world.transactions.get(page.order_id)
    if before is not None and before.status == "pending":
        methods: tuple[str, ...] = (before.method,)
    elif changes.is_open(world, page):
        methods = offered(page)
    else:
        return _html("This transaction has ended or its page has expired", 410)
    forms = "".join(
        f'<form method="post"><input type="hidden" name="outcome" value="{outcome}">'
        f'<button name="method" value="{method}">{outcome} {method}</button></form>'
        for method in methods
        for outcome in OUTCOMES
    )
    return _html(f"{page.order_id}: Rp{page.amount}", 200, forms)


def _html(title: str, status: int, rest: str = "") -> Response:
    text = f'<!doctype html><html lang="en"><title>Midtrans</title><h1>{escape(title)}</h1>{rest}</html>'
    return Response(text, status, mimetype="text/html")
