"""The audit trail: chained, complete, and telling when it was tampered with."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db import transaction
from service.staff import audit
from service.staff.model import AuditEntry
from tests.support.desk import Desk
from tests.support.trail import change_behind_our_back

AUDIT = "/api/v1/desk/audit"


def test_entries_are_chained_and_the_answer_says_that_they_hold(desk: Desk) -> None:
    desk.published()
    answer = desk.client.get(AUDIT, headers=desk.headers("admin")).get_json()
    assert answer["chain"]["intact"] is True
    assert answer["chain"]["entries"] == len(answer["items"])
    assert "message.publish" in {item["action"] for item in answer["items"]}
    assert [item["sequence"] for item in answer["items"]] == list(range(len(answer["items"]), 0, -1))


def test_a_changed_entry_is_found(desk: Desk) -> None:
    with transaction(desk.session):
        for number in range(5):
            audit.record(desk.session, "test", "act", str(number))
    change_behind_our_back(desk, "UPDATE audit_entry SET actor = 'somebody' WHERE sequence = 3")
    assert audit.check_chain(desk.session) == audit.ChainCheck(False, 2, 3)


def test_a_missing_entry_is_found(desk: Desk) -> None:
    with transaction(desk.session):
        for number in range(5):
            audit.record(desk.session, "test", "act", str(number))
    change_behind_our_back(desk, "DELETE FROM audit_entry WHERE sequence = 2")
    assert audit.check_chain(desk.session).broken_at == 3


def test_acts_at_the_same_time_are_one_chain(desk: Desk) -> None:
    barrier = threading.Barrier(6)

    def act(number: int) -> None:
        with Session(desk.session.get_bind(), expire_on_commit=False) as session:
            barrier.wait()
            for _ in range(5):
                with transaction(session):
                    audit.record(session, f"t{number}", "act", "x")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(6)))
    desk.session.rollback()
    assert audit.check_chain(desk.session) == audit.ChainCheck(True, 30, None)


def test_filters_and_pages(desk: Desk) -> None:
    with transaction(desk.session):
        for number in range(7):
            audit.record(desk.session, f"a{number % 2}", "act", str(number))
    headers = desk.headers("admin")
    page = desk.client.get(f"{AUDIT}?limit=2&actor=a1", headers=headers).get_json()
    assert [item["subject"] for item in page["items"]] == ["5", "3"]
    rest = desk.client.get(
        f"{AUDIT}?limit=2&actor=a1&cursor={page['next_cursor']}", headers=headers
    ).get_json()
    assert [item["subject"] for item in rest["items"]] == ["1"]


def test_an_act_that_is_rolled_back_leaves_no_entry(desk: Desk) -> None:
    class Stop(Exception):
        pass

    try:
        with transaction(desk.session):
            audit.record(desk.session, "test", "act", "x")
            raise Stop
    except Stop:
        pass
    assert desk.session.scalars(select(AuditEntry)).all() == []
