"""The door: signing in, sessions, signing out."""

import re

import pytest
from sqlalchemy import select

from service.db import db, transaction
from service.staff import accounts
from service.staff.model import AuditEntry
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, sign_in


def test_signing_in_opens_the_rooms_of_the_role(desk: Desk) -> None:
    client, status = sign_in(desk)
    assert status == 302
    assert client.get("/desk").status_code == 200
    assert client.get("/desk/moderation").status_code == 200
    assert client.get("/desk/finance").status_code == 403
    assert client.get("/api/v1/desk/moderation/queue").status_code == 200


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(desk: Desk) -> None:
    answers = []
    sign_in(desk)
    for email in ("moderator@example.com", "unknown@example.com"):
        client = desk.client
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/desk/login").text)
        assert token is not None
        fields = {"email": email, "password": "wrong password!", "csrf_token": token[1]}
        page = client.post("/desk/login", data=fields)
        assert page.status_code == 200
        assert client.get("/desk").status_code == 303
        answers.append(re.sub(r'value="[^"]*"', "", page.text))
    assert 'role="alert"' in answers[0]
    assert answers[0] == answers[1]


def test_the_session_cookie_is_for_http_only(desk: Desk) -> None:
    client, _ = sign_in(desk)
    cookie = client.get_cookie("desk")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_signing_out_ends_the_session_and_needs_our_form(desk: Desk) -> None:
    client, _ = sign_in(desk)
    assert client.post("/desk/logout").status_code == 403
    page = client.get("/desk").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    assert client.post("/desk/logout", data={"csrf_token": token[1]}).status_code == 302
    assert client.get("/desk").status_code == 303


def test_signing_in_never_leads_away_from_here(desk: Desk) -> None:
    with desk.app.app_context(), transaction(db.session):
        accounts.add(db.session, "a@example.com", PASSWORD, ["admin"], "test")
    client = desk.client
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/desk/login").text)
    assert token is not None
    response = client.post(
        "/desk/login?next=https://evil.example/",
        data={"email": "a@example.com", "password": PASSWORD, "csrf_token": token[1]},
    )
    assert "evil.example" not in response.headers.get("Location", "")


def test_signing_in_is_audited(desk: Desk) -> None:
    sign_in(desk)
    desk.session.rollback()
    assert "staff.signed_in" in set(desk.session.scalars(select(AuditEntry.action)))


def test_signing_out_ends_a_session_whose_cookie_was_kept(desk: Desk) -> None:
    client, _ = sign_in(desk)
    kept = client.get_cookie("desk")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/desk").text)
    assert kept is not None
    assert token is not None
    client.post("/desk/logout", data={"csrf_token": token[1]})
    thief = desk.client
    thief.set_cookie("desk", kept.value)
    assert thief.get("/desk").status_code == 303


@pytest.mark.parametrize(
    ("email", "password"), [("a@example.com", "x" * 5000), ("a\x00@example.com", "x"), ("é", "\x00")]
)
def test_odd_sign_ins_are_just_not_right(desk: Desk, email: str, password: str) -> None:
    client = desk.client
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/desk/login").text)
    assert token is not None
    response = client.post("/desk/login", data={"email": email, "password": password, "csrf_token": token[1]})
    assert response.status_code == 200
    assert 'role="alert"' in response.text


def test_tokens_of_the_sign_in_library_open_nothing(desk: Desk) -> None:
    sign_in(desk)
    with desk.app.test_request_context():
        person = accounts.find(db.session, "moderator@example.com")
        assert person is not None
        token = person.get_auth_token()
    path = "/api/v1/desk/moderation/queue"
    for address, headers in ((f"{path}?auth_token={token}", {}), (path, {"Authentication-Token": token})):
        assert desk.client.get(address, headers=headers).status_code == 401


@pytest.mark.parametrize("password", ["kata-sandi-é-panjang", "Kata sandi ② panjang", "panjang sekali " * 68])
def test_every_password_that_is_taken_signs_in(desk: Desk, password: str) -> None:
    with desk.app.app_context(), transaction(db.session):
        accounts.add(db.session, "admin@example.com", password, ["admin"], "test")
    client, status = sign_in(desk, "admin", password)
    assert status == 302
    assert client.get("/desk").status_code == 200
