"""One key, one contribution."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from service import clock
from service.contributions import idempotency
from service.contributions.model import Attempt, Contribution, IdempotencyKey
from service.db import transaction
from tests.support.desk import Desk, gift

HASHES = idempotency.Hashes("h", "i")


def count(desk: Desk, table: type) -> int:
    desk.session.rollback()
    return desk.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_key_and_body_give_the_same_answer(desk: Desk) -> None:
    first, second = desk.give(key="k"), desk.give(key="k")
    assert second.status_code == 201
    assert second.get_json() == first.get_json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert count(desk, Contribution) == 1


def test_bodies_are_compared_as_they_are_normalised(desk: Desk) -> None:
    first = desk.give(key="k", amount="25000", message="Halo")
    second = desk.give(key="k", amount=25000, message="  Halo ")
    assert second.get_json() == first.get_json()


@pytest.mark.parametrize(
    "change", [{"amount": "50000"}, {"message": "lain"}, {"email": "a@b.co"}, {"locale": "en"}]
)
def test_the_same_key_with_another_body_is_a_conflict(desk: Desk, change: dict[str, str]) -> None:
    desk.given(key="k")
    response = desk.give(key="k", **change)
    assert response.status_code == 409
    assert response.get_json()["code"] == "idempotency_conflict"
    assert count(desk, Contribution) == 1


@pytest.mark.parametrize(("key", "status"), [(None, 422), ("", 422), ("k" * 255, 201), ("k" * 256, 422)])
def test_a_key_has_1_to_255_characters(desk: Desk, key: str | None, status: int) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    response = desk.client.post("/api/v1/contributions", json=gift(), headers=headers)
    assert response.status_code == status
    if status == 422:
        assert response.get_json()["code"] == "validation_failed"
        assert "Idempotency-Key" in response.get_json()["errors"]


def test_after_an_unreachable_processor_the_same_key_goes_on(desk: Desk) -> None:
    desk.sandbox.away = True
    refused = desk.give(key="k")
    assert refused.status_code == 503
    assert refused.get_json()["code"] == "processor_unavailable"
    assert int(refused.headers["Retry-After"]) > 0
    desk.sandbox.away = False
    answer = desk.give(key="k")
    assert answer.status_code == 201
    assert answer.get_json()["status"] == "awaiting_payment"
    assert (count(desk, Contribution), count(desk, Attempt)) == (1, 1)


def test_errors_are_not_stored(desk: Desk) -> None:
    assert desk.give(key="k", amount="1").status_code == 422
    assert desk.give(key="k").status_code == 201


def test_while_the_first_runs_the_second_is_told_so(desk: Desk) -> None:
    with transaction(desk.session):
        assert isinstance(idempotency.take(desk.session, "k", HASHES), idempotency.Hold)
    with pytest.raises(idempotency.InProgress), transaction(desk.session):
        idempotency.take(desk.session, "k", HASHES)


def test_a_crash_frees_the_key_after_its_lease(desk: Desk) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        with transaction(desk.session):
            idempotency.take(desk.session, "k", HASHES)
        traveller.shift(timedelta(seconds=59))
        with pytest.raises(idempotency.InProgress), transaction(desk.session):
            idempotency.take(desk.session, "k", HASHES)
        traveller.shift(timedelta(seconds=2))
        with transaction(desk.session):
            assert isinstance(idempotency.take(desk.session, "k", HASHES), idempotency.Hold)


def test_who_lost_the_lease_does_not_answer_for_the_key(desk: Desk) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        with transaction(desk.session):
            first = idempotency.take(desk.session, "k", HASHES)
        traveller.shift(timedelta(seconds=61))
        with transaction(desk.session):
            idempotency.take(desk.session, "k", HASHES)
        assert isinstance(first, idempotency.Hold)
        with transaction(desk.session):
            idempotency.finish(desk.session, first, HASHES, {"late": True})
        assert desk.session.scalars(select(IdempotencyKey.answer)).one() is None


def test_keys_live_seven_days(desk: Desk) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        desk.given(key="k")
        traveller.shift(timedelta(days=6, hours=23))
        assert desk.give(key="k").headers["Idempotent-Replayed"] == "true"
        traveller.shift(timedelta(hours=2))
        assert desk.give(key="k", amount="50000").status_code == 201
        traveller.shift(timedelta(days=8))
        with transaction(desk.session):
            assert idempotency.purge(desk.session) == 1


def test_only_hashes_of_key_and_body_are_kept(desk: Desk) -> None:
    desk.given(key="my-very-own-key", email="sri@example.com")
    row = desk.session.scalars(select(IdempotencyKey)).one()
    kept = f"{row.key_hash} {row.body_hash} {row.answer}"
    assert "my-very-own-key" not in kept
    assert "sri@example.com" not in kept


def test_fifty_at_once_are_one_contribution_and_one_checkout(desk: Desk) -> None:
    barrier = threading.Barrier(50)

    def send(_: int) -> int:
        client = desk.app.test_client()
        barrier.wait()
        response = client.post("/api/v1/contributions", json=gift(), headers={"Idempotency-Key": "same"})
        return response.status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(send, range(50)))
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert count(desk, Contribution) == 1
    assert count(desk, Attempt) == 1
    attempt = desk.session.scalars(select(Attempt)).one()
    assert len(desk.sandbox.parts.payments.of_attempt(attempt.id)) == 1
    assert desk.give(key="same").get_json()["id"] == attempt.contribution_id
