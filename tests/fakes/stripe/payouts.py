"""Money that leaves for the merchant's bank: payouts, their reconciliation and their failure."""

from tests.fakes.stripe import events, money_objects, rows
from tests.fakes.stripe.errors import NotPossible
from tests.fakes.stripe.store import Json, Reference, Store


def pay_out(
    store: Store,
    automatic: bool = True,
    reconciled: bool = True,
    arrived: bool = True,
    available_only: bool = False,
) -> Json | None:
    """Pay out every row that no payout has taken; None when they do not add up to more than nothing."""
    table = store.tables.get("balance_transaction", {})
    taken = [id_ for id_ in store.not_paid_out if not (available_only and id_ in store.pending_rows)]
    total = sum(table[id_]["net"] for id_ in taken)
    if total <= 0:
        return None
    _make_available(store, taken)
    made = store.add(money_objects.payout(store, total, automatic=automatic))
    row = money_objects.balance_transaction(
        store, "payout", -total, source=made["id"], description="STRIPE PAYOUT"
    )
    made["balance_transaction"] = store.add(row)["id"]
    for id_ in taken:
        del store.not_paid_out[id_]
        store.payout_of[id_] = made["id"]
    store.payout_of[row["id"]] = made["id"]
    events.emit(store, "payout.created", made)
    if arrived:
        arrive(store, made)
    if automatic and reconciled:
        complete_reconciliation(store, made)
    return made


def _make_available(store: Store, taken: list[str]) -> None:
    early = [id_ for id_ in taken if store.pending_rows.pop(id_, None) is not None]
    for id_ in early:
        store.by_id[id_].update(status="available", available_on=store.now())
    if early:
        events.emit(store, "balance.available", money_objects.balance(store))


def arrive(store: Store, reference: Reference) -> Json:
    """The bank took the payout (which can still fail within days)."""
    made = store.get("payout", reference)
    if made["status"] != "in_transit":
        raise NotPossible(f"payout {made['id']} is {made['status']}")
    made.update(status="paid", trace_id={"status": "supported", "value": "011000015"})
    events.emit(store, "payout.paid", made)
    return made


def complete_reconciliation(store: Store, reference: Reference) -> Json:
    """From now on the rows of an automatic payout can be listed by ``payout``."""
    made = store.get("payout", reference)
    if made["reconciliation_status"] != "in_progress":
        raise NotPossible(f"reconciliation of {made['id']} is {made['reconciliation_status']}")
    made["reconciliation_status"] = "completed"
    events.emit(store, "payout.reconciliation_completed", made)
    return made


def fail_payout(store: Store, reference: Reference, code: str = "account_closed") -> Json:
    """The bank sends a payout back: its money returns in a row that the next payout takes."""
    made = store.get("payout", reference)
    if made["status"] not in {"in_transit", "paid"}:
        raise NotPossible(f"payout {made['id']} is {made['status']}")
    row = money_objects.balance_transaction(
        store, "payout_failure", made["amount"], source=made["id"], description="STRIPE PAYOUT FAILURE"
    )
    made.update(
        status="failed",
        failure_balance_transaction=rows.enter(store, row)["id"],
        failure_code=code,
        failure_message="The bank account has been closed.",
    )
    events.emit(store, "payout.failed", made)
    return made


def is_in_payout(store: Store, row: Json, payout: Json) -> bool:
    """Whether a list by ``payout`` shows ``row``: before reconciliation it knows the payout's own row only."""
    if store.payout_of.get(row["id"]) != payout["id"]:
        return False
    return payout["reconciliation_status"] == "completed" or row["source"] == payout["id"]
