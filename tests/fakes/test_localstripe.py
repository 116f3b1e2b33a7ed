"""Our fake and localstripe, a fake that others wrote, agree where both speak about the same thing."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import stripe
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.fakes.merchant import PARAMS, client_of, opened
from tests.fakes.stripe import FakeStripe

pytest.importorskip("localstripe", reason="localstripe is not among the test requirements")

SECRET = "whsec_local"
# It keeps a pickle in a folder that all users share unless it is told not to.
START = (
    "from localstripe import resources, server; "
    "type(resources.store).dump_to_disk = lambda store: None; server.start()"
)
SAME = {
    "payment_intent": {
        "object",
        "amount",
        "currency",
        "metadata",
        "status",
        "livemode",
        "capture_method",
        "customer",
        "last_payment_error",
        "next_action",
    },
    "charge": {"object", "amount", "amount_refunded", "captured", "currency", "paid", "refunded", "status"},
    "balance_transaction": {"object", "amount", "currency", "type", "reporting_category"},
}
REFERENCES = {"id", "payment_intent", "payment_method", "balance_transaction", "source", "latest_charge"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def local() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-c", START, "--from-scratch", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        base, until = f"http://127.0.0.1:{port}", time.monotonic() + 20
        while time.monotonic() < until and process.poll() is None:
            try:
                requests.get(base, timeout=1)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        try:
            yield base
        finally:
            process.terminate()


@pytest.fixture
def received() -> Iterator[tuple[str, list[tuple[bytes, str]]]]:
    """An address for webhooks, and what came in there: bodies with their signatures."""
    came: list[tuple[bytes, str]] = []

    @Request.application
    def hook(request: Request) -> Response:
        came.append((request.get_data(), request.headers["Stripe-Signature"]))
        return Response("ok")

    server = make_server("127.0.0.1", 0, hook, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def bought(local: str) -> tuple[stripe.StripeClient, Any]:
    """A payment intent that localstripe confirmed; its charge comes expanded, as in old versions."""
    http = stripe.RequestsClient(session=requests.Session())
    client = stripe.StripeClient("sk_test_local", base_addresses={"api": local}, http_client=http)
    card: Any = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    method = client.v1.payment_methods.create(params={"type": "card", "card": card})
    intent = client.v1.payment_intents.create(
        params={
            "amount": 5_000_000,
            "currency": "idr",
            "payment_method": method.id,
            "confirm": True,
            "metadata": PARAMS["metadata"],
        }
    )
    return client, intent.to_dict()


def compared(kind: str, ours: Any, theirs: Any) -> None:
    agreed = SAME[kind]
    assert {name: ours[name] for name in agreed} == {name: theirs[name] for name in agreed}
    for name in ours.keys() & theirs.keys() & REFERENCES:
        if isinstance(ours[name], str) and isinstance(theirs[name], str):
            assert ours[name].partition("_")[0] == theirs[name].partition("_")[0], name


def test_payments_charges_and_rows_have_the_same_shape(local: str) -> None:
    theirs_client, theirs = bought(local)
    fake = FakeStripe(fees_at_once=True)
    ours_client = client_of(fake)
    paid = fake.pay(opened(ours_client).id)
    path = "latest_charge.balance_transaction"
    ours = ours_client.v1.payment_intents.retrieve(
        paid["payment_intent"], params={"expand": [path]}
    ).to_dict()
    compared("payment_intent", ours, theirs)
    charge = theirs_client.v1.charges.retrieve(
        theirs["latest_charge"]["id"], params={"expand": ["balance_transaction"]}
    ).to_dict()
    compared("charge", ours["latest_charge"], charge)
    compared(
        "balance_transaction", ours["latest_charge"]["balance_transaction"], charge["balance_transaction"]
    )


def test_webhooks_are_signed_and_wrapped_the_same_way(local: str, received: tuple[str, list[Any]]) -> None:
    address, came = received
    requests.post(f"{local}/_config/webhooks/ours", data={"url": address, "secret": SECRET}, timeout=5)
    bought(local)
    until = time.monotonic() + 10
    while not came and time.monotonic() < until:
        time.sleep(0.05)
    body, header = came[0]
    assert stripe.WebhookSignature.verify_header(body, header, SECRET, 300)
    theirs = json.loads(body)
    fake = FakeStripe()
    fake.pay(opened(client_of(fake)).id)
    ours = next(sent.event for sent in fake.take_deliveries() if sent.type == theirs["type"])
    assert theirs.keys() <= ours.keys()
    for name in theirs.keys() - {"id", "api_version", "created", "data", "request"}:
        assert ours[name] == theirs[name], name
    assert ours["data"]["object"]["amount"] == theirs["data"]["object"]["amount"]
