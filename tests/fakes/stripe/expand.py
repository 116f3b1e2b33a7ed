"""``expand``: ids become objects along the paths that were asked for, as deep as Stripe allows."""

from typing import Any

from tests.fakes.stripe.errors import ApiError
from tests.fakes.stripe.store import Json, Store

DEEPEST = 4
EXPANDABLE = {
    "checkout.session": {
        "payment_intent",
        "line_items",
        "customer",
        "setup_intent",
        "subscription",
        "invoice",
    },
    "payment_intent": {"latest_charge", "customer", "payment_method", "review"},
    "charge": {"balance_transaction", "payment_intent", "refunds", "failure_balance_transaction", "customer"},
    "refund": {"balance_transaction", "failure_balance_transaction", "charge", "payment_intent"},
    "dispute": {"charge", "payment_intent"},
    "payout": {"balance_transaction", "failure_balance_transaction", "destination"},
    "balance_transaction": {"source"},
}
SOURCES = ("charge", "refund", "dispute", "payout")


def expanded(store: Store, thing: Json, paths: list[str]) -> Json:
    """A copy of an object or a list of objects in which every path of ``paths`` is expanded."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise ApiError(
                400, f"You cannot expand more than {DEEPEST} levels of a property: {path}", param="expand"
            )
        thing = _along(store, thing, steps, path)
    return thing


def _refusal(path: str) -> ApiError:
    return ApiError(400, f"This property cannot be expanded ({path}).", param="expand")


def _along(store: Store, thing: Json, steps: list[str], path: str) -> Json:
    name, rest = steps[0], steps[1:]
    if thing["object"] == "list":
        if name != "data" or not rest:
            raise _refusal(path)
        return {**thing, "data": [_along(store, one, rest, path) for one in thing["data"]]}
    value = _included(store, thing, name)
    if name not in EXPANDABLE[thing["object"]] and not (isinstance(value, list) and rest):
        raise _refusal(path)
    return {**thing, name: _value(store, value, rest, path, any_source=name == "source")}


def _value(store: Store, value: Any, rest: list[str], path: str, *, any_source: bool) -> Any:
    if isinstance(value, list):
        return [_along(store, one, rest, path) for one in value]
    found = store.by_id.get(value) if isinstance(value, str) else value
    if found is None or not rest:
        return value if found is None else found
    fits = rest[0] in EXPANDABLE.get(found["object"], ())
    if any_source and not fits and any(rest[0] in EXPANDABLE[kind] for kind in SOURCES):
        return found  # a list of sources of several kinds is expanded where it can be
    return _along(store, found, rest, path)


def _included(store: Store, thing: Json, name: str) -> Any:
    """The value of a member; two lists are in an object only when they are asked for."""
    if name in thing:
        return thing[name]
    if name == "line_items" and thing["object"] == "checkout.session":
        rows, where = store.line_items[thing["id"]], f"/v1/checkout/sessions/{thing['id']}/line_items"
    elif name == "refunds" and thing["object"] == "charge":
        refunds = store.tables.get("refund", {}).values()
        rows = [one for one in reversed(refunds) if one["charge"] == thing["id"]]
        where = f"/v1/charges/{thing['id']}/refunds"
    else:
        return None
    return {"object": "list", "data": rows, "has_more": False, "url": where}
