"""Lists: newest first, filtered, and cut into pages behind a cursor."""

from collections.abc import Iterable, Iterator
from typing import Any

from tests.fakes.stripe import payouts
from tests.fakes.stripe.errors import ApiError, no_such
from tests.fakes.stripe.store import Json, Store

PAGING = {"limit", "starting_after", "ending_before", "expand"}
RANGES = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return all(RANGES[word](value, bound) for word, bound in wanted.items())
    return bool(value == wanted)


def _filtered(store: Store, name: str, params: Json) -> Iterator[Json]:
    wanted = {key: value for key, value in params.items() if key not in PAGING}
    if "customer_details" in wanted:
        raise ApiError(400, "This fake does not filter by customer_details.", param="customer_details")
    payout = (
        _payout(store, wanted.pop("payout")) if name == "balance_transaction" and "payout" in wanted else None
    )
    for thing in reversed(store.tables.get(name, {}).values()):
        if payout is not None and not payouts.is_in_payout(store, thing, payout):
            continue
        if all(_fits(thing.get(key), value) for key, value in wanted.items()):
            yield thing


def _payout(store: Store, id_: str) -> Json:
    found = store.tables.get("payout", {}).get(id_)
    if found is None:
        raise no_such("payout", id_, "payout")
    if not found["automatic"]:
        text = "Balance transaction history can only be filtered on automatic transfers, not manual."
        raise ApiError(400, text, param="payout")
    return found


def page(store: Store, name: str, url: str, params: Json) -> Json:
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise ApiError(
            400, "Invalid limit: must be between 1 and 100", code="parameter_invalid_integer", param="limit"
        )
    found = _filtered(store, name, params)
    for cursor in ("starting_after", "ending_before"):
        if cursor in params and params[cursor] not in store.tables.get(name, {}):
            raise no_such(name, params[cursor], cursor)
    if "ending_before" in params:
        rows = _before(store, found, params["ending_before"])
        rows, more = rows[-limit:], len(rows) > limit
    else:
        rows = _after(store, found, params.get("starting_after"), limit + 1)
        rows, more = rows[:limit], len(rows) > limit
    return {"object": "list", "data": rows, "has_more": more, "url": url}


def _after(store: Store, found: Iterable[Json], cursor: str | None, limit: int) -> list[Json]:
    """At most ``limit`` of what is older than the cursor, whether or not the cursor passes the filter."""
    older = None if cursor is None else store.ranks[cursor]
    rows: list[Json] = []
    for thing in found:
        if older is None or store.ranks[thing["id"]] < older:
            rows.append(thing)
            if len(rows) == limit:
                break
    return rows


def _before(store: Store, found: Iterable[Json], cursor: str) -> list[Json]:
    newer = store.ranks[cursor]
    return [thing for thing in found if store.ranks[thing["id"]] > newer]
