"""The hosted page: what a payer sees, and the buttons that stand for what a payer does."""

import threading
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.stripe import payers
from tests.fakes.stripe.errors import NotPossible
from tests.fakes.stripe.idempotency import Answer
from tests.fakes.stripe.store import Json, Store

HTML = ("Content-Type", "text/html; charset=utf-8")
OUTCOMES = {"pay": payers.pay, "decline": payers.decline, "later": payers.pay_later}


def answer(store: Store, lock: threading.RLock, environ: Mapping[str, Any]) -> Answer:
    with lock:
        payers.pass_time(store)
        try:
            session = payers.session_of(store, environ["PATH_INFO"])
        except NotPossible:
            return _html(404, "<h1>No such page</h1>")
        if session["status"] != "open":
            return _html(410, "<h1>This checkout is over</h1>")
        if environ["REQUEST_METHOD"] == "POST":
            return _act(store, session, _form(environ))
        return _html(200, _shown(store, session, "declined" in environ.get("QUERY_STRING", "")))


def _form(environ: Mapping[str, Any]) -> dict[str, str]:
    text = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    return {name: values[0] for name, values in parse_qs(text).items()}


def _act(store: Store, session: Json, form: Mapping[str, str]) -> Answer:
    outcome = form.get("outcome", "")
    if outcome == "cancel":
        return _redirect(session["cancel_url"] or session["url"])
    if outcome not in OUTCOMES:
        return _html(400, "<h1>Choose what to do</h1>")
    back, page = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), session["url"]
    method = {"method": form["method"]} if "method" in form and outcome != "decline" else {}
    try:
        OUTCOMES[outcome](store, session, **method)
    except NotPossible as refused:
        return _html(400, f"<h1>{escape(str(refused))}</h1>")
    return _redirect(f"{page}?declined=1" if outcome == "decline" else back)


def _redirect(to: str) -> Answer:
    return Answer(303, b"", (("Location", to), ("Content-Length", "0")))


def _html(status: int, inner: str) -> Answer:
    body = f'<!doctype html><html lang="en"><title>Checkout</title><main>{inner}</main></html>'.encode()
    return Answer(status, body, (HTML, ("Content-Length", str(len(body)))))


def _shown(store: Store, session: Json, declined: bool) -> str:
    items = "".join(
        f"<li>{escape(item['description'] or '')}</li>" for item in store.line_items[session["id"]]
    )
    buttons = "".join(
        f'<button name="outcome" value="{name}">{name}</button>'
        for name in ("pay", "decline", "later", "cancel")
    )
    notice = '<p role="alert">Your card was declined.</p>' if declined else ""
    amount = f"{session['currency'].upper()} {session['amount_total']} minor units"
    return f'<h1>{escape(amount)}</h1><ul>{items}</ul>{notice}<form method="post">{buttons}</form>'
