"""Readers report public messages: back to the top of the queue, and public until one decides."""

import re

import pytest

from tests.support.desk import ARTICLE, Desk
from tests.support.moderators import Colleague, colleague, wait_in_queue

FLAGGED = "Gue bacok lu nanti malam"


@pytest.fixture
def ani(desk: Desk) -> Colleague:
    return colleague(desk, "Ani")


def report(desk: Desk, message_id: str, address: str = "192.0.2.1", **body: object) -> int:
    answer = desk.client.post(
        f"/api/v1/wall/{message_id}/reports", json=body, environ_base={"REMOTE_ADDR": address}
    )
    return answer.status_code


def shown(desk: Desk, ani: Colleague, text: str = "one") -> str:
    wait_in_queue(desk, text)
    return str(ani.decided(ani.find(text), "publish")["id"])


def test_a_report_brings_a_message_to_the_top_and_leaves_it_public(desk: Desk, ani: Colleague) -> None:
    id_ = shown(desk, ani)
    wait_in_queue(desk, FLAGGED)
    assert report(desk, id_, reason="hate_speech") == 202
    first, second = ani.queue(lang="en")
    assert (first["message"], first["state"], second["message"]) == ("one", "published", FLAGGED)
    assert first["flags"][0] == {
        "kind": "reported", "name": "Reported", "why": "Readers who reported it: 1 (Hate speech)",
    }  # fmt: skip
    assert ani.said(flag="reported") == ["one"]
    assert [item["message"] for item in desk.wall()] == ["one"]
    assert desk.broken() == []


def test_a_reader_counts_once(desk: Desk, ani: Colleague) -> None:
    id_ = shown(desk, ani)
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        assert report(desk, id_, address) == 202
    assert "2" in ani.queue(lang="en")[0]["flags"][0]["why"]


def test_kept_or_removed_answers_the_reports(desk: Desk, ani: Colleague) -> None:
    kept, removed = shown(desk, ani, "kept"), shown(desk, ani, "removed")
    for id_ in (kept, removed):
        report(desk, id_)
    before = desk.wall()
    item = ani.decided(ani.find("kept"), "publish")
    assert (item["state"], item["flags"]) == ("published", [])
    assert desk.wall() == before
    ani.decided(ani.find("removed"), "remove", reason="offensive")
    assert [item["message"] for item in desk.wall()] == ["kept"]
    assert ani.queue() == []


def test_undoing_that_brings_the_reports_back(desk: Desk, ani: Colleague) -> None:
    id_ = shown(desk, ani)
    report(desk, id_)
    item = ani.decided(ani.find("one"), "remove", reason="spam")
    item = ani.decided(item, "undo")
    assert (item["state"], item["flags"][0]["kind"]) == ("published", "reported")
    assert ani.said() == ["one"]
    assert desk.broken() == []


def test_what_was_kept_comes_back_only_when_more_object(desk: Desk, ani: Colleague) -> None:
    id_ = shown(desk, ani)
    report(desk, id_)
    ani.decided(ani.find("one"), "publish")
    for address, waits in (("192.0.2.1", 0), ("192.0.2.2", 0), ("192.0.2.3", 0), ("192.0.2.4", 1)):
        assert report(desk, id_, address, reason="offensive") == 202
        assert len(ani.queue()) == waits


def test_a_grave_report_is_never_left_to_a_count(desk: Desk, ani: Colleague) -> None:
    id_ = shown(desk, ani)
    report(desk, id_)
    ani.decided(ani.find("one"), "publish")
    assert report(desk, id_, "192.0.2.2", reason="personal_data") == 202
    assert ani.said() == ["one"]


def test_only_what_is_public_can_be_reported(desk: Desk, ani: Colleague) -> None:
    wait_in_queue(desk, "pending")
    id_ = ani.find("pending")["id"]
    assert report(desk, id_) == 404
    assert report(desk, "0" * 32) == 404
    assert desk.client.get(f"/wall/messages/{id_}/report").status_code == 404
    assert report(desk, shown(desk, ani), reason="ugly") == 422


def test_a_reported_message_can_go_to_a_lead(desk: Desk, ani: Colleague) -> None:
    lead = colleague(desk, "Citra", "lead")
    report(desk, shown(desk, ani))
    item = ani.decided(ani.find("one"), "escalate")
    assert (item["state"], item["escalated"]) == ("published", True)
    assert ani.refused(item, "remove", reason="spam") == (403, "not_allowed")
    assert lead.decided(item, "remove", reason="spam")["state"] == "removed"


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_page_without_script_reports(desk: Desk, ani: Colleague, language: str) -> None:
    id_ = shown(desk, ani)
    address = f"/wall/messages/{id_}/report"
    wall = desk.client.get("/wall", query_string={"article": ARTICLE, "lang": language})
    assert f'href="{address}?lang={language}"' in wall.text
    page = desk.client.get(f"{address}?lang={language}")
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    sent = desk.client.post(f"{address}?lang={language}", data={"token": token, "reason": "offensive"})
    assert sent.status_code == 303
    assert desk.client.get(sent.headers["Location"]).status_code == 200
    assert ani.said() == ["one"]


def test_a_form_of_elsewhere_reports_nothing(desk: Desk, ani: Colleague) -> None:
    id_ = shown(desk, ani)
    assert desk.client.post(f"/wall/messages/{id_}/report", data={"token": "x"}).status_code == 422
    foreign = desk.client.post(
        f"/wall/messages/{id_}/report", data={}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert ani.queue() == []
