"""Money that goes back: refunds made in the dashboard, and disputes raised by banks."""

from tests.fakes.stripe import events, money_objects, rows
from tests.fakes.stripe.errors import NotPossible
from tests.fakes.stripe.store import Json, Reference, Store

CLOSED = {"won", "lost", "warning_closed", "prevented"}


def _refund_row(store: Store, refund: Json) -> None:
    kind = "refund" if refund["id"].startswith("re_") else "payment_refund"
    amount, rate = rows.convert(store, -refund["amount"], refund["currency"])
    row = money_objects.balance_transaction(store, kind, amount, source=refund["id"], rate=rate)
    refund["balance_transaction"] = rows.enter(store, row)["id"]


def refund(
    store: Store,
    payment_intent: Reference,
    amount: int | None = None,
    pending: bool = False,
    unfunded: bool = False,
) -> Json:
    """A refund of ``amount`` minor units, or of the rest.

    ``pending`` has left the balance but not reached the payer; ``unfunded`` waits for the balance to suffice, so
    it has no row yet.
    """
    charge = store.charge_of(payment_intent)
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise NotPossible(f"{amount} of {left} cannot be refunded on charge {charge['id']}")
    if charge["disputed"] and not _still_refundable(store, charge):
        raise NotPossible(f"charge {charge['id']} has been charged back")
    reason = "insufficient_funds" if unfunded else "processing" if pending else None
    made = store.add(money_objects.refund(store, charge, amount, reason))
    if not unfunded:
        _refund_row(store, made)
    previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge.update(amount_refunded=charge["amount_refunded"] + amount, refunded=amount == left)
    events.emit(store, "refund.created", made)
    events.emit(store, "charge.refunded", charge, previous)
    return made


def _still_refundable(store: Store, charge: Json) -> bool:
    disputes = store.tables["dispute"].values()
    return all(one["is_charge_refundable"] for one in disputes if one["charge"] == charge["id"])


def finish_refund(store: Store, reference: Reference) -> Json:
    """A pending refund reaches the payer."""
    made = store.get("refund", reference)
    if made["status"] != "pending":
        raise NotPossible(f"refund {made['id']} is {made['status']}")
    if made["balance_transaction"] is None:
        _refund_row(store, made)
    events.change(store, "refund.updated", made, status="succeeded", pending_reason=None)
    events.emit(store, "charge.refund.updated", made, {"status": "pending"})
    return made


def fail_refund(store: Store, reference: Reference, reason: str = "expired_or_canceled_card") -> Json:
    """The payer's bank sends a refund back: its money returns in a row of its own."""
    made = store.get("refund", reference)
    if made["status"] not in {"pending", "succeeded"}:
        raise NotPossible(f"refund {made['id']} is {made['status']}")
    previous = {name: made[name] for name in ("status", "failure_reason", "failure_balance_transaction")}
    made.update(status="failed", failure_reason=reason, pending_reason=None)
    taken = store.by_id.get(made["balance_transaction"] or "")
    if taken is not None:
        row = money_objects.balance_transaction(
            store, "refund_failure", -taken["amount"], source=made["id"], rate=taken["exchange_rate"]
        )
        made["failure_balance_transaction"] = rows.enter(store, row)["id"]
    charge = store.by_id[made["charge"]]
    rest = charge["amount_refunded"] - made["amount"]
    events.emit(store, "refund.updated", made, previous)
    events.emit(store, "refund.failed", made)
    events.emit(store, "charge.refund.updated", made, previous)
    events.change(store, "charge.updated", charge, amount_refunded=rest, refunded=False)
    return made


def dispute(
    store: Store,
    payment_intent: Reference,
    inquiry: bool = False,
    withdraw: bool = True,
    amount: int | None = None,
    reason: str = "fraudulent",
) -> Json:
    """A bank disputes a charge; an inquiry moves no money, and a withdrawal may come later."""
    charge = store.charge_of(payment_intent)
    status = "warning_needs_response" if inquiry else "needs_response"
    whole = charge["amount"] if amount is None else amount
    made = store.add(money_objects.dispute(store, charge, whole, status, reason))
    takes = withdraw and not inquiry
    if takes:
        _withdrawal(store, made)
    events.emit(store, "charge.dispute.created", made)
    if not charge["disputed"]:
        events.change(store, "charge.updated", charge, disputed=True)
    if takes:
        events.emit(store, "charge.dispute.funds_withdrawn", made)
    return made


def _withdrawal(store: Store, made: Json) -> None:
    amount, rate = rows.convert(store, -made["amount"], made["currency"])
    row = money_objects.balance_transaction(
        store,
        "adjustment",
        amount,
        source=made["id"],
        fees=rows.dispute_fee(store),
        rate=rate,
        category="dispute",
        description=f"Chargeback withdrawal for {made['charge']}",
    )
    made["balance_transactions"] = [*made["balance_transactions"], rows.enter(store, row)]
    made["is_charge_refundable"] = False


def withdraw(store: Store, reference: Reference) -> Json:
    """Money is taken for a dispute that had moved none; an inquiry becomes a chargeback."""
    made = store.get("dispute", reference)
    if made["status"] in CLOSED or made["balance_transactions"]:
        raise NotPossible(f"dispute {made['id']} is {made['status']} or already withdrawn")
    if made["status"].startswith("warning_"):
        events.change(store, "charge.dispute.updated", made, status="needs_response")
    _withdrawal(store, made)
    events.emit(store, "charge.dispute.funds_withdrawn", made)
    return made


def answer_dispute(store: Store, reference: Reference) -> Json:
    """The merchant's evidence went out: the bank reviews it."""
    made = store.get("dispute", reference)
    reviewed = {"needs_response": "under_review", "warning_needs_response": "warning_under_review"}
    if made["status"] not in reviewed:
        raise NotPossible(f"dispute {made['id']} is {made['status']}")
    events.change(store, "charge.dispute.updated", made, status=reviewed[made["status"]])
    return made


def close_dispute(store: Store, reference: Reference, outcome: str) -> Json:
    """won (withdrawn money comes back), lost, or warning_closed for an inquiry."""
    made = store.get("dispute", reference)
    asked = made["status"].startswith("warning_")
    if made["status"] in CLOSED or outcome not in CLOSED or asked != (outcome == "warning_closed"):
        raise NotPossible(f"dispute {made['id']} is {made['status']}: it cannot become {outcome}")
    made["status"] = outcome
    if outcome == "won" and made["balance_transactions"]:
        _reinstatement(store, made)
        events.emit(store, "charge.dispute.funds_reinstated", made)
    events.emit(store, "charge.dispute.closed", made)
    return made


def _reinstatement(store: Store, made: Json) -> None:
    taken = made["balance_transactions"][0]
    row = money_objects.balance_transaction(
        store,
        "adjustment",
        -taken["amount"],
        source=made["id"],
        fees=rows.dispute_fee(store, -1) if store.account.dispute_fee_returned else (),
        rate=taken["exchange_rate"],
        category="dispute_reversal",
        description=f"Chargeback reversal for {made['charge']}",
    )
    made["balance_transactions"] = [*made["balance_transactions"], rows.enter(store, row)]
