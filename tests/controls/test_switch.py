"""The kill switch (clause 4.3): at once, audited, without touching what is under way."""

import pytest
from sqlalchemy import select

from service.controls import switches
from service.db import transaction
from service.staff.model import AuditEntry
from tests.support.desk import Desk


def test_without_a_row_everything_is_open(desk: Desk) -> None:
    assert switches.current(desk.session) == switches.Setting(True, None)


def test_a_change_is_audited_with_its_reason(desk: Desk) -> None:
    with transaction(desk.session):
        switches.turn(desk.session, False, "maintenance", "new processor", "staff:1")
    entry = desk.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor, entry.subject) == ("feature.closed", "staff:1", "all")
    assert entry.details == {"open": False, "public_reason": "maintenance", "reason": "new processor"}


def test_late_money_is_booked_while_closed(desk: Desk) -> None:
    answer = desk.given()
    with transaction(desk.session):
        switches.turn(desk.session, False, "ended", "", "test")
    desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "paid"
    assert len(desk.export()) == 2


def test_the_wall_stays_while_closed(desk: Desk) -> None:
    desk.published()
    with transaction(desk.session):
        switches.turn(desk.session, False, "ended", "", "test")
    assert len(desk.wall()) == 1


def test_an_unknown_public_reason_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="public reason"), transaction(desk.session):
        switches.turn(desk.session, False, "bored", "", "test")
