"""Guessing at the door: counted by account and by network, told to operators, never to who guesses."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from service.app import create_app
from service.db import db
from service.staff.model import AuditEntry
from service.web import limits, logging
from tests.conftest import environment
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, form_token, person, send, signed_in, try_to_sign_in

WRONG = "something quite wrong"


@pytest.fixture
def limited(desk: Desk) -> Iterator[Flask]:
    """The service with its limits on."""
    app = create_app(
        environ=environment(desk.app.extensions["settings"].database_url, APRESIASI_RATELIMIT_ENABLED="1")
    )
    limits.limiter.reset()
    yield app
    limits.limiter.reset()
    limits.limiter.enabled = False
    with app.app_context():
        db.engine.dispose()


def guess(app: Flask, email: str, password: str, network: str) -> int:
    client = app.test_client()
    fields = {"email": email, "password": password, "csrf_token": form_token(client.get("/desk/login").text)}
    return client.post("/desk/login", data=fields, environ_base={"REMOTE_ADDR": network}).status_code


@pytest.mark.parametrize("email", ["known@example.com", "unknown@example.com"])
def test_an_account_is_guessed_at_five_times_a_minute_from_wherever(
    desk: Desk, limited: Flask, email: str
) -> None:
    person(desk, "known@example.com", "moderator")
    spelled = [email, email.upper(), f" {email}", email.title(), email]
    assert [guess(limited, one, WRONG, f"10.0.0.{n}") for n, one in enumerate(spelled)] == [200] * 5
    assert guess(limited, email, WRONG, "10.0.1.1") == 429
    assert guess(limited, email, PASSWORD, "10.0.1.2") == 429, "also the right one has to wait"
    assert guess(limited, "another@example.com", WRONG, "10.0.1.3") == 200


def test_signing_in_rightly_uses_nothing_up(desk: Desk, limited: Flask) -> None:
    person(desk, "a@example.com", "moderator")
    assert [guess(limited, "a@example.com", PASSWORD, f"10.0.0.{n}") for n in range(8)] == [302] * 8


def test_a_network_of_ipv6_is_one_address(desk: Desk, limited: Flask) -> None:
    tried = [guess(limited, f"x{n}@example.com", WRONG, f"2001:db8:0:1::{n:x}") for n in range(12)]
    assert tried == [200] * 10 + [429] * 2
    assert guess(limited, "y@example.com", WRONG, "2001:db8:0:2::1") == 200
    assert guess(limited, "y@example.com", WRONG, "::ffff:10.0.0.1") == 200
    assert guess(limited, "z@example.com", WRONG, "::ffff:10.9.0.1") == 200


def failures(desk: Desk) -> list[tuple[str, dict[str, object]]]:
    desk.session.rollback()
    found = select(AuditEntry).where(AuditEntry.action == "staff.sign_in_failed")
    return [(entry.subject, entry.details) for entry in desk.session.scalars(found)]


def test_the_trail_has_each_guess_that_was_let_through_at_an_account(desk: Desk, limited: Flask) -> None:
    id_ = person(desk, "known@example.com", "moderator")
    for n in range(9):
        guess(limited, "known@example.com", WRONG, f"10.0.0.{n}")
        guess(limited, "unknown@example.com", WRONG, f"10.0.1.{n}")
    assert failures(desk) == [(f"staff:{id_}", {})] * 5


def test_who_was_shut_out_and_still_knows_the_password_fails_too(desk: Desk) -> None:
    admin, id_ = signed_in(desk, "admin@example.com", "admin"), person(desk, "gone@example.com", "lead")
    send(admin, f"/desk/admin/staff/{id_}/deactivate")
    assert try_to_sign_in(desk.client, "gone@example.com", PASSWORD).status_code == 200
    assert failures(desk) == [(f"staff:{id_}", {})]


def test_operators_see_failures_without_an_address(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    person(desk, "known@example.com", "moderator")
    logging.configure("INFO")
    try:
        for email in ("known@example.com", "unknown@example.com", "no address"):
            try_to_sign_in(desk.client, email, WRONG)
    finally:
        logging.configure("CRITICAL")
    logged = capfd.readouterr().err
    assert logged.count('"event": "sign_in_failed"') == 3
    for personal in ("example.com", "no address", WRONG):
        assert personal not in logged


def test_nobody_is_remembered_beyond_the_session(desk: Desk) -> None:
    person(desk, "a@example.com", "admin")
    client = desk.client
    fields = {"email": "a@example.com", "password": PASSWORD, "remember": "y"}
    fields["csrf_token"] = form_token(client.get("/desk/login").text)
    answer = client.post("/desk/login", data=fields)
    assert answer.status_code == 302
    assert {cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")} == {"desk"}
    assert client.get("/desk").status_code == 200
