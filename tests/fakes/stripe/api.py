"""The API over HTTP: who asks, what for, and the answer in Stripe's words."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe import (
    checks,
    expand,
    faults,
    forms,
    idempotency,
    lists,
    money_objects,
    objects,
    payers,
)
from tests.fakes.stripe.errors import ApiError, no_such
from tests.fakes.stripe.idempotency import Answer
from tests.fakes.stripe.store import Json, Store

RESOURCES = {
    "checkout.sessions": ("checkout.session", "session"),
    "payment_intents": ("payment_intent", "intent"),
    "charges": ("charge", "id"),
    "refunds": ("refund", "id"),
    "disputes": ("dispute", "dispute"),
    "balance_transactions": ("balance_transaction", "id"),
    "payouts": ("payout", "payout"),
}


@dataclass(frozen=True)
class Call:
    """One request as the API saw it; tests read these to see what was asked."""

    method: str
    path: str
    params: Json
    key: str | None
    request_id: str


def answer(store: Store, lock: Any, environ: Mapping[str, Any], record: Callable[[Call], None]) -> Answer:
    """The answer to one request; raises Hang when none comes."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    with lock:
        payers.pass_time(store)
        id_ = store.new_id("req_", 14)
        try:
            _admit(store, environ)
            raw = forms.decode(_text(environ, method))
            call = Call(method, path, raw, environ.get("HTTP_IDEMPOTENCY_KEY"), id_)
            record(call)
            fault = faults.due(store, f"{method} {path}")
            faults.before(fault)
            replay = _claim(store, call)
        except ApiError as refused:
            return _signed(store, idempotency.refusal(refused, id_), id_)
    if fault == "slow":
        time.sleep(store.account.hold_s)
    with lock:
        given = _execute(store, call, fault) if replay is None else replay
    return _signed(store, faults.after(fault, given), id_)


def _text(environ: Mapping[str, Any], method: str) -> str:
    if method != "POST":
        return str(environ.get("QUERY_STRING", ""))
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return str(environ["wsgi.input"].read(length).decode())


def _admit(store: Store, environ: Mapping[str, Any]) -> None:
    if environ.get("HTTP_AUTHORIZATION") != f"Bearer {store.account.api_key}":
        raise ApiError(401, "Invalid API Key provided: sk_****")
    version = environ.get("HTTP_STRIPE_VERSION")
    if version != store.account.api_version:
        raise ApiError(
            400, f"Invalid Stripe API version: {version}; this account expects {store.account.api_version}"
        )


def _signed(store: Store, given: Answer, id_: str) -> Answer:
    headers = (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(given.body))),
        ("Request-Id", id_),
        ("Stripe-Version", store.account.api_version),
        *given.headers,
    )
    return Answer(given.status, given.body, headers)


def _claim(store: Store, call: Call) -> Answer | None:
    if call.method != "POST" or call.key is None:
        return None
    return idempotency.begin(store, call.key, call.path, call.params)


def _execute(store: Store, call: Call, fault: str | None) -> Answer:
    """Run the endpoint; its answer is kept under the key unless validation refused it first."""
    key = call.key if call.method == "POST" else None
    try:
        run = _endpoint(store, call)
    except ApiError as refused:
        if key is not None:
            idempotency.abandon(store, key)
        return idempotency.refusal(refused, call.request_id)
    store.request = {"id": call.request_id, "idempotency_key": key}
    try:
        given = Answer(200, json.dumps(run(), ensure_ascii=False).encode())
    except ApiError as refused:
        given = idempotency.refusal(refused, call.request_id)
    finally:
        store.request = {"id": None, "idempotency_key": None}
    given = faults.executed(fault, given)
    if key is not None:
        idempotency.finish(store, key, given)
    return given


def _endpoint(store: Store, call: Call) -> Callable[[], Json]:
    """What the request asks for, with its parameters validated; nothing has happened yet."""
    name, *rest = call.path.removeprefix("/v1/").replace("checkout/sessions", "checkout.sessions").split("/")
    if call.method == "GET" and name == "balance" and not rest:
        return lambda: money_objects.balance(store)
    if name not in RESOURCES:
        raise ApiError(404, f"Unrecognized request URL ({call.method}: {call.path}).")
    kind, param = RESOURCES[name]
    verb = {("GET", 0): "list", ("GET", 1): "retrieve", ("POST", 0): "create", ("POST", 2): "expire"}.get(
        (call.method, len(rest))
    )
    if call.method != "GET" and (
        name != "checkout.sessions" or verb is None or rest[1:] not in ([], ["expire"])
    ):
        raise ApiError(403, "The provided key does not have the required permissions for this endpoint.")
    if verb is None:
        raise ApiError(404, f"Unrecognized request URL ({call.method}: {call.path}).")
    params = forms.typed(f"{name}.{verb}", call.params)
    paths = params.pop("expand", [])
    if verb == "create":
        return lambda: expand.expanded(store, _create(store, params), paths)
    if verb == "list":
        return lambda: expand.expanded(store, lists.page(store, kind, call.path, params), paths)
    found = store.tables.get(kind, {}).get(rest[0])
    if found is None:
        raise no_such(kind, rest[0], param)
    if verb == "expire":
        return lambda: expand.expanded(store, _expire(store, found), paths)
    return lambda: expand.expanded(store, found, paths)


def _create(store: Store, params: Json) -> Json:
    amount, currency = checks.creation(store, params)
    session = store.add(objects.session(store, params, amount, currency))
    store.line_items[session["id"]] = [
        objects.line_item(store, item, currency) for item in params["line_items"]
    ]
    store.intent_data[session["id"]] = params.get("payment_intent_data", {})
    store.watch(store.open_sessions, session["id"], session["expires_at"])
    return session


def _expire(store: Store, session: Json) -> Json:
    if session["status"] != "open":
        text = (
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
        raise ApiError(400, text)
    payers.expire(store, session)
    return session
