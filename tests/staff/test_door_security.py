"""The door against its known attacks: fixation, kept cookies, guessing who is staff, foreign ways out."""

import re
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask_security import Security
from sqlalchemy import select

from service.staff.model import AuditEntry
from service.web import logging
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, form_token, person, send, signed_in, try_to_sign_in

_STRIPPED = "".join(chr(code) for code in range(0x21))
AWAY = (
    "https://evil.example/", "//evil.example", "///evil.example", r"\\evil.example", r"/\evil.example", r"\/evil.example",
    "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example", "https:evil.example", "https:/evil.example",
    "javascript:alert(1)", "data:text/html,x", "http://localhost@evil.example/", "http://localhost.evil.example/",
    "http://evil.example\\@localhost/", "//localhost:8000@evil.example", "\x01//evil.example", "////evil.example/desk",
    "/desk/../\\/evil.example", "HTTPS://evil.example", "//evil.example/\\localhost",
)  # fmt: skip


def leads_to(location: str, here: str = "localhost") -> str:
    """The host that a browser goes to (WHATWG: blanks stripped, backslashes are slashes)."""
    address = re.sub(r"[\t\r\n]", "", location.strip(_STRIPPED)).replace("\\", "/")
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", address, re.IGNORECASE)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return scheme[0]
    if scheme or address.startswith("//"):
        rest = address.partition(":")[2] if scheme else address
        return urlsplit("//" + rest.lstrip("/")).hostname or ""
    return here


@pytest.mark.parametrize("next_", AWAY)
def test_signing_in_leads_nowhere_else(desk: Desk, next_: str) -> None:
    person(desk, "a@example.com", "admin")
    in_address = try_to_sign_in(desk.client, "a@example.com", PASSWORD, f"?next={quote(next_)}")
    client = desk.client
    fields = {"email": "a@example.com", "password": PASSWORD, "next": next_}
    in_form = client.post(
        "/desk/login", data={**fields, "csrf_token": form_token(client.get("/desk/login").text)}
    )
    for answer in (in_address, in_form):
        assert answer.status_code == 302
        assert leads_to(answer.headers["Location"]) == "localhost", answer.headers["Location"]


def test_signing_in_leads_to_where_somebody_wanted_to_go(desk: Desk) -> None:
    person(desk, "a@example.com", "admin")
    door = desk.client.get("/desk/admin/staff?lang=en").headers["Location"]
    answer = try_to_sign_in(desk.client, "a@example.com", PASSWORD, f"?{urlsplit(door).query}")
    assert answer.headers["Location"] == "/desk/admin/staff?lang=en"


def test_what_was_known_of_the_session_before_is_worth_nothing_after(desk: Desk) -> None:
    person(desk, "a@example.com", "moderator")
    client = desk.client
    planted_form = form_token(client.get("/desk/login").text)
    planted = client.get_cookie("desk")
    assert try_to_sign_in(client, "a@example.com", PASSWORD).status_code == 302
    signed = client.get_cookie("desk")
    assert planted is not None
    assert signed is not None
    assert planted.value != signed.value
    thief = desk.client
    thief.set_cookie("desk", planted.value)
    assert thief.get("/desk").status_code == 303
    assert client.post("/desk/logout", data={"csrf_token": planted_form}).status_code == 403
    assert client.get("/desk").status_code == 200


def test_two_sign_ins_have_two_cookies(desk: Desk) -> None:
    cookies = [signed_in(desk, "a@example.com", "moderator").get_cookie("desk") for _ in range(2)]
    assert len({cookie.value for cookie in cookies if cookie}) == 2


def told(page: str) -> str:
    return re.sub(r'value="[^"]*"', "", page)


def test_nobody_learns_who_is_staff(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown, wrong, deactivated, and not yet with a password: the same answer for the same work."""
    person(desk, "known@example.com", "moderator")
    admin = signed_in(desk, "admin@example.com", "admin")
    gone = person(desk, "gone@example.com", "moderator")
    send(admin, f"/desk/admin/staff/{gone}/deactivate")
    send(admin, "/desk/admin/staff", email="new@example.com", roles=["finance"])
    hashes = _count_hashes(desk.app.extensions["security"], monkeypatch)
    answers = []
    for email, password in (
        ("unknown@example.com", "something wrong"),
        ("known@example.com", "something wrong"),
        ("gone@example.com", PASSWORD),
        ("gone@example.com", "something wrong"),
        ("new@example.com", PASSWORD),
    ):
        hashes.clear()
        page = try_to_sign_in(desk.client, email, password)
        answers.append((page.status_code, told(page.text), len(hashes)))
    assert set(answers) == {(200, answers[0][1], 1)}


def _count_hashes(security: Security, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every slow computation from here on."""
    done: list[str] = []
    context = security.pwd_context
    for name in ("hash", "verify"):
        original = getattr(context, name)

        def counting(*args: Any, original: Any = original, name: str = name, **more: Any) -> Any:
            done.append(name)
            return original(*args, **more)

        monkeypatch.setattr(context, name, counting)
    return done


def test_links_tokens_and_passwords_are_neither_logged_nor_audited(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.configure("DEBUG")
    try:
        admin = signed_in(desk, "admin@example.com", "admin")
        page = send(admin, "/desk/admin/staff", email="new@example.com", roles=["finance"]).text
        link = page.partition('value="http://localhost')[2].partition('"')[0]
        client = desk.client
        fields = {"password": "kopi tubruk planted", "again": "kopi tubruk planted"}
        client.post(link, data={"csrf_token": form_token(client.get(link).text), **fields})
        client.get(f"{link}x")
        page = send(admin, "/desk/admin/tokens", label="planted label", role="finance").text
        secret = page.partition('value="as_')[2].partition('"')[0]
        for sent in (f"as_{secret}", "as_planted", f"as_{secret}x"):
            client.get("/api/v1/desk/finance/books", headers={"Authorization": f"Bearer {sent}"})
    finally:
        logging.configure("CRITICAL")
    logged = capfd.readouterr().err
    assert '"event": "request"' in logged
    trail = str([vars(entry) for entry in desk.session.scalars(select(AuditEntry))])
    for planted in (secret, link.rpartition("/")[2], "planted", PASSWORD, "example.com"):
        assert planted
        assert planted not in logged
        assert planted not in trail
