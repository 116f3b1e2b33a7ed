"""Limits per address: wide enough for a mobile carrier, too narrow for card testing."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from service.app import create_app
from service.db import db
from service.web import limits
from tests.conftest import environment
from tests.support.desk import Desk
from tests.support.forms import filled


@pytest.fixture
def limited(desk: Desk) -> Iterator[Desk]:
    """The same database and sandbox behind an app whose limits are on."""
    url = desk.wiring.settings.database_url
    app: Flask = create_app(environ=environment(url, APRESIASI_RATELIMIT_ENABLED="1"))
    app.extensions["wiring"] = desk.wiring
    limits.limiter.reset()
    yield replace(desk, app=app)
    limits.limiter.reset()
    limits.limiter.enabled = False
    with app.app_context():
        db.engine.dispose()


def test_an_address_opens_sixty_checkouts_in_ten_minutes(limited: Desk) -> None:
    statuses = [limited.give(key=f"k{number}").status_code for number in range(61)]
    assert statuses == [*[201] * 60, 429]
    refused = limited.give(key="another")
    assert refused.get_json()["code"] == "rate_limited"
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.content_type == "application/problem+json"
    page = limited.client.post("/contribute", data=filled(limited.client))
    assert page.status_code == 429


def test_repeating_a_key_costs_nothing(limited: Desk) -> None:
    for _ in range(70):
        assert limited.give(key="same").status_code == 201
    assert limited.give(key="other").status_code == 201


def test_another_address_has_limits_of_its_own(limited: Desk) -> None:
    for number in range(60):
        limited.give(key=f"k{number}")
    other = limited.app.test_client().get("/contribute", environ_base={"REMOTE_ADDR": "10.0.0.2"})
    assert other.status_code != 429
    assert limited.give(key="k61").status_code == 429


def test_an_address_tries_to_sign_in_ten_times_a_minute(limited: Desk) -> None:
    client = limited.client
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/desk/login").text)
    assert token is not None
    fields = {"password": "guess guess guess", "csrf_token": token[1]}
    statuses = [
        client.post("/desk/login", data={**fields, "email": f"a{number}@example.com"}).status_code
        for number in range(11)
    ]
    assert statuses == [*[200] * 10, 429]
    assert client.get("/desk/login").status_code == 200
