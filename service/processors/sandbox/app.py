"""The sandbox processor: a small WSGI app of its own, reached only over HTTP."""

import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from service.config import Settings
from service.money import Money
from service.processors.sandbox.books import Books
from service.processors.sandbox.delivery import Delivery
from service.processors.sandbox.faults import Faults
from service.processors.sandbox.payments import FEES, Payments
from service.processors.sandbox.refusal import Refused
from service.processors.sandbox.store import Document, Store

blueprint = Blueprint("sandbox", __name__, template_folder="templates")

_HOLD_S = 6.0  # longer than any client waits
_OPENED_WITH = {
    "amount": int,
    "currency": str,
    "attempt_id": str,
    "contribution_id": str,
    "reference": str,
    "locale": str,
    "expires_at": int,
    "return_url": str,
}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The parts of one running sandbox."""

    store: Store
    faults: Faults
    delivery: Delivery
    books: Books
    payments: Payments
    url: str
    api_key: str
    hang: Callable[[], None]


def create_sandbox(
    url: str,
    webhook_url: str,
    api_key: str,
    webhook_secret: str,
    path: str,
    hang: Callable[[], None] = lambda: time.sleep(_HOLD_S),
    delivers: bool = True,
) -> Flask:
    """The app. ``path``: its SQLite file, or ``:memory:``; ``hang``: what a call does under
    ``timeout_after_success``; ``delivers``: whether it sends what it announces by itself."""
    app = Flask(__name__, static_folder=None)
    store, faults = Store(path), Faults()
    delivery = Delivery(store, faults, webhook_url, webhook_secret)
    books = Books(store, delivery.announce)
    payments = Payments(store, books, delivery.announce)
    app.extensions["sandbox"] = Sandbox(store, faults, delivery, books, payments, url, api_key, hang)
    app.register_blueprint(blueprint)
    app.register_error_handler(Refused, lambda error: (jsonify(error=error.message), error.status))
    if delivers:
        delivery.run(payments.pass_time)
    return app


def from_environment() -> Flask:
    """The app as ``make run`` starts it, from the same settings as the service."""
    settings = Settings.from_environment(os.environ)
    return create_sandbox(
        url=settings.sandbox_url,
        webhook_url=f"{settings.public_url}/webhooks/sandbox",
        api_key=settings.sandbox_api_key,
        webhook_secret=settings.sandbox_webhook_secret,
        path=str(settings.instance_folder / "sandbox.sqlite"),
    )


def _sandbox() -> Sandbox:
    sandbox: Sandbox = current_app.extensions["sandbox"]
    return sandbox


@blueprint.before_request
def _guard() -> AnyResponse | None:
    """The API needs its key, and fails here when the script says so."""
    if not request.path.startswith("/v1/"):
        return None
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {_sandbox().api_key}".encode()):
        abort(401)
    error = _sandbox().faults.next_error()
    if error in ("500", "429"):
        return Response("scripted", status=int(error))
    request.environ["sandbox.error"] = error
    return None


@blueprint.after_request
def _spoil(response: Response) -> Response:
    error = request.environ.get("sandbox.error")
    if error == "timeout_after_success":
        _sandbox().hang()
    if error == "malformed":
        return Response("<html>not what you expect", status=200)
    return response


@blueprint.post("/v1/checkouts")
def open_checkout() -> AnyResponse:
    """Open a hosted page, once for each Idempotency-Key."""
    key, asked = request.headers.get("Idempotency-Key", ""), request.get_json()
    wrong = [
        name
        for name, kind in _OPENED_WITH.items()
        if not isinstance(asked.get(name), kind) or isinstance(asked.get(name), bool)
    ]
    if wrong or set(asked) != set(_OPENED_WITH) or not key or asked["amount"] <= 0:
        raise Refused(400, f"missing, unknown or malformed: {wrong or sorted(asked)}")
    return jsonify(_sandbox().payments.open(asked, key, lambda id_: f"{_sandbox().url}/checkout/{id_}"))


@blueprint.get("/v1/checkouts")
def list_checkouts() -> AnyResponse:
    """The checkouts of one attempt."""
    return jsonify(data=_sandbox().payments.of_attempt(request.args.get("attempt_id", "")))


@blueprint.get("/v1/checkouts/<checkout_id>")
def show_checkout(checkout_id: str) -> AnyResponse:
    """One checkout with its history."""
    return jsonify(_sandbox().payments.checkout(checkout_id))


@blueprint.post("/v1/checkouts/<checkout_id>/expire")
def expire_checkout(checkout_id: str) -> AnyResponse:
    """Close an open checkout."""
    return jsonify(_sandbox().payments.expire(checkout_id))


@blueprint.get("/v1/payments/<payment_id>")
def show_payment(payment_id: str) -> AnyResponse:
    """One payment."""
    return jsonify(_sandbox().payments.payment(payment_id))


@blueprint.get("/v1/balance_transactions")
def list_balance_transactions() -> AnyResponse:
    """A page of the processor's own books: of one payout, or made in a time."""
    asked = request.args
    since, until = asked.get("since", 0, int), asked.get("until", 2**40, int)
    return jsonify(_sandbox().books.rows(asked.get("payout"), since, until, asked.get("after")))


@blueprint.get("/v1/balance_transactions/<row_id>")
def show_balance_transaction(row_id: str) -> AnyResponse:
    """One row of the books, with the record that made it."""
    return jsonify(_sandbox().books.row(row_id))


@blueprint.get("/v1/payouts")
def list_payouts() -> AnyResponse:
    """Every payout."""
    return jsonify(data=_sandbox().books.payouts())


@blueprint.get("/checkout/<checkout_id>")
def show_page(checkout_id: str) -> str:
    """The hosted page."""
    return _page(_sandbox().payments.checkout(checkout_id))


@blueprint.post("/checkout/<checkout_id>")
def use_page(checkout_id: str) -> AnyResponse | tuple[str, int]:
    """What the payer chose; then back to where the reader came from."""
    outcome, method = request.form.get("outcome", ""), request.form.get("method", "qris")
    try:
        checkout = _sandbox().payments.choose(checkout_id, outcome, method)
    except Refused as refused:
        if refused.status == 404:
            raise
        return _page(_sandbox().payments.checkout(checkout_id)), refused.status
    joint = "&" if "?" in checkout["return_url"] else "?"
    outcome = "cancelled" if outcome == "cancel" else "done"
    return redirect(f"{checkout['return_url']}{joint}checkout={outcome}", 303)


def _page(checkout: Document) -> str:
    locale = "en" if checkout["locale"] == "en" else "id"
    amount = Money(checkout["amount"], checkout["currency"]).display(locale)
    return render_template(
        "sandbox/page.html", checkout=checkout, locale=locale, amount=amount, methods=list(FEES)
    )


@blueprint.post("/control")
def control() -> AnyResponse:
    """The script for tests and drills, from this machine only."""
    if request.remote_addr not in ("127.0.0.1", "::1") or request.headers.get("X-Forwarded-For"):
        abort(403)
    script = request.get_json()
    try:
        return jsonify(_obey(script))
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(422, str(error)) from error


def _obey(script: dict[str, Any]) -> Document:
    sandbox = _sandbox()
    acts: dict[str, Callable[[], Document]] = {
        "reset": sandbox.faults.reset,
        "end_dispute": lambda: sandbox.payments.end_dispute(script["end_dispute"], script.get("outcome", "")),
        "dispute": lambda: sandbox.payments.dispute(script["dispute"], script.get("outcome")),
        "refund": lambda: sandbox.payments.refund(script["refund"], _minor(script.get("amount"))),
        "fail_refund": lambda: sandbox.payments.fail_refund(str(script["fail_refund"])),
        "payout": sandbox.payments.pay_out,
        "fail_payout": lambda: sandbox.books.fail_payout(str(script["fail_payout"])),
        "charge": lambda: sandbox.books.charge(_minor(script["charge"]) or 0),
        "error": lambda: sandbox.faults.script_errors(str(script["error"]), script.get("count", 1)),
    }
    for name, act in acts.items():
        if script.get(name):
            return act() or {"scripted": script}
    sandbox.faults.script_deliveries(script)
    return {"scripted": script}


def _minor(amount: Any) -> int | None:
    """Major units, as everywhere in the contract, to minor ones; None for all of it."""
    return None if amount is None else Money.parse(str(amount), "IDR").minor
