"""Stripe's objects as the API shows them: payments (money that comes in)."""

from typing import Any

from tests.fakes.stripe.store import Json, Store

NO_ADDRESS = {"city": None, "country": "ID", "line1": None, "line2": None, "postal_code": None, "state": None}
CARD = {
    "amount_authorized": None,
    "authorization_code": None,
    "brand": "visa",
    "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
    "country": "ID",
    "exp_month": 12,
    "exp_year": 2034,
    "fingerprint": "Xt5EWLLDS7FJjR1c",
    "funding": "credit",
    "last4": "4242",
    "network": "visa",
    "three_d_secure": None,
    "wallet": None,
}
NOT_GIVEN = [
    "after_expiration",
    "allow_promotion_codes",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "customer_details",
    "invoice",
    "origin_context",
    "payment_intent",
    "payment_link",
    "presentment_details",
    "recovered_from",
    "return_url",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
    "discounts",
    "optional_items",
    "name_collection",
    "permissions",
    "redirect_on_completion",
    "integration_identifier",
]
NO_INTENT_FIELDS = [
    "amount_details",
    "application",
    "application_fee_amount",
    "canceled_at",
    "cancellation_reason",
    "customer",
    "customer_account",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "processing",
    "review",
    "source",
    "transfer_data",
    "presentment_details",
    "excluded_payment_method_types",
    "hooks",
    "managed_payments",
    "payment_details",
    "payment_record",
]
NO_CHARGE_FIELDS = [
    "application",
    "authorization_code",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "customer",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "level3",
    "on_behalf_of",
    "presentment_details",
    "receipt_number",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "transfer",
    "transfer_data",
]
PAYER = {"address": NO_ADDRESS, "email": "payer@example.com", "name": "A Payer", "phone": None}


def _methods(store: Store, params: Json) -> list[str]:
    allowed = params.get("allowed_payment_method_types") or store.account.methods
    excluded = params.get("excluded_payment_method_types") or ()
    return [name for name in store.account.methods if name in allowed and name not in excluded]


def _asked(params: Json) -> Json:
    """What a session repeats from the request."""
    optional = ["cancel_url", "client_reference_id", "customer_email", "locale", "success_url", "submit_type"]
    return {
        **{name: params.get(name) for name in optional},
        "adaptive_pricing": {"enabled": params.get("adaptive_pricing", {}).get("enabled", True)},
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "billing_address_collection": params.get("billing_address_collection"),
        "branding_settings": params.get("branding_settings"),
        "custom_fields": params.get("custom_fields", []),
        "custom_text": params.get("custom_text", {"after_submit": None, "submit": None}),
        "customer_creation": params.get("customer_creation", "if_required"),
        "excluded_payment_method_types": params.get("excluded_payment_method_types"),
        "metadata": dict(params.get("metadata") or {}),
        "payment_method_options": params.get("payment_method_options", {}),
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
    }


def session(store: Store, params: Json, amount: int, currency: str) -> Json:
    mode = "live" if store.account.livemode else "test"
    id_, now = store.new_id(f"cs_{mode}_a1", 58), store.now()
    return {
        "id": id_,
        "object": "checkout.session",
        **dict.fromkeys(NOT_GIVEN),
        **_asked(params),
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "created": now,
        "currency": currency,
        "expires_at": params.get("expires_at", now + 86400),
        "invoice_creation": {"enabled": False, "invoice_data": None},
        "livemode": store.account.livemode,
        "managed_payments": {"enabled": False},
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": {"id": "pmc_1Default", "parent": None},
        "payment_method_types": _methods(store, params),
        "payment_status": "unpaid",
        "saved_payment_method_options": None,
        "shipping_options": [],
        "status": "open",
        "tax_id_collection": {"enabled": False, "required": "never"},
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": params.get("ui_mode", "hosted_page"),
        "url": f"{store.account.public_base}/pay/{id_}",
    }


def line_item(store: Store, item: Json, currency: str) -> Json:
    data = item.get("price_data", {})
    quantity, each = item.get("quantity", 1), data.get("unit_amount", 0)
    return {
        "id": store.new_id("li_1"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": each * quantity,
        "amount_tax": 0,
        "amount_total": each * quantity,
        "currency": currency,
        "description": data.get("product_data", {}).get("name"),
        "metadata": dict(item.get("metadata") or {}),
        "price": {
            "id": store.new_id("price_1"),
            "object": "price",
            "currency": currency,
            "unit_amount": each,
        },
        "quantity": quantity,
    }


def payment_intent(store: Store, session_: Json, data: Json) -> Json:
    id_ = store.new_id("pi_3")
    return {
        "id": id_,
        "object": "payment_intent",
        **dict.fromkeys(NO_INTENT_FIELDS),
        "allowed_payment_method_types": session_["allowed_payment_method_types"],
        "amount": session_["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": data.get("capture_method", "automatic_async"),
        "client_secret": f"{id_}_secret_{store.new_id('')}",
        "confirmation_method": "automatic",
        "created": store.now(),
        "currency": session_["currency"],
        "description": data.get("description"),
        "livemode": store.account.livemode,
        "metadata": dict(data.get("metadata") or {}),
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": list(session_["payment_method_types"]),
        "receipt_email": data.get("receipt_email"),
        "setup_future_usage": data.get("setup_future_usage"),
        "shipping": None,
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_group": data.get("transfer_group"),
    }


def charge(store: Store, intent: Json, method: str, status: str) -> Json:
    """A charge by card is ch_, by any other method py_, as Stripe names them."""
    succeeded = status == "succeeded"
    details: dict[str, Any] = {**CARD, "amount_authorized": intent["amount"]} if method == "card" else {}
    return {
        "id": store.new_id("ch_3" if method == "card" else "py_3"),
        "object": "charge",
        **dict.fromkeys(NO_CHARGE_FIELDS),
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if succeeded else 0,
        "amount_refunded": 0,
        "billing_details": {**PAYER, "tax_id": None},
        "calculated_statement_descriptor": "NEWS",
        "captured": succeeded,
        "created": store.now(),
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": store.account.livemode,
        "metadata": dict(intent["metadata"]),
        "outcome": {"network_status": "approved_by_network", "reason": None, "type": "authorized"},
        "paid": succeeded,
        "payment_intent": intent["id"],
        "payment_method": store.new_id("pm_1"),
        "payment_method_details": {method: details, "type": method},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_url": "https://pay.stripe.test/receipts/payment" if succeeded else None,
        "refunded": False,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
        "transfer_group": intent["transfer_group"],
    }
