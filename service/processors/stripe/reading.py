"""Stripe's objects in our words. Objects come as plain mappings, from its API or from events."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from service.money import Money
from service.processors import base
from service.processors.shape import flag, integer, maybe_short, moment, short
from service.processors.stripe.amounts import from_stripe

Object = Mapping[str, Any]

_INQUIRY = ("warning_", "prevented")  # nobody disputes yet, or nobody can any more


def attempt_of(thing: Object) -> str | None:
    """The attempt that an object was made for, or None when it is not ours."""
    return maybe_short((thing.get("metadata") or {}).get("attempt_id"))


def id_of(reference: Any) -> str:
    """The id of a reference that is expanded or not."""
    return short(reference if isinstance(reference, str) else reference["id"])


def money(units: Any, currency: Any) -> Money:
    """An amount of Stripe as ours."""
    return from_stripe(integer(units), short(currency))


def checkout(session: Object) -> base.Checkout:
    """An opened session."""
    return base.Checkout(short(session["id"]), str(session["url"] or ""), moment(session["expires_at"]))


def session(found: Object, at: datetime) -> list[base.Happening]:
    """Where a Checkout session stands, without its charge: settled only when its
    ``payment_status`` is not ``unpaid``."""
    attempt_id = attempt_of(found)
    if attempt_id is None:
        return []
    if found["status"] == "expired":
        return [base.CheckoutExpired(attempt_id, short(found["id"]), at)]
    if found["status"] != "complete":
        return []
    if found["payment_status"] == "unpaid":
        return [base.PaymentPending(attempt_id, short(found["id"]), at)]
    amount = money(found["amount_total"], found["currency"])
    return [_succeeded(attempt_id, id_of(found["payment_intent"]), amount, at, flag(found["livemode"]))]


def session_failed(found: Object, at: datetime) -> list[base.Happening]:
    """A session whose delayed payment came to nothing."""
    attempt_id = attempt_of(found)
    return [base.PaymentFailed(attempt_id, short(found["id"]), at)] if attempt_id else []


def intent_succeeded(intent: Object, at: datetime) -> list[base.Happening]:
    """A payment intent that was paid: the same fact as its session's, told otherwise."""
    attempt_id = attempt_of(intent)
    if attempt_id is None or intent["status"] != "succeeded":
        return []
    amount = money(intent["amount_received"], intent["currency"])
    return [_succeeded(attempt_id, short(intent["id"]), amount, at, flag(intent["livemode"]))]


def _succeeded(attempt_id: str, intent: str, amount: Money, at: datetime, live: bool) -> base.Happening:
    """Charge and method are left to the balance row, so that every witness says the same."""
    return base.PaymentSucceeded(attempt_id, intent, at, amount, intent, None, None, live)


def charge(found: Object) -> list[base.Happening]:
    """The balance row of a charge, when it has one and is ours."""
    attempt_id, row = attempt_of(found), found.get("balance_transaction")
    if attempt_id is None or row is None or not found["paid"]:
        return []
    settled = balance_row(row)
    return [
        base.PaymentSettled(
            attempt_id=attempt_id,
            ref=settled.ref,
            at=settled.at,
            payment_ref=id_of(found["payment_intent"]),
            amount=money(found["amount"], found["currency"]),
            row=settled,
            live=flag(found["livemode"]),
            charge_ref=short(found["id"]),
            method=maybe_short((found.get("payment_method_details") or {}).get("type")),
        )
    ]


def charge_paid(found: Object) -> list[base.Happening]:
    """A charge as the witness of its payment, for payments of which nothing else was heard."""
    attempt_id = attempt_of(found)
    if attempt_id is None or not found["paid"]:
        return []
    amount, intent = money(found["amount"], found["currency"]), id_of(found["payment_intent"])
    paid = _succeeded(attempt_id, intent, amount, moment(found["created"]), flag(found["livemode"]))
    return [paid, *charge(found)]


def refund(found: Object, attempt_id: str, live: bool) -> list[base.Happening]:
    """A refund made outside, and its failure: each once its money moved."""
    moved: dict[str, Any] = {
        "attempt_id": attempt_id,
        "ref": short(found["id"]),
        "payment_ref": id_of(found["payment_intent"]),
        "amount": money(found["amount"], found["currency"]),
        "live": live,
    }
    told: list[base.Happening] = []
    if found.get("balance_transaction"):
        row = balance_row(found["balance_transaction"])
        told.append(base.RefundedOutside(**moved, at=row.at, row=row))
    if found.get("failure_balance_transaction"):
        row = balance_row(found["failure_balance_transaction"])
        told.append(base.RefundFailed(**moved, at=row.at, row=row))
    return told


def dispute(found: Object, attempt_id: str) -> list[base.Happening]:
    """A dispute with the money it took and gave back, which can be none; withdrawn is not
    lost, and an inquiry is no dispute."""
    status, live = short(found["status"]), flag(found["livemode"])
    rows = sorted((balance_row(row) for row in found["balance_transactions"]), key=lambda row: row.at)
    ref, intent, opened = short(found["id"]), id_of(found["payment_intent"]), moment(found["created"])
    state: dict[str, Any] = {"attempt_id": attempt_id, "ref": ref, "payment_ref": intent, "live": live}
    amount = money(found["amount"], found["currency"])
    told: list[base.Happening] = []
    if not status.startswith(_INQUIRY):
        told.append(base.DisputeOpened(**state, at=opened, due_at=_due(found)))
    for row in rows:
        taken = row.gross.minor < 0
        kind = base.DisputeWithdrawn if taken else base.DisputeReinstated
        told.append(kind(**state, at=row.at, amount=amount, row=row))
    ended = rows[-1].at if rows else opened
    if status == "won":
        told.append(base.DisputeWon(**state, at=ended))
    if status == "lost":
        told.append(base.DisputeLost(**state, at=ended))
    return told


def _due(found: Object) -> datetime | None:
    """Until when evidence is taken; null once that is over."""
    due = (found.get("evidence_details") or {}).get("due_by")
    return None if due is None else moment(due)


def payout(found: Object, rows: tuple[str, ...] | None) -> base.PayoutMade:
    """A payout to the bank."""
    return base.PayoutMade(
        ref=short(found["id"]),
        balance_ref=id_of(found["balance_transaction"]),
        at=moment(found["created"]),
        amount=money(found["amount"], found["currency"]),
        arrival=_day(found["arrival_date"]),
        rows=rows,
        live=flag(found["livemode"]),
    )


def balance_row(found: Object) -> base.BalanceRow:
    """A balance transaction, in the settlement currency."""
    currency = found["currency"]
    rate = found.get("exchange_rate")
    return base.BalanceRow(
        ref=short(found["id"]),
        kind=short(found["type"]),
        at=moment(found["created"]),
        gross=money(found["amount"], currency),
        fee=money(found["fee"], currency),
        available_on=_day(found["available_on"]),
        source_ref=None if found["source"] is None else id_of(found["source"]),
        exchange_rate=None if rate is None else format(Decimal(str(rate)), "f"),
    )


def _day(seconds: Any) -> date:
    return moment(seconds).date()
