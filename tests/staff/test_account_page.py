"""The own account: another password, and every session ended."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from service.staff.model import AuditEntry
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, form_token, send, signed_in, try_to_sign_in

ACCOUNT, NEW = "/desk/account", "kopi tubruk tanpa gula"


def change(
    client: FlaskClient, current: str = PASSWORD, new: str = NEW, again: str | None = None
) -> tuple[int, str]:
    fields = {"current_password": current, "password": new, "again": again or new}
    page = send(client, f"{ACCOUNT}/password?lang=en", **fields)
    return page.status_code, page.text


def test_a_new_password_ends_every_other_session_and_renews_this_one(desk: Desk) -> None:
    mine, elsewhere = signed_in(desk, "a@example.com", "moderator"), signed_in(desk, "a@example.com")
    before = mine.get_cookie("desk")
    old_form = form_token(mine.get(ACCOUNT).text)
    assert change(mine)[0] == 303
    after = mine.get_cookie("desk")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert elsewhere.get("/desk").status_code == 303
    assert mine.get("/desk").status_code == 200
    thief = desk.client
    thief.set_cookie("desk", before.value)
    assert thief.get("/desk").status_code == 303
    assert mine.post(f"{ACCOUNT}/sign-out-everywhere", data={"csrf_token": old_form}).status_code == 403
    assert try_to_sign_in(desk.client, "a@example.com", PASSWORD).status_code == 200
    assert try_to_sign_in(desk.client, "a@example.com", NEW).status_code == 302
    desk.session.rollback()
    assert "staff.password_chosen" in set(desk.session.scalars(select(AuditEntry.action)))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"current": "something else entirely"}, "This is not your password."),
        ({"current": ""}, "This is not your password."),
        ({"new": "pendek"}, "at least 12 characters"),
        ({"new": "katasandi12345"}, "easy to guess"),
        ({"again": "kopi tubruk pakai gula"}, "The two are not the same."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(desk: Desk, fields: dict[str, str], told: str) -> None:
    mine = signed_in(desk, "a@example.com", "moderator")
    status, page = change(mine, **fields)
    assert status == 422
    assert told in page
    assert NEW not in page
    assert try_to_sign_in(desk.client, "a@example.com", PASSWORD).status_code == 302


def test_signing_out_everywhere_ends_this_session_too(desk: Desk) -> None:
    mine, elsewhere = signed_in(desk, "a@example.com", "moderator"), signed_in(desk, "a@example.com")
    assert send(mine, f"{ACCOUNT}/sign-out-everywhere").status_code == 303
    assert [browser.get("/desk").status_code for browser in (mine, elsewhere)] == [303, 303]


@pytest.mark.parametrize("path", [f"{ACCOUNT}/password", f"{ACCOUNT}/sign-out-everywhere"])
def test_each_form_needs_our_token(desk: Desk, path: str) -> None:
    mine = signed_in(desk, "a@example.com", "moderator")
    fields = {"current_password": PASSWORD, "password": NEW, "again": NEW}
    assert mine.post(path, data=fields).status_code == 403
    assert mine.get("/desk").status_code == 200
