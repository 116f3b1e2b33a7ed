"""The sandbox without sockets: the real adapter and the real app, deliveries by hand."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from service.processors.sandbox import signature
from service.processors.sandbox.adapter import SandboxProcessor
from service.processors.sandbox.app import Sandbox, create_sandbox
from tests.support.wire import Hang, InProcess

SECRET = "sandbox-webhook-secret"
KEY = "sandbox-key"
URL = "http://sandbox.test"


@dataclass(frozen=True)
class Delivery:
    """A webhook on its way: body and headers as the sandbox sends them."""

    event: Mapping[str, Any]
    body: bytes
    headers: Mapping[str, str]


class LocalSandbox(SandboxProcessor):
    """Calls the sandbox app in this process; ``away`` makes it unreachable."""

    def __init__(self) -> None:
        self.app = create_sandbox(
            URL, "http://service.test", KEY, SECRET, ":memory:", hang=_hang, delivers=False
        )
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.wire = InProcess(self.app)
        super().__init__(URL, KEY, SECRET, transport=self.wire)

    @property
    def away(self) -> bool:
        return self.wire.away

    @away.setter
    def away(self, away: bool) -> None:
        self.wire.away = away

    @property
    def calls(self) -> list[tuple[str, str]]:
        return self.wire.calls

    @property
    def parts(self) -> Sandbox:
        parts: Sandbox = self.app.extensions["sandbox"]
        return parts

    def choose(self, checkout_url: str, outcome: str, method: str = "qris") -> str:
        """What a payer does on the hosted page; where the browser is sent back to."""
        path = checkout_url.removeprefix(URL)
        response = self.app.test_client().post(path, data={"outcome": outcome, "method": method})
        assert response.status_code == 303, response.text
        return str(response.headers["Location"])

    def control(self, **script: Any) -> Any:
        response = self.app.test_client().post("/control", json=script)
        assert response.status_code == 200, response.text
        return response.get_json()

    def pass_time(self) -> None:
        self.parts.payments.pass_time()

    def take_deliveries(self) -> list[Delivery]:
        """All that was announced and not taken yet, in order."""
        store, taken = self.parts.store, []
        for place in store.owned("delivery", "line"):
            store.drop("delivery", place["id"])
            taken.append(sign(place["event"]))
        return taken

    def close(self) -> None:
        self.parts.store.close()


def _hang() -> None:
    raise Hang


def sign(event: Any, secret: str = SECRET, at: int | None = None) -> Delivery:
    """An event as a delivery; anything that JSON can hold may stand in for an event."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    header = signature.sign(body, secret, int(time.time()) if at is None else at)
    return Delivery(event, body, {signature.HEADER: header, "Content-Type": "application/json"})


def deliver(client: FlaskClient, delivery: Delivery) -> Any:
    """Post a delivery to the service."""
    return client.post("/webhooks/sandbox", data=delivery.body, headers=dict(delivery.headers))
