"""Idempotency keys: the first executed answer is kept for a day and repeated."""

import json
from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe.errors import ApiError
from tests.fakes.stripe.store import Json, Store

KEPT_S = 24 * 3600


@dataclass(frozen=True)
class Answer:
    """A response of the API, ready to be sent."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Saved:
    """What a key was first used for, and its answer once there is one."""

    path: str
    params: Json
    at: int
    answer: Answer | None = None


def refusal(error: ApiError, request_id: str) -> Answer:
    body: dict[str, Any] = {
        "error": {**error.error, "request_log_url": f"https://dashboard.stripe.test/{request_id}"}
    }
    return Answer(error.status, json.dumps(body, ensure_ascii=False).encode())


def begin(store: Store, key: str, path: str, params: Json) -> Answer | None:
    """Mark the key as in use, or give the saved answer of an equal request; refuses any other use."""
    if len(key) > 255:
        raise ApiError(400, "Idempotency keys are at most 255 characters long.", kind="idempotency_error")
    saved = store.saved.get(key)
    if saved is None or saved.at + KEPT_S <= store.now():
        store.saved[key] = Saved(path, params, store.now())
        return None
    if saved.path != path:
        text = f"Keys for idempotent requests can only be used for the same endpoint they were first used for ('{saved.path}')."
        raise ApiError(400, text, kind="idempotency_error")
    if saved.params != params:
        text = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        raise ApiError(400, text, kind="idempotency_error")
    if saved.answer is None:
        text = "There is currently another in-progress request using this Idempotency Key."
        raise ApiError(409, text, code="idempotency_key_in_use", kind="idempotency_error")
    answer: Answer = saved.answer
    return Answer(answer.status, answer.body, (*answer.headers, ("Idempotent-Replayed", "true")))


def finish(store: Store, key: str, answer: Answer) -> None:
    store.saved[key].answer = answer


def abandon(store: Store, key: str) -> None:
    """Nothing began to execute, so the key is as good as unused."""
    store.saved.pop(key, None)
