"""Undo, escalate, a second pair of eyes, and many at once."""

import dataclasses
from collections.abc import Iterator

import pytest

from tests.support.desk import Desk
from tests.support.moderators import Colleague, colleague, wait_in_queue


@pytest.fixture
def ani(desk: Desk) -> Colleague:
    return colleague(desk, "Ani")


@pytest.fixture
def second_eyes(desk: Desk) -> Iterator[None]:
    """Hate speech and threats of the law are rejected by two."""
    wiring = desk.wiring
    settings = dataclasses.replace(wiring.settings, second_eyes=("hate_speech",))
    desk.app.extensions["wiring"] = dataclasses.replace(wiring, settings=settings)
    yield
    desk.app.extensions["wiring"] = wiring


def test_undo_takes_back_step_by_step_to_the_beginning(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one")
    item = ani.decided(ani.find("one"), "publish", hide_name=True)
    assert [shown["display_name"] for shown in desk.wall()] == [None]
    item = ani.decided(item, "remove", reason="spam")
    assert desk.wall() == []
    item = ani.decided(item, "undo")
    assert (item["state"], item["name_hidden"]) == ("published", True)
    assert [shown["display_name"] for shown in desk.wall()] == [None]
    item = ani.decided(item, "undo")
    assert (item["state"], item["name_hidden"], item["revision"]) == ("pending", False, 5)
    assert desk.wall() == []
    assert ani.refused(item, "undo") == (409, "not_decidable")
    assert desk.broken() == []


def test_an_undone_publish_can_be_decided_anew_and_undone_again(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one")
    item = ani.decided(ani.find("one"), "publish")
    item = ani.decided(item, "undo")
    item = ani.decided(item, "reject", reason="off_topic")
    item = ani.decided(item, "undo")
    assert item["state"] == "pending"
    history = ani.call("GET", f"/messages/{item['id']}/history").get_json()["items"]
    assert [(made["decision"], made["undoes"]) for made in history] == [
        ("publish", None), ("undo", 2), ("reject", None), ("undo", 4),
    ]  # fmt: skip


def test_undo_brings_the_reason_back(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one")
    item = ani.decided(ani.find("one"), "reject", reason="spam")
    item = ani.decided(ani.decided(item, "publish"), "undo")
    assert (item["state"], item["reason"]) == ("rejected", "spam")
    item = ani.decided(ani.decided(item, "publish"), "undo")
    assert item["reason"] == "spam"
    item = ani.decided(item, "undo")
    assert (item["state"], item["reason"]) == ("pending", None)


def test_leads_find_what_waits_for_them(desk: Desk, ani: Colleague) -> None:
    lead = colleague(desk, "Citra", "lead")
    wait_in_queue(desk, "easy", "hard")
    ani.decided(ani.find("hard"), "escalate")
    assert lead.said(flag="escalated") == ["hard"]
    assert lead.said() == ["hard", "easy"]
    assert lead.claim(1)[0]["message"] == "hard"
    assert lead.said(flag="second_eyes") == []


def test_undo_keeps_when_a_message_was_first_shown(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one")
    item = ani.decided(ani.find("one"), "publish")
    (before,) = desk.wall()
    item = ani.decided(ani.decided(item, "remove", reason="spam"), "undo")
    assert desk.wall() == [before]


def test_an_undo_of_another_person_needs_the_newest_revision(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one")
    item = ani.find("one")
    ani.decided(item, "publish")
    assert colleague(desk, "Budi").refused(item, "undo") == (409, "stale_revision")


def test_what_is_escalated_waits_for_a_lead(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "hard", "easy")
    lead = colleague(desk, "Citra", "lead")
    item = ani.decided(ani.find("hard"), "escalate", note="Mohon dilihat")
    assert (item["state"], item["escalated"]) == ("pending", True)
    budi = colleague(desk, "Budi")
    assert budi.refused(item, "publish") == (403, "not_allowed")
    assert ani.refused(item, "reject") == (403, "not_allowed")
    assert ani.refused(item, "escalate") == (409, "not_decidable")
    assert [held["message"] for held in budi.claim()] == ["easy"]
    assert [held["message"] for held in lead.claim()] == ["hard"]
    assert lead.decided(item, "publish")["escalated"] is False


def test_whoever_escalated_may_take_it_back(desk: Desk, ani: Colleague) -> None:
    colleague(desk, "Citra", "lead")
    wait_in_queue(desk, "hard")
    item = ani.decided(ani.find("hard"), "escalate")
    assert colleague(desk, "Budi").refused(item, "undo") == (403, "not_allowed")
    assert ani.decided(item, "undo")["escalated"] is False


def test_a_desk_without_leads_decides_itself(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "hard")
    item = ani.decided(ani.find("hard"), "escalate")
    assert ani.claim()[0]["escalated"] is True
    assert ani.decided(item, "publish")["state"] == "published"


@pytest.mark.usefixtures("second_eyes")
def test_a_chosen_reason_needs_a_second_pair_of_eyes(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one")
    item = ani.decided(ani.find("one"), "reject", reason="hate_speech")
    assert (item["state"], item["proposed_by"]) == ("pending", ani.id)
    assert ani.refused(item, "reject", reason="hate_speech") == (403, "not_allowed")
    assert ani.refused(item, "publish") == (403, "not_allowed")
    assert ani.claim() == []
    budi = colleague(desk, "Budi")
    assert len(budi.claim()) == 1
    item = budi.decided(item, "reject", reason="hate_speech")
    assert (item["state"], item["proposed_by"]) == ("rejected", None)
    item = budi.decided(item, "undo")
    assert (item["state"], item["proposed_by"]) == ("pending", ani.id)


@pytest.mark.usefixtures("second_eyes")
def test_the_second_may_see_it_otherwise_and_the_first_take_it_back(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one", "two")
    budi = colleague(desk, "Budi")
    item = ani.decided(ani.find("one"), "reject", reason="hate_speech")
    assert budi.decided(item, "publish")["state"] == "published"
    item = ani.decided(ani.find("two"), "reject", reason="hate_speech")
    assert ani.decided(item, "undo")["proposed_by"] is None
    assert ani.decided(ani.find("two"), "reject", reason="spam")["state"] == "rejected"
    assert desk.broken() == []


def test_many_at_once_have_an_outcome_each(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one", "two", "three")
    one, two, three = ani.queue()
    colleague(desk, "Budi").decided(two, "publish")
    items = [
        {"id": one["id"], "decision": "publish", "revision": 1},
        {"id": two["id"], "decision": "reject", "revision": 1},
        {"id": "0" * 32, "decision": "reject", "revision": 1},
        {"id": three["id"], "decision": "reject", "revision": 1, "reason": "spam"},
        {"id": three["id"], "decision": "publish", "revision": 1},
    ]
    answer = ani.call("POST", "/decisions", json={"items": items})
    assert answer.status_code == 200
    told = answer.get_json()["items"]
    assert [outcome["status"] for outcome in told] == [200, 409, 404, 200, 409]
    assert [outcome["id"] for outcome in told] == [item["id"] for item in items]
    assert told[1]["problem"]["code"] == "stale_revision"
    assert told[3]["message"]["state"] == "rejected"
    assert [shown["message"] for shown in desk.wall()] == ["one", "two"]


def test_many_are_checked_before_any_is_decided(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one")
    items = [{"id": ani.queue()[0]["id"], "decision": "publish", "revision": 1}, {"decision": "maybe"}]
    assert ani.call("POST", "/decisions", json={"items": items}).status_code == 422
    assert desk.wall() == []


def test_blank_notes_and_filters_are_none(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "one")
    assert ani.said(text=" \n\u200b") == ["one"]
    assert ani.decided(ani.find("one"), "reject", note=" ")["state"] == "rejected"


def test_what_left_the_desk_is_not_shown_by_a_card(desk: Desk, ani: Colleague) -> None:
    answer = desk.given(message="not paid")
    refused = desk.client.post(
        f"/desk/moderation/{desk.message_id(answer['id'])}",
        data={"decision": "publish", "revision": 1},
        headers=ani.headers | {"X-Wants": "cards"},
    )
    assert refused.status_code == 409
    assert "not paid" not in refused.text
