"""What a closing did, in numbers: its own, and of its own time (clause 4.3)."""

from datetime import timedelta

import pytest
import time_machine

from service import clock
from tests.controls.test_closing_down import counts
from tests.support.desk import ARTICLE, Desk

pytestmark = pytest.mark.clause("4.3")
HOUR = timedelta(hours=1)
SECTION = "section:Kemensos"


def close_and_open(desk: Desk, traveller: time_machine.Traveller, scope: str = "all") -> None:
    """A closing of one hour that expires one checkout."""
    desk.given()
    desk.close_feature(scope)
    desk.work_off()
    traveller.shift(HOUR)
    desk.open_feature(scope)
    traveller.shift(HOUR)


@pytest.mark.parametrize("narrower", [SECTION, f"article:{ARTICLE}"])
def test_a_later_closing_of_less_is_none_of_its(
    desk: Desk, traveller: time_machine.Traveller, narrower: str
) -> None:
    close_and_open(desk, traveller)
    desk.given()
    desk.given()
    desk.close_feature(narrower)
    desk.work_off()
    assert counts(desk) == (0, 1, 0)
    assert counts(desk, narrower) == (0, 2, 0)


def test_a_closing_that_ended_by_itself_counts_nothing_later(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    desk.given()
    desk.close_feature(until_at=clock.now() + HOUR)
    desk.work_off()
    traveller.shift(2 * HOUR)
    desk.given()
    desk.close_feature(SECTION)
    desk.work_off()
    assert counts(desk) == (0, 1, 0)
    desk.open_feature()  # though it is open already
    assert counts(desk) == (0, 1, 0)


def test_opening_what_is_open_moves_no_end(desk: Desk, traveller: time_machine.Traveller) -> None:
    close_and_open(desk, traveller)
    desk.given()
    desk.close_feature(SECTION)
    desk.work_off()
    traveller.shift(HOUR)
    desk.open_feature()
    assert counts(desk) == (0, 1, 0)


def test_what_ended_while_it_was_closed_counts_whoever_put_it_down(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    """The section was closed a moment before everything was, and nothing was expired yet."""
    desk.given()
    paid = desk.given()
    desk.close_feature(SECTION)
    traveller.shift(timedelta(seconds=1))
    desk.close_feature()
    desk.sandbox.choose(paid["checkout_url"], "pay")
    desk.deliver_all()
    desk.work_off()
    assert counts(desk) == counts(desk, SECTION) == (0, 1, 1)


def test_what_it_put_down_counts_though_it_was_over_sooner(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    desk.given()
    desk.close_feature()
    traveller.shift(timedelta(seconds=1))
    desk.open_feature()
    traveller.shift(timedelta(seconds=1))
    desk.work_off()
    assert counts(desk) == (0, 1, 0)


def test_a_closing_that_was_taken_back_did_nothing(desk: Desk, traveller: time_machine.Traveller) -> None:
    desk.given()
    desk.close_feature(from_at=clock.now() + HOUR)
    desk.open_feature()
    traveller.shift(2 * HOUR)
    desk.close_feature(SECTION)
    desk.work_off()
    assert counts(desk) == (0, 0, 0)


def test_a_closing_that_was_taken_back_before_it_began_changes_no_number(
    desk: Desk, traveller: time_machine.Traveller
) -> None:
    close_and_open(desk, traveller)
    began = closed_at(desk)
    desk.close_feature(from_at=clock.now() + HOUR)
    assert (counts(desk), closed_at(desk)) == ((0, 1, 0), began)
    desk.open_feature()
    assert (counts(desk), closed_at(desk)) == ((0, 1, 0), began)


def closed_at(desk: Desk) -> str:
    """When the latest closing of everything began, as the editor's API tells it."""
    answer = desk.client.get("/api/v1/desk/feature", headers=desk.headers("editor")).get_json()
    return str(next(item["closed_at"] for item in answer["items"] if item["scope"] == "all"))


def test_a_scheduled_closing_counts_from_its_beginning(desk: Desk, traveller: time_machine.Traveller) -> None:
    close_and_open(desk, traveller)
    desk.close_feature(from_at=clock.now() + HOUR, until_at=clock.now() + 2 * HOUR)
    desk.given()
    desk.given()
    traveller.shift(HOUR)
    desk.work_off()
    assert counts(desk) == (0, 2, 0)
    traveller.shift(2 * HOUR)
    assert counts(desk) == (0, 2, 0)
    desk.close_feature(from_at=clock.now() + HOUR)  # the next one, still to come
    assert counts(desk) == (0, 2, 0)
