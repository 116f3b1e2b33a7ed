"""Scripted faults: an API that fails before, after or instead of answering."""

from dataclasses import replace

from tests.fakes.stripe.errors import ApiError
from tests.fakes.stripe.idempotency import Answer, refusal
from tests.fakes.stripe.store import Store
from tests.support.wire import Hang

BROKEN = "An unknown error occurred"
KINDS = {
    "500": "refused before anything was executed; not saved under the key",
    "429": "refused before anything was executed",
    "409": "refused because an equal request is said to be running",
    "timeout_before": "nothing executed, no answer",
    "slow": "waits hold_s, then executes; meanwhile its key is in use",
    "500_saved": "executed, answered 500, and the 500 is saved under the key",
    "timeout_after_success": "executed and saved, no answer",
    "malformed": "executed and saved, the answer is cut in half",
}


def script(store: Store, kind: str, count: int, on: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
    store.faults.extend([(kind, on)] * count)


def due(store: Store, request: str) -> str | None:
    """The next fault scripted for a request such as ``POST /v1/checkout/sessions``; it is used up."""
    for fault in store.faults:
        if fault[1] in request:
            store.faults.remove(fault)
            return fault[0]
    return None


def before(fault: str | None) -> None:
    if fault == "timeout_before":
        raise Hang
    if fault == "500":
        raise ApiError(500, BROKEN, kind="api_error")
    if fault == "429":
        raise ApiError(429, "Request rate limit exceeded.", code="rate_limit")
    if fault == "409":
        text = "There is currently another in-progress request using this Idempotency Key."
        raise ApiError(409, text, code="idempotency_key_in_use", kind="idempotency_error")


def executed(fault: str | None, given: Answer) -> Answer:
    """What is kept under the key."""
    if fault == "500_saved":
        return refusal(ApiError(500, BROKEN, kind="api_error"), "req_fake")
    return given


def after(fault: str | None, given: Answer) -> Answer:
    """What reaches the client."""
    if fault == "timeout_after_success":
        raise Hang
    if fault == "malformed":
        return replace(given, body=given.body[: len(given.body) // 2])
    return given
