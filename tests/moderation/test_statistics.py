"""What leads look at, and the summary at the end of a shift."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from service.moderation import statistics
from tests.support.desk import Desk
from tests.support.moderators import colleague, wait_in_queue

START = datetime(2026, 11, 10, 3, 0, tzinfo=UTC)


def test_waiting_throughput_reasons_and_agreement(desk: Desk) -> None:
    lead = colleague(desk, "Citra", "lead")
    ani, budi = colleague(desk, "Ani"), colleague(desk, "Budi")
    with time_machine.travel(START, tick=False) as now:
        wait_in_queue(desk, "one", "two", "three", "four")
        now.shift(timedelta(minutes=10))
        one = ani.decided(ani.find("one"), "publish")
        ani.decided(ani.find("two"), "reject", reason="spam")
        now.shift(timedelta(minutes=20))
        three = budi.decided(budi.find("three"), "reject", reason="off_topic")
        ani.decided(ani.decided(three, "undo"), "reject", reason="off_topic")
        budi.decided(one, "remove", reason="offensive")
        told = lead.call("GET", "/statistics").get_json()
    assert told["decided"] == 5
    assert told["waiting"] == 1
    assert told["oldest_received_at"] == "2026-11-10T03:00:00Z"
    assert told["median_wait_s"] == 1200
    assert told["slowest_tenth_wait_s"] >= 1800
    assert (told["judged_twice"], told["judged_alike"]) == (2, 1)
    assert told["by_reason"] == [
        {"name": "off_topic", "count": 2}, {"name": "offensive", "count": 1}, {"name": "spam", "count": 1},
    ]  # fmt: skip
    assert told["by_day"] == [{"name": "2026-11-10", "count": 5}]
    assert told["by_hour"] == [{"name": "10", "count": 5}]
    assert {"name": ani.id, "count": 3} in told["by_moderator"]


def test_days_are_days_in_jakarta_and_a_period_has_at_most_31(desk: Desk) -> None:
    lead, ani = colleague(desk, "Citra", "lead"), colleague(desk, "Ani")
    with time_machine.travel(datetime(2026, 11, 10, 17, 30, tzinfo=UTC), tick=False):  # 00.30 WIB
        wait_in_queue(desk, "one")
        ani.decided(ani.find("one"), "publish")
    for day, count in (("2026-11-10", 0), ("2026-11-11", 1)):
        query = {"from": day, "to": day}
        assert lead.call("GET", "/statistics", query_string=query).get_json()["decided"] == count
    for first, last in (("2026-11-02", "2026-11-01"), ("2026-10-01", "2026-11-01")):
        wrong = lead.call("GET", "/statistics", query_string={"from": first, "to": last})
        assert wrong.status_code == 422
    page = desk.client.get("/desk/moderation/statistics?from=2026-11-02&to=2026-11-01", headers=lead.headers)
    assert page.status_code == 422


def test_a_shift_ends_with_what_was_done(desk: Desk) -> None:
    ani = colleague(desk, "Ani")
    with time_machine.travel(START, tick=False) as now:
        wait_in_queue(desk, "yesterday", "one", "two", "three")
        ani.decided(ani.find("yesterday"), "publish")
        now.shift(timedelta(hours=5))
        ani.claim(3)
        ani.decided(ani.find("one"), "publish")
        now.shift(timedelta(seconds=40))
        ani.decided(ani.decided(ani.find("two"), "reject", reason="spam"), "undo")
        desk.session.rollback()
        shift = statistics.shift_of(desk.session, ani.id)
        desk.session.rollback()
        assert (shift.decided, shift.undone, shift.median_pace_s) == (2, 1, 40)
        assert shift.by_decision == {"publish": 1, "reject": 1}
        ended = desk.client.post("/desk/moderation/release", headers=ani.headers)
        assert ended.headers["Location"].startswith("/desk/moderation/shift")
        assert ani.said(mine="true") == []
        page = desk.client.get("/desk/moderation/shift?lang=en", headers=ani.headers).text
        assert "40 seconds" in page
        now.shift(timedelta(hours=5))
        page = desk.client.get("/desk/moderation/shift?lang=en", headers=ani.headers).text
        assert "Nothing was decided" in page


@pytest.mark.parametrize("role", ["lead", "auditor", "admin"])
def test_who_may_read_statistics_sees_the_page(desk: Desk, role: str) -> None:
    page = desk.client.get("/desk/moderation/statistics", headers=colleague(desk, "x", role).headers)
    assert page.status_code == 200
