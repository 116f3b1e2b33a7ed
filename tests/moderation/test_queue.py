"""The queue: its order, its filters, its search, its pages."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from service import clock
from service.contributions.queries import make_cursor
from service.moderation import flagging, queries
from tests.support.desk import Desk
from tests.support.moderators import Colleague, colleague, wait_in_queue

PHONE = "Hubungi 0812-0000-1234 ya"
THREAT = "Gue bacok lu nanti malam"


@pytest.fixture
def ani(desk: Desk) -> Colleague:
    return colleague(desk, "Ani")


def test_what_is_urgent_comes_first_and_then_what_waits_longest(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "first", PHONE, "second", THREAT)
    assert ani.said() == [THREAT, PHONE, "first", "second"]
    priorities = [item["priority"] for item in ani.queue()]
    assert priorities == sorted(priorities, reverse=True)
    assert priorities[-2:] == [0, 0]


def test_flags_say_why_in_the_moderators_language_and_repeat_no_digit(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, PHONE, THREAT, "kunjungi situs123.xyz sekarang")
    for language in ("id", "en"):
        for item in ani.queue(lang=language):
            assert item["flags"]
            assert not any(char.isdigit() for flag in item["flags"] for char in flag["why"])
    (threat,) = [item for item in ani.queue(lang="en") if item["message"] == THREAT]
    assert threat["flags"][0] == {
        "kind": "threatening", "name": "Threat", "why": "Reads as a threat: “bacok”",
    }  # fmt: skip


def test_flags_never_decide(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, THREAT)
    assert ani.decided(ani.find(THREAT), "publish")["state"] == "published"
    assert [shown["message"] for shown in desk.wall()] == [THREAT]


def test_a_flag_that_does_not_fit_is_dismissed_for_good(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "first", PHONE)
    item = ani.find(PHONE)
    answer = ani.call("DELETE", f"/messages/{item['id']}/flags/phone")
    assert answer.get_json()["flags"] == []
    assert ani.said() == ["first", PHONE]
    for gone in ("phone", "%00", "reported", "x" * 50):
        assert ani.call("DELETE", f"/messages/{item['id']}/flags/{gone}").status_code == 404, gone
    assert desk.command("moderation", "rescreen", "--json").exit_code == 0
    assert ani.find(PHONE)["flags"] == []


def test_the_queue_is_screened_again_when_the_lists_change(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "first", PHONE)
    desk.session.rollback()
    assert flagging.waiting_after(desk.session, "", 10) == sorted(item["id"] for item in ani.queue())
    assert '"screened": 2' in desk.command("moderation", "rescreen", "--json").output
    assert ani.said() == [PHONE, "first"]


def test_the_same_text_from_many_is_flagged(desk: Desk, ani: Colleague) -> None:
    text = "Liputan kalian selalu saya tunggu setiap pagi"
    wait_in_queue(desk, text, text.upper().replace("A", "a"), text + "!!")
    kinds = [{flag["kind"] for flag in item["flags"]} for item in ani.queue()]
    assert [("same_text" in found) for found in kinds].count(True) == 1
    wait_in_queue(desk, "Terima kasih", "Terima kasih", "Terima kasih")
    assert all(not item["flags"] for item in ani.queue() if item["message"] == "Terima kasih")


def test_filters(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "here", PHONE)
    wait_in_queue(desk, "there", article={"url": "https://kompas.com/b"})
    budi = colleague(desk, "Budi")
    assert ani.said(flag="phone") == [PHONE]
    assert ani.said(article="https://kompas.com/b?utm_source=x") == ["there"]
    assert ani.said(section="Kemensos") == [PHONE, "here"]
    assert ani.said(since=clock.now().isoformat()) == []
    assert len(ani.said(since="2020-01-01", until=clock.now().isoformat())) == 3
    budi.decided(budi.find("here"), "reject", reason="spam")
    ani.decided(ani.find("there"), "reject", reason="off_topic")
    assert ani.said(state="rejected") == ["there", "here"]
    assert ani.said(state="rejected", reason="spam") == ["here"]
    assert ani.said(state="rejected", moderator=ani.id) == ["there"]
    assert ani.said(state="rejected", until="2020-01-01") == []
    assert ani.said(state="published") == []


@pytest.mark.parametrize(
    "value", ["nonsense", "2026-13-01", "", "25:00", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00"]
)
def test_a_filter_that_is_no_moment_is_refused(desk: Desk, ani: Colleague, value: str) -> None:
    assert ani.call("GET", "/queue", query_string={"since": value}).status_code == 422


SAID = (
    "Terima kasih atas liputannya",
    "Kritik kalian tajam sekali",
    "mantap 100% _jujur_ 'tegas' \"berani\"",
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("liputan", [0]),
        ("KASIH terima", [0]),
        ("tajam", [1]),
        ("ajam", [1]),
        ("kasih tajam", []),
        ("ka", [0, 1]),
        ("as", []),  # shorter words are looked for at the beginning of a word only
        ("ata", [0]),
        ("100%", [2]),
        ("_", []),  # no word at all
        ("'tegas' OR \"berani\"", []),
        ("je", []),
        ("_ju", [2]),
        ("be te", [2]),
        ('"', []),
        ("😀", []),
        ("jujur NOT kasih", []),
        ("* NEAR(a b)", []),
    ],
)
def test_search_finds_every_word(desk: Desk, ani: Colleague, text: str, found: list[int]) -> None:
    wait_in_queue(desk, *SAID)
    assert sorted(ani.said(text=text)) == sorted(SAID[place] for place in found)


def test_search_follows_what_is_erased(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "rahasia sekali")
    item = ani.find("rahasia sekali")
    desk.rewrite_message(item["id"], "")
    assert ani.said(text="rahasia") == []


def test_a_walk_over_pages_sees_each_message_once(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, *(f"m{number}" for number in range(5)), PHONE, THREAT)
    for state in ("pending", "rejected"):
        seen, cursor = [], None
        while True:
            query = {"state": state, "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = ani.call("GET", "/queue", query_string=query).get_json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 7
        for item in ani.queue() if state == "pending" else []:
            ani.decided(item, "reject")


@pytest.mark.parametrize("cursor", ["x", "0.x", "99999.x", "-.x", ".", "0." + "A" * 60])
def test_a_cursor_of_elsewhere_is_refused(desk: Desk, ani: Colleague, cursor: str) -> None:
    for state in ("pending", "published"):
        answer = ani.call("GET", "/queue", query_string={"state": state, "cursor": cursor})
        assert answer.status_code == 422


def test_arrivals_are_counted_from_a_moment_on(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "old")
    with time_machine.travel(clock.now() + timedelta(seconds=2)):
        seen = clock.now().isoformat()
    with time_machine.travel(clock.now() + timedelta(seconds=3)):
        wait_in_queue(desk, "new")
    ask = desk.client.get("/desk/moderation/arrivals", query_string={"after": seen}, headers=ani.headers)
    assert ask.get_json()["arrived"] == 1
    odd = desk.client.get("/desk/moderation/arrivals", query_string={"after": "x"}, headers=ani.headers)
    assert odd.status_code == 422


def test_the_page_shows_flags_filters_and_what_was_refused(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, PHONE)
    page = desk.client.get("/desk/moderation?lang=en", headers=ani.headers)
    assert "A number that is built like a telephone number" in page.text
    odd = desk.client.get("/desk/moderation?lang=en&flag=nothing", headers=ani.headers)
    assert odd.status_code == 422
    assert "This value is not possible here." in odd.text
    foreign = desk.client.get("/desk/moderation?article=https://example.com/", headers=ani.headers)
    assert foreign.status_code == 200
    assert PHONE not in foreign.text


BEHIND = "0." + make_cursor(datetime(2026, 1, 1, tzinfo=UTC), "a" * 32)


@pytest.mark.parametrize(("state", "cursor"), [("pending", None), ("pending", BEHIND), ("published", None)])
def test_a_page_is_one_walk_along_an_index(desk: Desk, state: str, cursor: str | None) -> None:
    """No sort and no scan of the table, for the first page and for those behind a cursor."""
    plan = desk.explain(lambda: queries.queue(desk.session, state, 20, cursor))
    assert "ix_message_queue" in plan, plan
    assert "sort" not in plan.lower(), plan
    assert "temp b-tree" not in plan.lower(), plan
