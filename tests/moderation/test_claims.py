"""Claims: no message is ever leased to two, and what is not worked on comes back."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import time_machine
from sqlalchemy import select

from service import clock
from service.finance.model import Movement
from service.moderation.claims import MOST_HELD
from tests.support.desk import ARTICLE, Desk
from tests.support.moderators import colleague, wait_in_queue

MINUTE = timedelta(minutes=1)


def test_a_claim_leases_the_first_that_wait(desk: Desk) -> None:
    wait_in_queue(desk, "first", "second", "third")
    ani, budi = colleague(desk, "Ani"), colleague(desk, "Budi")
    mine = ani.claim(2)
    assert [item["message"] for item in mine] == ["first", "second"]
    assert {item["claimed_by"] for item in mine} == {ani.id}
    assert [item["message"] for item in budi.claim(5)] == ["third"]
    assert budi.claim(5) == []
    assert [item["claimed_by"] for item in budi.queue()] == [ani.id, ani.id, budi.id]
    assert ani.said(mine="true") == ["first", "second"]


def test_what_another_holds_cannot_be_decided(desk: Desk) -> None:
    wait_in_queue(desk, "held", "free")
    ani, budi = colleague(desk, "Ani"), colleague(desk, "Budi")
    (held,) = ani.claim(1)
    assert budi.refused(held, "publish") == (409, "claimed_by_other")
    assert budi.refused(held, "escalate") == (409, "claimed_by_other")
    budi.decided(budi.find("free"), "publish")  # a claim is optional
    assert ani.decided(held, "publish")["claimed_by"] is None


def test_a_lease_runs_five_minutes_and_comes_back(desk: Desk) -> None:
    wait_in_queue(desk, "one")
    ani, budi = colleague(desk, "Ani"), colleague(desk, "Budi")
    start = clock.now()
    with time_machine.travel(start, tick=False) as now:
        (held,) = ani.claim(1)
        now.shift(5 * MINUTE - timedelta(seconds=1))
        assert budi.claim(1) == []
        now.shift(timedelta(seconds=1))
        assert [item["message"] for item in budi.claim(1)] == ["one"]
        assert ani.refused(held, "publish") == (409, "claimed_by_other")


def test_any_call_of_the_holder_renews_the_lease(desk: Desk) -> None:
    wait_in_queue(desk, "one", "two")
    ani, budi = colleague(desk, "Ani"), colleague(desk, "Budi")
    with time_machine.travel(clock.now(), tick=False) as now:
        first, second = ani.claim(2)
        for _ in range(3):
            now.shift(4 * MINUTE)
            ani.queue()
        ani.decided(first, "reject")
        now.shift(4 * MINUTE)
        assert budi.claim(1) == []
        now.shift(2 * MINUTE)
        assert ani.said(mine="true") == []  # too late: nothing revives a lease that is over
        assert [item["id"] for item in budi.claim(1)] == [second["id"]]


def test_a_page_that_lies_open_does_not_keep_leases(desk: Desk) -> None:
    wait_in_queue(desk, "one")
    ani, budi = colleague(desk, "Ani"), colleague(desk, "Budi")
    with time_machine.travel(clock.now(), tick=False) as now:
        (held,) = ani.claim(1)
        for _ in range(3):
            now.shift(2 * MINUTE)
            told = desk.client.get("/desk/moderation/arrivals?active=no", headers=ani.headers).get_json()
        assert told["held"] == []
        assert [item["id"] for item in budi.claim(1)] == [held["id"]]


def test_what_is_given_back_is_free_at_once(desk: Desk) -> None:
    wait_in_queue(desk, "one")
    ani, budi = colleague(desk, "Ani"), colleague(desk, "Budi")
    ani.claim(1)
    assert ani.call("DELETE", "/claims").status_code == 204
    assert len(budi.claim(1)) == 1


def test_claims_keep_to_what_was_asked_for(desk: Desk) -> None:
    wait_in_queue(desk, "here", "Hubungi saya di 0812-0000-1234 ya")
    wait_in_queue(desk, "there", article={"url": "https://kompas.com/b"})
    ani = colleague(desk, "Ani")
    assert [item["message"] for item in ani.claim(flag="phone")] == ["Hubungi saya di 0812-0000-1234 ya"]
    assert [item["message"] for item in ani.claim(article=ARTICLE)] == ["here"]
    assert ani.claim(section="Kemensos") == []
    assert [item["message"] for item in ani.claim()] == ["there"]


def test_nobody_hoards(desk: Desk) -> None:
    ani = colleague(desk, "Ani")
    for count, code in ((0, 422), (51, 422), (2.5, 422), ("many", 422), (True, 422), (None, 422)):
        assert ani.call("POST", "/claims", json={"count": count}).status_code == code
    assert MOST_HELD == 100


def test_of_many_at_once_nobody_gets_the_same(desk: Desk) -> None:
    wait_in_queue(desk, *(f"message {number}" for number in range(12)))
    crowd = [colleague(desk, f"c{number}") for number in range(6)]
    barrier = threading.Barrier(len(crowd))
    app = desk.app

    def claim(headers: dict[str, str]) -> list[str]:
        barrier.wait()
        answer = app.test_client().post("/api/v1/desk/moderation/claims", json={"count": 3}, headers=headers)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.get_json()["items"]]

    with ThreadPoolExecutor(len(crowd)) as pool:
        taken = list(pool.map(claim, [one.headers for one in crowd]))
    often = Counter(id_ for ids in taken for id_ in ids)
    assert len(often) == 12
    assert set(often.values()) == {1}


def test_what_was_reversed_is_not_leased(desk: Desk) -> None:
    wait_in_queue(desk, "one")
    ref = desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).one()
    desk.sandbox.control(refund=ref)
    desk.deliver_all()
    assert colleague(desk, "Ani").claim(1) == []
