"""What Stripe checks before it opens a session: items, amounts, times, lengths."""

from collections.abc import Mapping

from tests.fakes.stripe.errors import ApiError, missing
from tests.fakes.stripe.store import Json, Store

WIDE = {"idr"}  # up to 12 digits; other currencies 8
THREE_DECIMALS = {"bhd", "jod", "kwd", "omr", "tnd"}
WHOLE_HUNDREDS = {"isk", "ugx"}
DEFAULT_MINIMUM = 50


def _refuse(message: str, param: str, code: str | None = None) -> ApiError:
    return ApiError(400, message, param=param, code=code)


def creation(store: Store, params: Json) -> tuple[int, str]:
    """The total in minor units and the currency of a session that may be opened."""
    if "mode" not in params:
        raise missing("mode")
    if params["mode"] != "payment":
        raise _refuse("This fake opens sessions in payment mode only.", "mode")
    for name in ("success_url", "line_items"):
        if not params.get(name):
            raise missing(name)
    _texts(params)
    _lifetime(store, params)
    return _total(store, params["line_items"])


def _texts(params: Json) -> None:
    for name in ("success_url", "cancel_url"):
        if not params.get(name, "https://").startswith(("http://", "https://")):
            raise _refuse("Not a valid URL", name, "url_invalid")
    if len(params.get("client_reference_id", "")) > 200:
        raise _refuse("Invalid string: must be at most 200 characters", "client_reference_id")
    _metadata(params.get("metadata", {}), "metadata")
    _metadata(params.get("payment_intent_data", {}).get("metadata", {}), "payment_intent_data[metadata]")


def _metadata(given: Mapping[str, str], param: str) -> None:
    if len(given) > 50:
        raise _refuse("Metadata can have up to 50 keys.", param)
    for key, value in given.items():
        if len(key) > 40 or len(value) > 500:
            raise _refuse("Metadata keys can be 40 and values 500 characters long.", f"{param}[{key}]")


def _lifetime(store: Store, params: Json) -> None:
    lifetime = params.get("expires_at", store.now() + 86400) - store.now()
    if lifetime < 30 * 60:
        text = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise _refuse(text, "expires_at")
    if lifetime > 24 * 3600:
        text = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise _refuse(text, "expires_at")


def _item(item: Json, index: int) -> tuple[int, str]:
    param = f"line_items[{index}]"
    data = item.get("price_data")
    if data is None:
        raise _refuse("This fake knows line items with price_data only.", f"{param}[price]")
    if "unit_amount" not in data:
        raise missing(f"{param}[price_data][unit_amount]")
    if "product_data" not in data and "product" not in data:
        raise missing(f"{param}[price_data][product_data]")
    if data["unit_amount"] < 0:
        raise _refuse(
            "Invalid non-negative integer", f"{param}[price_data][unit_amount]", "parameter_invalid_integer"
        )
    if item.get("quantity", 0) < 1:
        raise missing(f"{param}[quantity]")
    return data["unit_amount"] * item["quantity"], data["currency"].lower()


def _total(store: Store, items: list[Json]) -> tuple[int, str]:
    priced = [_item(item, index) for index, item in enumerate(items)]
    currencies = {currency for _, currency in priced}
    if len(currencies) != 1:
        raise _refuse("All line items must have the same currency.", "line_items")
    currency, total = currencies.pop(), sum(amount for amount, _ in priced)
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise _refuse(f"Invalid currency: {currency}.", "line_items[0][price_data][currency]")
    step = 100 if currency in WHOLE_HUNDREDS else 10 if currency in THREE_DECIMALS else 1
    if total % step:
        raise _refuse(f"Amounts in {currency} must be multiples of {step}.", "line_items")
    minimum = store.account.minimums.get(currency, DEFAULT_MINIMUM)
    if total < minimum:
        text = f"The Checkout Session's total amount due must add up to at least {minimum} {currency}"
        raise _refuse(text, "line_items", "amount_too_small")
    if total >= 10 ** (12 if currency in WIDE else 8):
        raise _refuse(
            "The Checkout Session's total amount due is too large", "line_items", "amount_too_large"
        )
    return total, currency
