"""What was never paid goes after its days, but not while its reader still pays."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service import clock
from service.contributions.model import Attempt, Contribution
from service.db import transaction
from service.privacy import classes
from tests.privacy.people import MESSAGE
from tests.privacy.test_retention import retained, row, unpaid
from tests.support.desk import Desk

pytestmark = pytest.mark.clause("5.1")


@pytest.fixture
def at_once(desk: Desk) -> Iterator[None]:
    """As if unpaid contributions were kept for no day at all."""
    wiring = desk.wiring
    kept = {**wiring.settings.retention_days, "unpaid_contribution": 0}
    settings = dataclasses.replace(wiring.settings, retention_days=kept)
    desk.app.extensions["wiring"] = dataclasses.replace(wiring, settings=settings)
    yield
    desk.app.extensions["wiring"] = wiring


def try_again(desk: Desk, answer: dict[str, Any]) -> dict[str, Any]:
    """The reader comes back to the page and goes on paying."""
    desk.sweep()
    again = desk.client.post(f"/api/v1/contributions/{answer['id']}/attempts", json={})
    assert again.status_code in (200, 201), again.text
    told: dict[str, Any] = again.get_json()
    return told


def test_whoever_tries_again_after_a_month_does_not_pay_for_an_erased_message(desk: Desk, days: Any) -> None:
    answer = unpaid(desk)
    days(29)
    again = try_again(desk, answer)
    days(2)
    assert "unpaid_contribution" not in retained(desk)
    assert row(desk, answer).display_name is not None
    days(-2)
    desk.bench.pay(again["checkout_url"])
    desk.bench.settle()
    desk.deliver_all()
    assert desk.look(answer["id"])["message_state"] == "pending"
    assert desk.broken() == []


def test_thirty_days_after_the_last_attempt_it_goes(desk: Desk, days: Any) -> None:
    answer = unpaid(desk)
    days(29)
    try_again(desk, answer)
    days(31)
    assert retained(desk)["unpaid_contribution"] == 1
    assert row(desk, answer).display_name is None


def test_an_open_checkout_keeps_it_however_few_days_are_set(desk: Desk, days: Any, at_once: None) -> None:
    answer = unpaid(desk)
    desk.session.rollback()
    open_until = desk.session.scalars(select(Attempt.expires_at)).one()
    assert open_until > clock.now()
    days((open_until - clock.now() - timedelta(minutes=1)) / timedelta(days=1))
    assert "unpaid_contribution" not in retained(desk)
    desk.bench.pay(answer["checkout_url"])
    desk.bench.settle()
    desk.deliver_all()
    days(1)
    assert "unpaid_contribution" not in retained(desk)
    desk.session.rollback()
    assert row(desk, answer).message.text == MESSAGE  # type: ignore[union-attr]  # there is one


def test_what_came_in_while_a_batch_was_locked_is_looked_at_again(
    desk: Desk,
    days: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On PostgreSQL the rows were chosen before the lock was had."""
    answer = unpaid(desk)
    days(31)
    take = classes._take

    def slowly(session: Any, *given: Any) -> Any:
        found = take(session, *given)
        session.get_one(Contribution, answer["id"]).paid_at = clock.now()
        session.flush()
        return found

    monkeypatch.setattr(classes, "_take", slowly)
    with transaction(desk.session):
        assert classes.CLASSES[0].forget(desk.session, clock.now() - timedelta(days=30), 10) == 0
    assert row(desk, answer).display_name is not None
