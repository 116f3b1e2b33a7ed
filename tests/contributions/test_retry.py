"""Going on to pay: the open checkout again, or a new attempt."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from service import clock
from service.contributions.model import Attempt, Contribution
from service.terms.model import Acceptance
from tests.support.desk import VERSION, Desk


def go_on(desk: Desk, id_: str, **body: object) -> object:
    return desk.client.post(f"/api/v1/contributions/{id_}/attempts", json=body)


def attempts(desk: Desk) -> int:
    desk.session.rollback()
    return desk.session.scalar(select(func.count()).select_from(Attempt)) or 0


def test_an_open_checkout_is_returned_and_never_doubled(desk: Desk) -> None:
    answer = desk.given()
    again = go_on(desk, answer["id"])
    assert again.status_code == 200
    assert again.get_json() == answer
    assert attempts(desk) == 1


def test_a_cancelled_checkout_changes_nothing(desk: Desk) -> None:
    answer = desk.given()
    back = desk.sandbox.choose(answer["checkout_url"], "cancel")
    assert back == f"http://localhost/contributions/{answer['id']}?checkout=cancelled"
    assert desk.sandbox.take_deliveries() == []
    assert desk.look(answer["id"]) == answer


@pytest.mark.parametrize("ended", ["failed", "expired"])
def test_after_an_end_a_new_attempt_is_opened(desk: Desk, ended: str) -> None:
    answer = desk.given()
    if ended == "failed":
        desk.sandbox.choose(answer["checkout_url"], "decline")
    else:
        desk.sandbox.expire_checkout(answer["checkout_url"].rpartition("/")[2])
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == ended
    again = go_on(desk, answer["id"])
    assert again.status_code == 201
    assert again.get_json()["status"] == "awaiting_payment"
    assert again.get_json()["checkout_url"] != answer["checkout_url"]
    desk.sandbox.choose(again.get_json()["checkout_url"], "pay")
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "paid"
    assert desk.broken() == []


def test_the_processor_is_asked_first(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.sandbox.take_deliveries()
    again = go_on(desk, answer["id"])
    assert (again.status_code, again.get_json()["status"]) == (200, "paid")
    assert attempts(desk) == 1


@pytest.mark.clause("4.3")
def test_clause_4_3_a_new_attempt_needs_the_feature_open(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "decline")
    desk.deliver_all()
    desk.close_feature()
    refused = go_on(desk, answer["id"])
    assert refused.status_code == 503
    assert refused.get_json()["code"] == "feature_closed"
    assert refused.get_json()["public_reason"] == "paused"
    assert attempts(desk) == 1


def test_an_open_checkout_goes_on_while_the_feature_is_closed(desk: Desk) -> None:
    answer = desk.given()
    desk.close_feature()
    assert go_on(desk, answer["id"]).get_json()["checkout_url"] == answer["checkout_url"]


@pytest.mark.clause("6.1")
def test_clause_6_1_a_new_attempt_may_bring_newer_terms(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "decline")
    desk.deliver_all()
    old = go_on(desk, answer["id"], terms={"version": "2020-01", "accepted": True})
    assert (old.status_code, old.get_json()["code"]) == (409, "terms_outdated")
    assert old.get_json()["terms_version"] == VERSION
    assert go_on(desk, answer["id"], terms={"version": VERSION}).get_json()["code"] == "terms_not_accepted"
    assert go_on(desk, answer["id"], terms={"version": VERSION, "accepted": True}).status_code == 201
    desk.session.rollback()
    assert desk.session.scalar(select(func.count()).select_from(Acceptance)) == 2


@pytest.mark.clause("4.1")
def test_clause_4_1_nothing_recurs_here_either(desk: Desk) -> None:
    answer = desk.given()
    refused = go_on(desk, answer["id"], interval="month")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "recurring_not_offered")


def test_a_contribution_without_checkout_gets_it_here(desk: Desk) -> None:
    desk.sandbox.away = True
    desk.give()
    id_ = desk.session.scalars(select(Attempt.contribution_id)).one()
    refused = go_on(desk, id_)
    assert (refused.status_code, refused.get_json()["code"]) == (503, "processor_unavailable")
    desk.sandbox.away = False
    answer = go_on(desk, id_)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "awaiting_payment")
    assert attempts(desk) == 1


def test_an_unknown_contribution_is_not_found(desk: Desk) -> None:
    assert go_on(desk, "0" * 32).status_code == 404


def test_an_attempt_that_was_never_opened_in_its_time_gives_way_to_another(any_desk: Desk) -> None:
    any_desk.bench.wire.away = True
    assert any_desk.give("lost").status_code == 503
    any_desk.bench.wire.away = False
    any_desk.session.rollback()
    id_ = any_desk.session.scalars(select(Contribution.id)).one()
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        answer = any_desk.client.post(f"/api/v1/contributions/{id_}/attempts", json={})
        assert answer.status_code in (200, 201), answer.text
        assert answer.get_json()["status"] == "awaiting_payment"
        assert answer.get_json()["checkout_url"]
