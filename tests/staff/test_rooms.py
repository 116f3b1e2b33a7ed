"""The desk's bars show the rooms that the caller may enter, and no other."""

import re

import pytest

from service.staff.permissions import ROLES
from tests.support.desk import Desk
from tests.support.staff import signed_in

BAR = re.compile(r'<nav class="rooms-bar".*?</nav>', re.DOTALL)
WITHIN = re.compile(r'<nav class="tabs frame rooms-within".*?</nav>', re.DOTALL)
LINK = re.compile(r'href="([^"?]+)[^>]*>')


def links(found: re.Match[str] | None) -> list[str]:
    return LINK.findall(found[0]) if found else []


@pytest.mark.parametrize("role", ROLES)
def test_each_link_of_the_bars_opens_and_every_other_room_is_closed(desk: Desk, role: str) -> None:
    client = signed_in(desk, f"{role}@example.com", role)
    page = client.get("/desk").text
    shown = links(BAR.search(page))
    assert shown[-1] == "/desk/account"
    for path in ("/desk/moderation", "/desk/finance", "/desk/contributions", "/desk/admin"):
        assert client.get(path).status_code == (200 if path in shown else 403)
    assert {path for path in shown if client.get(path).status_code != 200} == set()
    cards = re.findall(r'<a class="card" href="([^"?]+)', page)
    assert cards == shown[:-1]


@pytest.mark.parametrize(("role", "sees"), [("admin", True), ("auditor", True), ("finance", False)])
def test_the_administration_has_a_bar_of_its_own(desk: Desk, role: str, sees: bool) -> None:
    client = signed_in(desk, f"{role}@example.com", role)
    assert links(WITHIN.search(client.get("/desk").text)) == []
    page = client.get("/desk/admin/staff").text
    shown = links(WITHIN.search(page))
    assert bool(shown) == sees
    assert {path for path in shown if client.get(path).status_code != 200} == set()
    if sees:
        assert {"/desk/admin", "/desk/admin/staff", "/desk/admin/tokens", "/desk/admin/audit"} <= set(shown)
        bars = "".join(nav[0] for nav in (BAR.search(page), WITHIN.search(page)) if nav)
        current = re.findall(r'href="([^"?]+)[^>]*aria-current="(\w+)"', bars)
        assert current == [("/desk/admin", "true"), ("/desk/admin/staff", "page")]


def test_who_is_nobody_sees_no_rooms(desk: Desk) -> None:
    page = desk.client.get("/desk/login").text
    assert "rooms-bar" not in page.replace("rooms.css", "")


def test_the_home_tells_numbers_and_what_needs_attention(desk: Desk) -> None:
    client = signed_in(desk, "admin@example.com", "admin", "finance")
    page = client.get("/desk/admin?lang=en").text
    assert "1 active, 0 deactivated" in page
    assert re.search(r"<dt>Finance</dt><dd>1</dd>", page)
    assert "Chain verified:" in page
    assert "Contributions are open everywhere." in page
    assert "No privacy request waits." in page
