"""Stripe's objects as the API shows them: rows of the balance, and money that goes out."""

from collections.abc import Sequence
from typing import Any

from tests.fakes.stripe.store import Json, Store

DAY = 86400
CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payout": "payout",
    "payout_failure": "payout_reversal",
    "stripe_fee": "fee",
}
NO_REFUND_FIELDS = [
    "balance_transaction",
    "customer",
    "customer_account",
    "description",
    "failure_balance_transaction",
    "failure_reason",
    "instructions_email",
    "next_action",
    "payment_method",
    "pending_reason",
    "presentment_details",
    "receipt_number",
    "source_transfer_reversal",
    "transfer_reversal",
]
NO_PAYOUT_FIELDS = [
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "original_payout",
    "payout_method",
    "reversed_by",
    "statement_descriptor",
]


def fee_detail(amount: int, currency: str, description: str, kind: str = "stripe_fee") -> Json:
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": description,
        "type": kind,
    }


def balance_transaction(
    store: Store,
    kind: str,
    amount: int,
    *,
    source: str | None,
    fees: Sequence[Json] = (),
    rate: float | None = None,
    category: str | None = None,
    description: str | None = None,
) -> Json:
    """A row of the balance in settlement minor units; ``amount`` is signed, fees are positive."""
    now, fee = store.now(), sum(detail["amount"] for detail in fees)
    waits = kind in {"charge", "payment"} and store.account.available_after_days > 0
    available_on = (now // DAY + store.account.available_after_days) * DAY if waits else now
    return {
        "id": store.new_id("txn_3" if source and source[:3] in {"ch_", "py_"} else "txn_1"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": max(available_on, now),
        "balance_type": "payments",
        "created": now,
        "currency": store.account.settlement_currency,
        "description": description,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": list(fees),
        "net": amount - fee,
        "reporting_category": category or CATEGORIES[kind],
        "source": source,
        "status": "pending" if available_on > now else "available",
        "type": kind,
    }


def refund(store: Store, charge: Json, amount: int, pending_reason: str | None) -> Json:
    prefix = "re_3" if charge["id"].startswith("ch_") else "pyr_1"
    method = charge["payment_method_details"]["type"]
    return {
        "id": store.new_id(prefix),
        "object": "refund",
        **dict.fromkeys(NO_REFUND_FIELDS),
        "amount": amount,
        "charge": charge["id"],
        "created": store.now(),
        "currency": charge["currency"],
        "destination_details": {method: {}, "type": method},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "pending_reason": pending_reason,
        "reason": "requested_by_customer",
        "status": "pending" if pending_reason else "succeeded",
    }


def dispute(store: Store, charge: Json, amount: int, status: str, reason: str) -> Json:
    inquiry = status.startswith("warning_")
    evidence: dict[str, Any] = {"customer_email_address": "payer@example.com", "customer_name": "A Payer"}
    return {
        "id": store.new_id("du_1"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": store.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": store.now() + 7 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "intended_submission_method": None,
        "is_charge_refundable": inquiry,
        "livemode": store.account.livemode,
        "metadata": {},
        "network_reason_code": "83",
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "inquiry" if inquiry else "chargeback",
                "network_reason_code": "83",
            },
            "type": "card",
        },
        "reason": reason,
        "status": status,
    }


def payout(store: Store, amount: int, *, automatic: bool) -> Json:
    return {
        "id": store.new_id("po_1"),
        "object": "payout",
        **dict.fromkeys(NO_PAYOUT_FIELDS),
        "amount": amount,
        "arrival_date": (store.now() // DAY + 1) * DAY,
        "automatic": automatic,
        "created": store.now(),
        "currency": store.account.settlement_currency,
        "description": "STRIPE PAYOUT",
        "destination": "ba_1Fake",
        "livemode": store.account.livemode,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "source_type": "card",
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def balance(store: Store) -> Json:
    """What is available and what still waits, over rows that no payout has taken."""
    rows = store.tables.get("balance_transaction", {})
    sums = {"available": 0, "pending": 0}
    for id_ in store.not_paid_out:
        sums[rows[id_]["status"]] += rows[id_]["net"]
    currency = store.account.settlement_currency
    return {
        "object": "balance",
        **{
            name: [{"amount": total, "currency": currency, "source_types": {"card": total}}]
            for name, total in sums.items()
        },
        "livemode": store.account.livemode,
    }
