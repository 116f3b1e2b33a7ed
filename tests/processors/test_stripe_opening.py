"""Opening Stripe's page through the service: lifetimes, minimums, saved faults and their repair."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.contributions.model import Attempt
from tests.support.desk import Desk


def with_hours(desk: Desk, hours: int) -> None:
    """As if the service had been set up for checkouts of so many hours."""
    settings = dataclasses.replace(desk.wiring.settings, checkout_hours=hours)
    desk.app.extensions["wiring"] = dataclasses.replace(desk.wiring, settings=settings)


def sessions(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.bench.fake.every("checkout.session")
    return found


@pytest.mark.parametrize("hours", [1, 2, 23, 24, 25, 10_000])
def test_no_lifetime_is_beyond_what_stripe_opens(stripe_desk: Desk, hours: int) -> None:
    with_hours(stripe_desk, hours)
    lifetime = stripe_desk.wiring.checkout_lifetime
    assert timedelta(minutes=30) < lifetime < timedelta(hours=24)
    with time_machine.travel(clock.now(), tick=False):
        stripe_desk.given()
    (session,) = sessions(stripe_desk)
    assert session["expires_at"] - session["created"] == int(lifetime.total_seconds())


@pytest.mark.parametrize("left", [timedelta(minutes=32), timedelta(minutes=20), timedelta(days=-2)])
def test_an_opening_that_is_repeated_late_is_never_refused(stripe_desk: Desk, left: timedelta) -> None:
    desk = stripe_desk
    with time_machine.travel(clock.now(), tick=False) as traveller:
        desk.bench.wire.away = True
        assert desk.give("late").status_code == 503
        desk.bench.wire.away = False
        traveller.shift(desk.wiring.checkout_lifetime - left)
        answer = desk.give("late")
    assert answer.status_code == 201, answer.text
    opens = left > timedelta(minutes=31)
    assert answer.get_json()["status"] == ("awaiting_payment" if opens else "expired")
    assert len(sessions(desk)) == opens


def test_an_amount_below_the_minimum_is_the_readers_to_mend(stripe_desk: Desk) -> None:
    desk = stripe_desk
    desk.bench.fake.account.minimums = {"idr": 2_600_000}
    refused = desk.give("small", amount="25000")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "validation_failed")
    assert list(refused.get_json()["errors"]) == ["amount"]
    assert sessions(desk) == []
    assert desk.give(amount="26000").status_code == 201
    assert desk.broken() == []


def test_a_saved_500_does_not_lose_the_session(stripe_desk: Desk) -> None:
    """The key answers 500 for a day; the session behind it is found by its attempt."""
    desk = stripe_desk
    desk.bench.fake.fail_next("500_saved", on="POST /v1/checkout/sessions")
    again = desk.give("saved")
    assert again.status_code in (200, 201)
    (session,) = sessions(desk)
    assert again.get_json()["checkout_url"] == session["url"]
    desk.bench.pay(session["url"])
    desk.deliver_all()
    assert desk.look(again.get_json()["id"])["status"] == "paid"


@pytest.mark.parametrize(
    "fault", ["409", "500", "429", "timeout_before", "timeout_after_success", "malformed"]
)
def test_one_fault_or_many_end_in_one_session(stripe_desk: Desk, fault: str) -> None:
    desk = stripe_desk
    desk.bench.fake.fail_next(fault, 20)
    refused = desk.give("troubled")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    desk.bench.end_faults()
    assert desk.give("troubled").status_code == 201
    assert len(sessions(desk)) == 1
    assert len(desk.session.scalars(select(Attempt.id)).all()) == 1
    assert desk.broken() == []
