"""Opening a Snap page: what its request may hold, and the page that comes of it."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.fakes.midtrans.methods import SNAP_NAMES
from tests.fakes.midtrans.records import Page
from tests.fakes.midtrans.world import World

ORDER_ID = re.compile(r"[A-Za-z0-9\-_~.]{1,50}")
UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
PAGE_LIFETIME = 86_400
TAKEN = "transaction_details.order_id has already been taken"
ANY: Any = None


def _keys(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), ANY)


ADDRESS = _keys("first_name last_name email phone address city postal_code country_code")
ITEM = _keys("id price quantity name brand category merchant_name url tenor code_plan mid")
KNOWN: dict[str, Any] = {
    **_keys("enabled_payments custom_field1 custom_field2 custom_field3 user_id metadata cstore recurring"),
    **_keys("bca_va bni_va bri_va permata_va cimb_va danamon_va bsi_va seabank_va other_va uob_ezpay"),
    "transaction_details": _keys("order_id gross_amount currency"),
    "item_details": [ITEM],
    "customer_details": {
        **_keys("first_name last_name email phone"),
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
    },
    "callbacks": _keys("finish error"),
    "expiry": _keys("start_time unit duration"),
    "page_expiry": _keys("unit duration"),
    "credit_card": _keys(
        "secure save_card card_token bank channel type installment whitelist_bins dynamic_descriptor"
    ),
    "gopay": _keys("enable_callback callback_url"),
    "shopeepay": _keys("callback_url"),
}


def unknown_fields(value: Any, known: Any = KNOWN, path: str = "") -> Iterator[str]:
    """The dotted names of keys that Midtrans does not know."""
    if isinstance(known, list):
        for item in value if isinstance(value, list) else ():
            yield from unknown_fields(item, known[0], path)
    elif known is not ANY and isinstance(value, dict):
        for key, inner in value.items():
            dotted = f"{path}.{key}" if path else key
            if key in known:
                yield from unknown_fields(inner, known[key], dotted)
            else:
                yield dotted


def faults(body: Any) -> list[str]:
    """Why Snap would refuse this request, unknown keys aside."""
    if not isinstance(body, dict) or not isinstance(body.get("transaction_details"), dict):
        return ["transaction_details is required"]
    return [*_amounts(body), *_people(body), *_times(body), *_methods(body)]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _amounts(body: dict[str, Any]) -> Iterator[str]:
    order_id = body["transaction_details"].get("order_id")
    amount = body["transaction_details"].get("gross_amount")
    if not isinstance(order_id, str) or not ORDER_ID.fullmatch(order_id):
        yield "transaction_details.order_id must be 1 to 50 of A-Z a-z 0-9 - _ ~ ."
    if body["transaction_details"].get("currency", "IDR") != "IDR":
        yield "transaction_details.currency is not supported"
    if not _whole(amount):
        yield "transaction_details.gross_amount is not a number of whole rupiah"
    elif amount < 1:
        yield "transaction_details.gross_amount must be greater than or equal to 1"
    else:
        yield from _items(body.get("item_details"), amount)


def _items(items: Any, amount: int) -> Iterator[str]:
    if items is None:
        return
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        yield "item_details must be a list of items"
        return
    if not all(_whole(item.get("price")) and _whole(item.get("quantity")) for item in items):
        yield "item_details price and quantity must be integers"
    elif any(item["quantity"] < 1 for item in items):
        yield "item_details quantity must be greater than or equal to 1"
    elif sum(item["price"] * item["quantity"] for item in items) != amount:
        yield "transaction_details.gross_amount is not equal to the sum of item_details"
    for item in items:
        if not isinstance(item.get("name"), str) or not 1 <= len(item["name"]) <= 50:
            yield "item_details name is required and at most 50 characters long"
        if not isinstance(item.get("id", ""), str) or len(item.get("id", "")) > 50:
            yield "item_details id is at most 50 characters long"


def _people(body: dict[str, Any]) -> Iterator[str]:
    for name in ("custom_field1", "custom_field2", "custom_field3"):
        if not isinstance(body.get(name, ""), str) or len(body.get(name, "")) > 255:
            yield f"{name} is at most 255 characters long"
    for name in ("customer_details", "callbacks"):
        if not isinstance(body.get(name, {}), dict):
            yield f"{name} must be an object"
            return
    email = body.get("customer_details", {}).get("email", "a@b.c")
    if not isinstance(email, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        yield "customer_details.email format is invalid"
    finish = body.get("callbacks", {}).get("finish", "https://")
    if not isinstance(finish, str) or not re.match(r"[a-z][a-z0-9+.-]*://", finish):
        yield "callbacks.finish must be a URL"


def _times(body: dict[str, Any]) -> Iterator[str]:
    for name in ("expiry", "page_expiry"):
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, dict) or not _whole(value.get("duration")) or value["duration"] < 1:
            yield f"{name}.duration must be a positive integer"
        elif str(value.get("unit")).removesuffix("s") not in UNITS:
            yield f"{name}.unit must be day, hour or minute"
        elif "start_time" in value and _moment(value["start_time"]) is None:
            yield f"{name}.start_time must be yyyy-MM-dd HH:mm:ss Z"


def _methods(body: dict[str, Any]) -> Iterator[str]:
    names = body.get("enabled_payments")
    if names is None:
        return
    if not isinstance(names, list) or not names:
        yield "enabled_payments must be a list of payment methods"
        return
    for name in names:
        if not isinstance(name, str) or name not in SNAP_NAMES:
            yield f"enabled_payments holds an unknown method: {name}"


def _moment(text: Any) -> float | None:
    """A time of yyyy-MM-dd HH:mm:ss Z in seconds since 1970, if it is one."""
    if not isinstance(text, str) or not re.search(r" [+-]\d{4}$", text):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").timestamp()
    except ValueError:
        return None


def _seconds(span: dict[str, Any]) -> int:
    return int(span["duration"]) * UNITS[span["unit"].removesuffix("s")]


def open_page(world: World, body: dict[str, Any]) -> dict[str, str]:
    """Stores the page of a faultless request; gives its token and address."""
    details, expiry = body["transaction_details"], body.get("expiry")
    page_expiry = body.get("page_expiry")
    starts = expiry.get("start_time") if expiry else None
    page = Page(
        token=world.uuid(),
        order_id=details["order_id"],
        amount=details["gross_amount"],
        closes_at=world.now() + (_seconds(page_expiry) if page_expiry else PAGE_LIFETIME),
        finish=body.get("callbacks", {}).get("finish"),
        enabled=tuple(body["enabled_payments"]) if "enabled_payments" in body else None,
        pays_within=_seconds(expiry) if expiry else None,
        pays_from=_moment(starts) if starts else None,
        echoed=_echoed(body),
        person=_person(body),
    )
    world.pages[page.token] = world.orders[page.order_id] = page
    return {"token": page.token, "redirect_url": f"{world.page_base}/snap/v4/redirection/{page.token}"}


def _echoed(body: dict[str, Any]) -> dict[str, Any]:
    """What Midtrans repeats of the request in answers and notifications."""
    names = ("custom_field1", "custom_field2", "custom_field3", "metadata")
    return {name: body[name] for name in names if name in body}


def _person(body: dict[str, Any]) -> dict[str, Any]:
    """What Midtrans repeats of the payer, in notifications only."""
    given = body.get("customer_details")
    if not given:
        return {}
    full_name = " ".join(filter(None, (given.get("first_name"), given.get("last_name"))))
    told = {"full_name": full_name, "email": given.get("email"), "phone": given.get("phone")}
    return {"customer_details": {name: value for name, value in told.items() if value}}
