"""Making a file and closing a month ask for the own password some time after signing in (ASVS 5.0, 7.5.1)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from service.finance.closing import describe, months
from service.finance.model import Export
from tests.finance.test_pages import finish_exports
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, send, signed_in

LATER = timedelta(minutes=11)
EXPORTS, PERIOD = "/desk/finance/exports", "/desk/finance/periods/2026-11"
SHARED = {
    "service_continuity.IDR": "10000", "content_development.IDR": "15000", "newsroom_operations.IDR": "0",
}  # fmt: skip
ASKED = {"from": "2026-11-01", "to": "2026-11-30", "format": "csv", "section": "Kemensos"}
NEEDED = {
    "id": "Masukkan kata sandi sendiri, karena sudah agak lama sejak masuk.",
    "en": "Please enter your own password, because you signed in some time ago.",
}


@pytest.fixture
def december(desk: Desk) -> Iterator[time_machine.Traveller]:
    """One contribution of November, and the month is over."""
    with time_machine.travel(datetime(2026, 11, 20, 3, tzinfo=UTC), tick=False) as traveller:
        desk.paid(amount="25000")
        traveller.move_to(datetime(2026, 12, 5, 3, tzinfo=UTC))
        yield traveller
        finish_exports()


@pytest.fixture
def clerk(desk: Desk, december: time_machine.Traveller) -> FlaskClient:
    """Somebody of finance who signed in eleven minutes ago."""
    client = signed_in(desk, "finance@example.com", "finance")
    december.shift(LATER)
    return client


def exports(desk: Desk) -> int:
    desk.session.rollback()
    return desk.session.scalar(select(func.count()).select_from(Export)) or 0


def state(desk: Desk) -> Any:
    desk.session.rollback()
    return describe.describe(desk.session, months.read_month("2026-11"))["state"]


@pytest.mark.parametrize("locale", ["id", "en"])
def test_a_file_needs_the_password_and_nothing_asked_for_is_lost(
    desk: Desk, clerk: FlaskClient, locale: str
) -> None:
    path = f"{EXPORTS}?lang={locale}"
    assert 'name="confirm_password"' in clerk.get(path).text
    for given in ({}, {"confirm_password": "not the right one"}):
        page = send(clerk, path, **ASKED, **given)
        assert page.status_code == 422
        assert 'value="2026-11-01"' in page.text
        assert 'value="Kemensos"' in page.text
        assert "not the right one" not in page.text
        assert given or NEEDED[locale] in page.text
    assert exports(desk) == 0
    assert send(clerk, path, **ASKED, confirm_password=PASSWORD).status_code == 303
    assert 'name="confirm_password"' not in clerk.get(path).text, "for ten minutes"
    assert send(clerk, path, **ASKED).status_code == 303
    assert exports(desk) == 2


@pytest.mark.parametrize("locale", ["id", "en"])
def test_closing_a_month_needs_the_password_and_no_amount_is_lost(
    desk: Desk, clerk: FlaskClient, locale: str
) -> None:
    path = f"{PERIOD}?lang={locale}"
    assert 'name="confirm_password"' in clerk.get(path).text
    page = send(clerk, path, **SHARED)
    assert page.status_code == 422
    assert NEEDED[locale] in page.text
    assert 'value="15000"' in page.text
    assert state(desk) == "open"
    assert send(clerk, path, **SHARED, confirm_password=PASSWORD).status_code == 303
    assert state(desk) == "closed"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/api/v1/desk/finance/export?{'&'.join(f'{a}={b}' for a, b in ASKED.items())}", None),
        ("POST", "/api/v1/desk/finance/exports", ASKED),
        ("POST", "/api/v1/desk/finance/periods/2026-11/close", {"allocation": {
            "service_continuity": "10000", "content_development": "15000", "newsroom_operations": "0"}}),
    ],
)  # fmt: skip
def test_the_api_is_no_way_round_it_and_a_token_is_its_own_proof(
    desk: Desk, clerk: FlaskClient, method: str, path: str, body: Any
) -> None:
    token = clerk.get("/desk/finance").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    headers = {"X-CSRFToken": token}
    asked = clerk.open(path, method=method, json=body, headers=headers)
    assert (asked.status_code, asked.get_json()["code"]) == (422, "password_needed")
    by_token = desk.client.open(path, method=method, json=body, headers=desk.headers("finance"))
    assert by_token.status_code in (200, 202), by_token.text
    assert by_token.data
