"""Links with which people choose a password: one use, one day, one person, and only ours."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from service import clock
from service.staff.model import AuditEntry, Staff
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, form_token, person, send, signed_in, try_to_sign_in

NEW = "kopi tubruk tanpa gula"
LINK = re.compile(r'value="http://localhost(/desk/password/[^"]+)"')


def invited(desk: Desk, email: str = "baru@contoh.id", *roles: str) -> str:
    """The path of the link that an administrator is shown for a new colleague."""
    admin = signed_in(desk, "admin@example.com", "admin")
    page = send(admin, "/desk/admin/staff", email=email, roles=[*(roles or ("finance",))])
    assert page.status_code == 200, page.text
    assert page.headers["Cache-Control"] == "no-store"
    found = LINK.search(page.text)
    assert found is not None
    return found[1]


def choose(client: FlaskClient, link: str, password: str = NEW, again: str | None = None) -> int:
    """Look at a link and send its form; the status."""
    page = client.get(link)
    if page.status_code != 200:
        return page.status_code
    fields = {"csrf_token": form_token(page.text), "password": password, "again": again or password}
    return client.post(link, data=fields).status_code


def test_a_new_colleague_chooses_a_password_and_comes_in(desk: Desk) -> None:
    link = invited(desk)
    client = desk.client
    assert try_to_sign_in(client, "baru@contoh.id", PASSWORD).status_code == 200
    shown = client.get(link)
    assert shown.headers["Referrer-Policy"] == "same-origin"
    assert shown.headers["Cache-Control"] == "no-store"
    assert choose(client, link) == 303
    assert client.get("/desk").status_code == 303, "choosing a password is not signing in"
    assert try_to_sign_in(client, "baru@contoh.id", NEW).status_code == 302
    assert client.get("/desk/finance").status_code == 200
    desk.session.rollback()
    actions = desk.session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
    acts = ("added", "link_made", "sign_in_failed", "password_chosen", "signed_in")
    assert actions[-5:] == [f"staff.{act}" for act in acts]


def test_a_link_works_once_and_looking_does_not_count(desk: Desk) -> None:
    link = invited(desk)
    assert desk.client.get(link).status_code == 200
    assert desk.client.get(link).status_code == 200
    assert choose(desk.client, link) == 303
    assert choose(desk.client, link) == 410
    assert desk.client.post(link, data={}).status_code == 403


def test_a_link_ends_after_a_day(desk: Desk) -> None:
    link = invited(desk)
    with time_machine.travel(clock.now() + timedelta(hours=23, minutes=59), tick=False):
        assert desk.client.get(link).status_code == 200
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=False):
        page = desk.client.get(f"{link}?lang=en")
    assert page.status_code == 410
    assert "Please ask an administrator for a new one." in page.text


def test_a_newer_link_ends_the_one_before(desk: Desk) -> None:
    first = invited(desk)
    id_ = person(desk, "baru@contoh.id")
    admin = signed_in(desk, "admin@example.com", "admin")
    second = LINK.search(send(admin, f"/desk/admin/staff/{id_}/link").text)
    assert second is not None
    assert desk.client.get(first).status_code == 410
    assert choose(desk.client, second[1]) == 303


def test_a_link_of_somebody_deactivated_ends(desk: Desk) -> None:
    link = invited(desk)
    id_ = person(desk, "baru@contoh.id")
    admin = signed_in(desk, "admin@example.com", "admin")
    assert send(admin, f"/desk/admin/staff/{id_}/deactivate").status_code == 303
    assert desk.client.get(link).status_code == 410
    assert send(admin, f"/desk/admin/staff/{id_}/link").status_code == 422
    assert send(admin, f"/desk/admin/staff/{id_}/reactivate").status_code == 303
    assert desk.client.get(link).status_code == 410


@pytest.mark.parametrize("change", ["", "x", ".", "%00", "é", "A" * 3000])
def test_a_link_that_is_not_ours_is_refused(desk: Desk, change: str) -> None:
    link = invited(desk)
    assert desk.client.get(f"{link[:-4]}{change}").status_code in (404, 410)
    assert desk.client.get(link).status_code == 200


def test_who_reads_or_writes_the_database_cannot_make_a_link(desk: Desk) -> None:
    link = invited(desk)
    desk.session.rollback()
    row = desk.session.scalars(select(Staff).where(Staff.email == "baru@contoh.id")).one()
    secret = link.rpartition("/")[2].rpartition(".")[0]
    assert secret
    assert secret not in str(vars(row))
    assert desk.client.get(f"/desk/password/{secret}").status_code == 410
    assert desk.client.get(f"/desk/password/{row.link_sha256}").status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("pendek", None, "at least 12 characters"),
        ("password12345", None, "easy to guess"),
        (NEW, "kopi tubruk pakai gula", "not the same"),
    ],
)
def test_a_password_that_is_not_good_is_said_and_the_link_stays(
    desk: Desk, password: str, again: str | None, told: str
) -> None:
    link = invited(desk)
    client = desk.client
    fields = {
        "csrf_token": form_token(client.get(link).text),
        "password": password,
        "again": again or password,
    }
    page = client.post(f"{link}?lang=en", data=fields)
    assert page.status_code == 422
    assert told in page.text
    assert 'aria-invalid="true"' in page.text
    assert password not in page.text
    assert choose(client, link) == 303


def test_choosing_needs_our_own_form_on_our_own_site(desk: Desk) -> None:
    link = invited(desk)
    client = desk.client
    fields = {"password": NEW, "again": NEW}
    assert client.post(link, data=fields).status_code == 403
    fields["csrf_token"] = form_token(client.get(link).text)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(link, data=fields, headers=foreign).status_code == 403
    assert client.post(link, data=fields).status_code == 303


def test_a_reset_ends_the_sessions_of_the_old_password(desk: Desk) -> None:
    id_ = person(desk, "lama@contoh.id", "finance")
    open_session = signed_in(desk, "lama@contoh.id")
    admin = signed_in(desk, "admin@example.com", "admin")
    link = LINK.search(send(admin, f"/desk/admin/staff/{id_}/link").text)
    assert link is not None
    assert open_session.get("/desk").status_code == 200, "a link alone changes nothing"
    assert try_to_sign_in(desk.client, "lama@contoh.id", PASSWORD).status_code == 302
    assert choose(desk.client, link[1]) == 303
    assert open_session.get("/desk").status_code == 303
    assert try_to_sign_in(desk.client, "lama@contoh.id", PASSWORD).status_code == 200
    assert try_to_sign_in(desk.client, "lama@contoh.id", NEW).status_code == 302


def test_of_two_at_once_one_chooses(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    link = invited(desk)
    browsers = [desk.client, desk.client]
    tokens = [form_token(browser.get(link).text) for browser in browsers]

    def set_one(number: int) -> int:
        password = f"kopi tubruk nomor {number}"
        fields = {"csrf_token": tokens[number], "password": password, "again": password}
        return browsers[number].post(link, data=fields).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(set_one, range(2))) == [303, 410]
