"""Sensitive acts ask for the own password some time after signing in (ASVS 5.0, 7.5.1)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from service import clock
from service.app import create_app
from service.db import db
from service.staff import accounts
from service.staff.model import AuditEntry
from service.web import limits
from tests.conftest import environment
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, person, send, signed_in, try_to_sign_in

STAFF = "/desk/admin/staff"
LATER = timedelta(minutes=10, seconds=5)
ROLES = {"roles": ["finance"]}


@pytest.fixture
def admin(desk: Desk) -> FlaskClient:
    return signed_in(desk, "admin@example.com", "admin")


@pytest.fixture
def limited(desk: Desk) -> Iterator[Flask]:
    """The service with its limits on."""
    url = desk.app.extensions["settings"].database_url
    app = create_app(environ=environment(url, APRESIASI_RATELIMIT_ENABLED="1"))
    limits.limiter.reset()
    yield app
    limits.limiter.reset()
    limits.limiter.enabled = False
    with app.app_context():
        db.engine.dispose()


def roles(desk: Desk, id_: int) -> list[str]:
    desk.session.rollback()
    return accounts.roles_of(accounts.get(desk.session, id_))


def test_just_after_signing_in_nothing_is_asked(desk: Desk, admin: FlaskClient) -> None:
    id_ = person(desk, "b@example.com", "moderator")
    assert "confirm_password" not in admin.get(f"{STAFF}/{id_}").text
    assert send(admin, f"{STAFF}/{id_}/roles", **ROLES).status_code == 303


def test_later_the_own_password_is_asked_for_and_then_is_good_for_a_while(
    desk: Desk, admin: FlaskClient
) -> None:
    id_ = person(desk, "b@example.com", "moderator")
    start = clock.now()
    with time_machine.travel(start + LATER, tick=False):
        assert "confirm_password" in admin.get(f"{STAFF}/{id_}").text
        page = send(admin, f"{STAFF}/{id_}/roles?lang=en", **ROLES)
        assert page.status_code == 422
        assert "Please enter your own password" in page.text
        wrong = send(admin, f"{STAFF}/{id_}/roles?lang=en", **ROLES, confirm_password="not the right one")
        assert wrong.status_code == 422
        assert "This is not your password." in wrong.text
        assert "not the right one" not in wrong.text
        assert roles(desk, id_) == ["moderator"]
        done = send(admin, f"{STAFF}/{id_}/roles", **ROLES, confirm_password=PASSWORD)
        assert done.status_code == 303
        assert roles(desk, id_) == ["finance"]
    with time_machine.travel(start + LATER + timedelta(minutes=9), tick=False):
        assert send(admin, f"{STAFF}/{id_}/roles", roles=["editor"]).status_code == 303
    with time_machine.travel(start + 2 * LATER + timedelta(minutes=1), tick=False):
        assert send(admin, f"{STAFF}/{id_}/roles", roles=["lead"]).status_code == 422
    assert roles(desk, id_) == ["editor"]


@pytest.mark.parametrize(("path", "fields"), [
    (STAFF, {"email": "c@example.com", "roles": ["admin"]}),
    ("/desk/admin/tokens", {"label": "x", "role": "admin"}),
    (f"{STAFF}/ONE/link", {}),
    (f"{STAFF}/ONE/deactivate", {}),
    (f"{STAFF}/ONE/reactivate", {}),
])  # fmt: skip
def test_every_sensitive_act_asks(
    desk: Desk, admin: FlaskClient, path: str, fields: dict[str, object]
) -> None:
    path = path.replace("ONE", str(person(desk, "b@example.com", "moderator")))
    with time_machine.travel(clock.now() + LATER, tick=False):
        page = send(admin, path, **fields)
        assert page.status_code == 422
        assert 'name="confirm_password"' in page.text


def test_a_password_cannot_be_tried_out_through_an_open_session(desk: Desk, limited: Flask) -> None:
    id_ = person(desk, "b@example.com", "moderator")
    person(desk, "admin@example.com", "admin")
    client = limited.test_client()
    try_to_sign_in(client, "admin@example.com", PASSWORD)
    with time_machine.travel(clock.now() + LATER, tick=False):
        answers = [
            send(client, f"{STAFF}/{id_}/link", confirm_password=f"guess number {number}").status_code
            for number in range(6)
        ]
        assert answers == [422] * 5 + [429]
        assert send(client, f"{STAFF}/{id_}/link", confirm_password=PASSWORD).status_code == 429
    desk.session.rollback()
    wrong = select(AuditEntry).where(AuditEntry.action == "staff.password_was_wrong")
    assert len(desk.session.scalars(wrong).all()) == 5


def test_the_sign_in_library_offers_no_second_way_to_try_passwords(desk: Desk, admin: FlaskClient) -> None:
    assert admin.get("/desk/verify").status_code == 404
