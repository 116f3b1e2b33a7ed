"""While the database is away everything says 503; when it is back nothing needs a restart."""

import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.journeys import books
from tests.journeys.apart import Apart
from tests.journeys.readers import Readers
from tests.journeys.stack import wait_for
from tests.support.desk import ARTICLE, gift
from tests.support.forms import hidden
from tests.support.postgresql import Server
from tests.support.sandbox import sign

SEED = 7
SOON = 5  # seconds within which a refusal is expected
PERSON = {"email": "pak.editor@example.com", "password": "kata sandi yang panjang"}
ROLES = ("moderator", "finance", "editor", "admin")

PAGES = ["/", f"/contribute?article={ARTICLE}", f"/wall?article={ARTICLE}", "/contributions/{id}", "/contributions/{id}?checkout=done",
         "/desk", "/desk/moderation", "/desk/finance"]  # fmt: skip
CALLS = [f"/api/v1/feature?article={ARTICLE}", f"/api/v1/wall?article={ARTICLE}", f"/api/v1/articles/summary?article={ARTICLE}",
         "/api/v1/contributions/{id}", "/api/v1/desk/moderation/queue", "/api/v1/desk/finance/export?from=2026-01-01&to=2026-12-31"]  # fmt: skip


@pytest.fixture
def database() -> Iterator[Server]:
    """A server of this test's own, to be stopped and started."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def service(database: Server, tmp_path: Path) -> Iterator[Apart]:
    """Server and sandbox; no worker, so that nothing sweeps."""
    with Apart(tmp_path, database.url) as made:
        made.run("sandbox", "serve")
        yield made


@pytest.fixture
def browser(service: Apart) -> Iterator[requests.Session]:
    """Somebody of the staff who is signed in, and who has the reader's form open."""
    roles = [part for role in ROLES for part in ("--role", role)]
    service.command("staff", "add", PERSON["email"], *roles, "--password", PERSON["password"])
    with requests.Session() as session:
        page = session.get(f"{service.url}/desk/login", timeout=30).text
        token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        session.post(f"{service.url}/desk/login", data=PERSON | {"csrf_token": token}, timeout=30)
        assert session.get(f"{service.url}/desk/moderation", timeout=30).url.endswith("/desk/moderation")
        yield session


def test_everything_says_503_and_the_payment_arrives_when_the_database_is_back(
    database: Server, service: Apart, browser: requests.Session
) -> None:
    given = _give(service, "before").json()
    form = hidden(browser.get(f"{service.url}/contribute?article={ARTICLE}", timeout=30).text)
    staff = service.token("finance") | {"Accept": "application/json"}
    database.pause()

    answers: dict[str, requests.Response] = {"give": _give(service, "meanwhile")}
    attempts = f"/api/v1/contributions/{given['id']}/attempts"
    answers["go on"] = requests.post(f"{service.url}{attempts}", json={}, timeout=30)
    answers["form"] = browser.post(
        f"{service.url}/contribute", data=form | {"article": ARTICLE, "amount": "25000"}, timeout=30
    )
    answers["webhook"] = _deliver_something(service)
    answers["readyz"] = requests.get(f"{service.url}/readyz", timeout=30)
    for path in [path.format(id=given["id"]) for path in CALLS]:
        answers[path] = requests.get(f"{service.url}{path}", headers=staff, timeout=30)
    for path in [path.format(id=given["id"]) for path in PAGES]:
        answers[path] = browser.get(f"{service.url}{path}", timeout=30)
    _check(answers)
    assert requests.get(f"{service.url}/healthz", timeout=30).status_code == 200

    paid = requests.post(given["checkout_url"], data={"outcome": "pay"}, allow_redirects=False, timeout=30)
    assert paid.status_code == 303
    wait_for(lambda: any(place["tries"] for place in books.deliveries(service)))
    database.resume()

    wait_for(lambda: requests.get(f"{service.url}/readyz", timeout=30).status_code == 200)
    assert _give(service, "meanwhile").status_code == 201
    assert _deliver_something(service).status_code == 200
    look = f"{service.url}/api/v1/contributions/{given['id']}"
    wait_for(lambda: requests.get(look, timeout=30).json()["status"] == "paid", 60)
    received = service.command_json("explain", given["id"])["received"]
    assert {event["type"] for event in received} >= {"payment.succeeded"}
    assert browser.get(f"{service.url}/desk/moderation", timeout=30).status_code == 200
    assert service.is_running("serve")


@pytest.mark.parametrize("times", [3, pytest.param(40, marks=pytest.mark.drill)])
def test_a_database_that_comes_and_goes_under_load(database: Server, service: Apart, times: int) -> None:
    chance, moment = random.Random(SEED), threading.Event()
    readers = Readers(service, SEED)
    readers.start()
    try:
        for _ in range(times):
            moment.wait(chance.random())
            database.pause()
            refused = readers.refused
            wait_for(lambda refused=refused: readers.refused > refused + 5)
            database.resume()
            answered = readers.answered
            wait_for(lambda answered=answered: readers.answered > answered + 5)
    finally:
        readers.stop()
    assert readers.odd == []
    assert readers.slowest < SOON
    service.control(reset=True)
    books.let_pending_payments_end(service, readers.pending)
    service.command("sweep")
    assert books.differences(books.taken(service), books.booked(service)) == []
    assert service.command_json("check")["ok"] is True
    assert service.is_running("serve")


def test_a_database_that_is_there_and_says_nothing(database: Server, service: Apart) -> None:
    """What a dead host or a full one looks like: connections are taken, and nobody speaks."""
    database.pause()
    with socket.socket() as mute:
        mute.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        mute.bind(("127.0.0.1", urlsplit(database.url).port))
        mute.listen(100)
        answers = {"give": _give(service, "meanwhile"), "webhook": _deliver_something(service)}
    _check(answers)
    database.resume()
    assert _give(service, "meanwhile").status_code == 201
    assert _deliver_something(service).status_code == 200


def _give(service: Apart, key: str) -> requests.Response:
    url = f"{service.url}/api/v1/contributions"
    return requests.post(url, json=gift(), headers={"Idempotency-Key": key}, timeout=30)


def _deliver_something(service: Apart) -> requests.Response:
    """A signed event, of a type that the service does not use."""
    sent = sign({"id": "evt_unused", "type": "customer.created", "created": 1, "data": {}})
    return requests.post(
        f"{service.url}/webhooks/sandbox", data=sent.body, headers=dict(sent.headers), timeout=30
    )


def _check(answers: dict[str, requests.Response]) -> None:
    """503 everywhere and soon, with a hint when to come back, in the form that the caller reads."""
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 503)
    assert {name for name, answer in answers.items() if answer.elapsed.total_seconds() > SOON} == set()
    for name, answer in answers.items():
        path = urlsplit(answer.request.url or "").path
        if path == "/readyz":
            assert answer.json()["status"] == "not ready"
            continue
        assert int(answer.headers["Retry-After"]) > 0, name
        if path.startswith(("/api/", "/webhooks/")):
            document: dict[str, Any] = answer.json()
            assert answer.headers["Content-Type"] == "application/problem+json", name
            assert (document["status"], bool(document["code"])) == (503, True), name
        else:
            assert "<h1>" in answer.text, name
