"""What is said of the trail's chain: quickly on pages, wholly by the hour, never wrongly."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from service import clock
from service.db import transaction
from service.jobs.schedule import SCHEDULES, run
from service.staff import audit, chain
from tests.support.desk import Desk
from tests.support.trail import change_behind_our_back

AUDIT, PAGE = "/api/v1/desk/audit", "/desk/admin/audit?lang=en"


def record(desk: Desk, count: int) -> None:
    with transaction(desk.session):
        for number in range(count):
            audit.record(desk.session, "test", "test.act", str(number))


def state(desk: Desk) -> chain.State:
    desk.session.rollback()
    return chain.state(desk.session)


def test_before_anybody_read_the_whole_chain_a_short_one_is_read_at_once(desk: Desk) -> None:
    assert state(desk) == chain.State(True, 0, None, None)
    record(desk, 5)
    assert state(desk) == chain.State(True, 5, None, None)
    change_behind_our_back(desk, "UPDATE audit_entry SET actor = 'x' WHERE sequence = 3")
    assert state(desk) == chain.State(False, 2, 3, None)


def test_after_the_whole_chain_was_read_the_newest_are(desk: Desk) -> None:
    record(desk, 5)
    now = clock.now().replace(microsecond=0)
    with time_machine.travel(now, tick=False):
        run(desk.session, desk.wiring, next(it for it in SCHEDULES if it.name == "verify_trail"))
    record(desk, 3)
    assert state(desk) == chain.State(True, 8, None, now)
    change_behind_our_back(desk, "UPDATE audit_entry SET subject = 'x' WHERE sequence = 7")
    assert state(desk) == chain.State(False, 6, 7, now)


@pytest.mark.parametrize("change", [
    "UPDATE audit_entry SET hash = 'x' WHERE sequence = 5",
    "DELETE FROM audit_entry WHERE sequence >= 5",
    "DELETE FROM audit_entry",
])  # fmt: skip
def test_the_place_up_to_which_it_was_read_has_to_be_as_it_was(desk: Desk, change: str) -> None:
    record(desk, 5)
    chain.verify(desk.session)
    change_behind_our_back(desk, change)
    found = state(desk)
    assert (found.intact, found.broken_at) == (False, 5)


def test_what_the_reading_of_the_whole_chain_finds_is_told_from_then_on(desk: Desk) -> None:
    record(desk, 5)
    chain.verify(desk.session)
    change_behind_our_back(desk, "UPDATE audit_entry SET actor = 'x' WHERE sequence = 2")
    assert chain.whole(desk.session).broken_at == 2
    assert not chain.verify(desk.session).intact
    record(desk, 3)
    assert (state(desk).intact, state(desk).broken_at) == (False, 2)
    page = desk.client.get(PAGE, headers=desk.headers("auditor"))
    assert page.status_code == 200
    assert "The audit trail is broken at entry 2" in page.text
    assert (
        desk.client.get("/desk/admin?lang=en", headers=desk.headers("auditor")).text.count(
            "broken at entry 2"
        )
        == 1
    )


def test_too_many_to_read_while_somebody_waits_are_counted_and_read_when_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "AT_ONCE", 3)
    headers = desk.headers("auditor")
    chain.verify(desk.session)
    record(desk, 4)
    assert state(desk).unchecked == 4
    assert "4 newer ones are not verified yet." in desk.client.get(PAGE, headers=headers).text
    whole = desk.client.get(f"{PAGE}&verify=whole", headers=headers).text
    assert "Chain verified: 5 entries from the first." in whole
    assert "not verified yet" not in whole
    answer = desk.client.get(f"{AUDIT}?verify=whole", headers=headers).get_json()["chain"]
    assert (answer["intact"], answer["entries"], answer["unchecked"]) == (True, 5, 0)


def test_looking_writes_nothing(desk: Desk) -> None:
    record(desk, 3)
    headers = desk.headers("auditor")
    for path in (PAGE, f"{PAGE}&verify=whole", AUDIT, "/desk/admin"):
        assert desk.client.get(path, headers=headers).status_code == 200
    desk.session.rollback()
    assert desk.session.scalar(text("SELECT count(*) FROM audit_check")) == 0
    assert desk.session.scalar(text("SELECT count(*) FROM audit_entry")) == 4


def test_reading_the_whole_chain_again_moves_on(desk: Desk) -> None:
    record(desk, 2)
    chain.verify(desk.session)
    record(desk, 2)
    later = clock.now().replace(microsecond=0) + timedelta(hours=1)
    with time_machine.travel(later, tick=False):
        chain.verify(desk.session)
    assert state(desk) == chain.State(True, 4, None, later)
