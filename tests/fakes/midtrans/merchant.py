"""A merchant's server for the fake's own tests: it calls without a network."""

from typing import Any

from werkzeug.test import Client, TestResponse

from tests.fakes.midtrans import FakeMidtrans


def body(order_id: str = "order-1", amount: Any = 25_000, **more: Any) -> dict[str, Any]:
    return {"transaction_details": {"order_id": order_id, "gross_amount": amount}, **more}


class Merchant:
    """Calls the fake as an adapter would, with its server key."""

    def __init__(self, fake: FakeMidtrans) -> None:
        self.fake = fake
        self.client = Client(fake.app)

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        return self.client.open(path, method=method, auth=(self.fake.server_key, ""), **options)

    def open(self, sent: dict[str, Any] | None = None, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key} if key else {}
        return self.call("POST", "/snap/v1/transactions", json=sent or body(), headers=headers)

    def url(self, order_id: str = "order-1", amount: int = 25_000, **more: Any) -> str:
        opened = self.open(body(order_id, amount, **more))
        assert opened.status_code == 201, opened.text
        return str(opened.json["redirect_url"])

    def status(self, order_id: str = "order-1") -> dict[str, Any]:
        answer = self.call("GET", f"/v2/{order_id}/status")
        assert answer.status_code == 200
        return dict(answer.json)
