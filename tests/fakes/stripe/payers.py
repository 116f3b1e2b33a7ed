"""Acts of payers on the hosted page, and what time does to sessions and rows."""

from tests.fakes.stripe import events, money_objects, objects, rows
from tests.fakes.stripe.errors import NotPossible
from tests.fakes.stripe.store import NEVER, Json, Reference, Store

DECLINED = {
    "code": "card_declined",
    "decline_code": "generic_decline",
    "message": "Your card was declined.",
    "type": "card_error",
}


def session_of(store: Store, reference: Reference) -> Json:
    """The session that an id, its page's address or the object means."""
    if isinstance(reference, str):
        reference = reference.partition("?")[0].partition("#")[0].rpartition("/")[2]
    return store.get("checkout.session", reference)


def _begin(store: Store, reference: Reference, method: str) -> tuple[Json, Json]:
    """An open session and its payment intent, which Stripe makes when the payer first acts."""
    session = session_of(store, reference)
    if session["status"] != "open":
        raise NotPossible(f"session {session['id']} is {session['status']}")
    allowed, excluded = session["allowed_payment_method_types"], session["excluded_payment_method_types"]
    if (allowed and method not in allowed) or method in (excluded or ()):
        raise NotPossible(f"session {session['id']} does not offer {method}")
    if session["payment_intent"] is not None:
        return session, store.by_id[session["payment_intent"]]
    intent = store.add(objects.payment_intent(store, session, store.intent_data[session["id"]]))
    session["payment_intent"] = intent["id"]
    events.emit(store, "payment_intent.created", intent)
    return session, intent


def _charge(store: Store, intent: Json, method: str, status: str) -> Json:
    charge = store.add(objects.charge(store, intent, method, status))
    intent.update(latest_charge=charge["id"], payment_method=charge["payment_method"])
    if charge["payment_method"] and status == "failed":
        intent["payment_method"] = None
    return charge


def _received(store: Store, intent: Json, charge: Json) -> None:
    store.unsettled[charge["id"]] = None
    if store.account.fees_at_once:
        charge["balance_transaction"] = rows.of_charge(store, charge)["id"]
    intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    events.emit(store, "charge.succeeded", charge)
    events.emit(store, "payment_intent.succeeded", intent)


def _complete(store: Store, session: Json, payment_status: str) -> None:
    store.open_sessions.pop(session["id"], None)
    details = {**objects.PAYER, "tax_exempt": "none", "tax_ids": []}
    session.update(status="complete", payment_status=payment_status, url=None, customer_details=details)
    events.emit(store, "checkout.session.completed", session)


def pay(store: Store, reference: Reference, method: str = "card") -> Json:
    session, intent = _begin(store, reference, method)
    _received(store, intent, _charge(store, intent, method, "succeeded"))
    _complete(store, session, "paid")
    return session


def decline(store: Store, reference: Reference) -> Json:
    """The card is refused: the session stays open for another try."""
    session, intent = _begin(store, reference, "card")
    charge = _charge(store, intent, "card", "failed")
    _refused(store, intent, charge)
    return session


def _refused(store: Store, intent: Json, charge: Json) -> None:
    charge.update(failure_code=DECLINED["code"], failure_message=DECLINED["message"], status="failed")
    charge["outcome"] = {
        "network_status": "declined_by_network",
        "reason": "generic_decline",
        "type": "issuer_declined",
    }
    intent.update(status="requires_payment_method", last_payment_error={**DECLINED, "charge": charge["id"]})
    events.emit(store, "charge.failed", charge)
    events.emit(store, "payment_intent.payment_failed", intent)


def pay_later(store: Store, reference: Reference, method: str = "id_bank_transfer") -> Json:
    """The payer chose a method whose money comes later: complete, and unpaid."""
    session, intent = _begin(store, reference, method)
    charge = _charge(store, intent, method, "pending")
    intent["status"] = "processing"
    events.emit(store, "payment_intent.processing", intent)
    events.emit(store, "charge.pending", charge)
    _complete(store, session, "unpaid")
    return session


def finish_later(store: Store, reference: Reference, ok: bool = True) -> Json:
    session = session_of(store, reference)
    intent = store.by_id.get(session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise NotPossible(f"no money is on its way for session {session['id']}")
    charge = store.by_id[intent["latest_charge"]]
    if ok:
        charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
        _received(store, intent, charge)
        session["payment_status"] = "paid"
    else:
        _refused(store, intent, charge)
    word = "succeeded" if ok else "failed"
    events.emit(store, f"checkout.session.async_payment_{word}", session)
    return session


def expire(store: Store, session: Json) -> None:
    """Close an open session; a payment intent that a failed try left behind is canceled with it."""
    store.open_sessions.pop(session["id"], None)
    session.update(status="expired", url=None)
    intent = store.by_id.get(session["payment_intent"] or "")
    if intent is not None and intent["status"] == "requires_payment_method":
        intent.update(status="canceled", canceled_at=store.now(), cancellation_reason="expired")
        events.emit(store, "payment_intent.canceled", intent)
    events.emit(store, "checkout.session.expired", session)


def pass_time(store: Store) -> None:
    """Let everything happen that was due by now: sessions expire, rows become available."""
    now = store.now()
    if now < store.next_change:
        return
    for id_ in [id_ for id_, until in store.open_sessions.items() if until <= now]:
        expire(store, store.by_id[id_])
    due = [id_ for id_, until in store.pending_rows.items() if until <= now]
    for id_ in due:
        store.by_id[id_]["status"] = "available"
        del store.pending_rows[id_]
    if due:
        events.emit(store, "balance.available", money_objects.balance(store))
    store.next_change = min([*store.open_sessions.values(), *store.pending_rows.values()], default=NEVER)
