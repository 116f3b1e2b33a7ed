"""Events as Stripe sends them: a snapshot in an envelope, signed when it is delivered."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.fakes.stripe.store import Json, Store


@dataclass(frozen=True)
class Delivery:
    """A webhook on its way: the exact body, and headers that sign it."""

    body: bytes
    headers: Mapping[str, str]

    @cached_property
    def event(self) -> Json:
        read: Json = json.loads(self.body)
        return read

    @property
    def type(self) -> str:
        return str(self.event["type"])


def emit(store: Store, kind: str, thing: Json, previous: Json | None = None) -> None:
    """Queue an event that holds ``thing`` as it is now; ``previous`` names what changed on it."""
    data: dict[str, Any] = {"object": thing}
    if previous is not None:
        data["previous_attributes"] = previous
    envelope = {
        "id": store.new_id("evt_1"),
        "object": "event",
        "api_version": store.account.api_version,
        "created": store.now(),
        "data": data,
        "livemode": store.account.livemode,
        "pending_webhooks": 1,
        "request": store.request,
        "type": kind,
    }
    store.outbox.append(json.dumps(envelope, ensure_ascii=False))


def change(store: Store, kind: str, thing: Json, **new: Any) -> None:
    """Change members of ``thing`` and queue the event that says what they were."""
    previous = {name: thing[name] for name in new if thing[name] != new[name]}
    thing.update(new)
    emit(store, kind, thing, previous)


def take(store: Store) -> list[Delivery]:
    """Empty the outbox; each body is signed now, as Stripe signs every attempt anew."""
    taken, store.outbox = store.outbox, []
    return [sign(store, body) for body in taken]


def sign(
    store: Store,
    event: Mapping[str, Any] | bytes | str,
    secret: str | None = None,
    at: float | None = None,
) -> Delivery:
    """A delivery of any event or raw bytes, signed with ``secret`` at ``at`` (default: ours, now)."""
    if isinstance(event, bytes):
        body = event
    else:
        text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        body = text.encode()
    signed_at = store.now() if at is None else int(at)
    key = (secret or store.account.webhook_secret).encode()
    signature = hmac.new(key, b"%d.%s" % (signed_at, body), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": f"t={signed_at},v1={signature}",
    }
    return Delivery(body, headers)
