"""Which events of Stripe are used, what is kept of each, and what it tells."""

from collections.abc import Callable, Mapping
from typing import Any

from service.processors import base
from service.processors.shape import flag, integer, maybe_short, moment, short
from service.processors.stripe import reading

Teller = Callable[[Mapping[str, Any]], list[base.Happening]]

# Told whole by their own body, which Stripe signed.
_SESSION = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.expired",
)
_SESSION_FAILED = "checkout.session.async_payment_failed"
_INTENT = "payment_intent.succeeded"

# Told by asking for the object that they name.
CHARGE = ("charge.succeeded", "charge.updated")
CHARGE_REFUNDED = "charge.refunded"
REFUND = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
DISPUTE_PREFIX = "charge.dispute."
PAYOUT = ("payout.paid", "payout.reconciliation_completed")
PAYOUT_FAILED = ("payout.failed", "payout.canceled")


def project(event: Mapping[str, Any]) -> dict[str, Any]:
    """What the inbox may keep of an event: enough to tell it again, nothing of the payer."""
    kind, thing = short(event["type"]), event["data"]["object"]
    kept: dict[str, Any] = {"id": maybe_short(thing.get("id"))}
    if kind.startswith("checkout.session."):
        kept |= _project_session(thing)
    elif kind == _INTENT:
        kept |= {
            "metadata": {"attempt_id": reading.attempt_of(thing)},
            "status": short(thing["status"]),
            "amount_received": integer(thing["amount_received"]),
            "currency": short(thing["currency"]),
            "livemode": flag(thing["livemode"]),
        }
    elif kind in CHARGE:
        has_row = thing.get("balance_transaction") is not None
        kept |= {"metadata": {"attempt_id": reading.attempt_of(thing)}, "has_row": has_row}
    return {
        "type": kind,
        "created": integer(event["created"]),
        "livemode": flag(event["livemode"]),
        "api_version": maybe_short(event.get("api_version")),
        "object": kept,
    }


def _project_session(session: Mapping[str, Any]) -> dict[str, Any]:
    intent = session.get("payment_intent")
    total = session.get("amount_total")
    return {
        "metadata": {"attempt_id": reading.attempt_of(session)},
        "status": maybe_short(session["status"]),
        "payment_status": maybe_short(session["payment_status"]),
        "payment_intent": None if intent is None else reading.id_of(intent),
        "amount_total": None if total is None else integer(total),
        "currency": maybe_short(session.get("currency")),
        "livemode": flag(session["livemode"]),
    }


def told_by_body(projection: Mapping[str, Any]) -> list[base.Happening] | None:
    """What an event tells by itself: None where Stripe must be asked, nothing for unused
    types and for what is not ours."""
    kind, thing, at = projection["type"], projection["object"], moment(projection["created"])
    if kind in _SESSION:
        return reading.session(thing, at)
    if kind == _SESSION_FAILED:
        return reading.session_failed(thing, at)
    if kind == _INTENT:
        return reading.intent_succeeded(thing, at)
    if kind in CHARGE:
        return None if thing["has_row"] and thing["metadata"]["attempt_id"] else []
    return None if _asks(kind) else []


def _asks(kind: str) -> bool:
    named = (*REFUND, *PAYOUT, CHARGE_REFUNDED, *PAYOUT_FAILED)
    return kind in named or kind.startswith(DISPUTE_PREFIX)
