"""The same promises at a larger size: `make drill`."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from tests.journeys.stack import Stack, wait_for
from tests.journeys.test_api_journey import body, choose, next_year

pytestmark = pytest.mark.drill

ROUNDS, AT_ONCE, CONTRIBUTIONS = 20, 50, 1500


def test_many_rounds_of_identical_posts(stack: Stack) -> None:
    sent = body(stack)
    for _ in range(ROUNDS):
        key, barrier = uuid4().hex, threading.Barrier(AT_ONCE)

        def post(_: int, key: str = key, barrier: threading.Barrier = barrier) -> requests.Response:
            barrier.wait()
            return requests.post(
                f"{stack.url}/api/v1/contributions", json=sent, headers={"Idempotency-Key": key}, timeout=60
            )

        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(post, range(AT_ONCE)))
        ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
        assert len(ids) == 1
        assert {answer.status_code for answer in answers} <= {201, 409}


def test_many_contributions_through_a_bad_day_end_in_the_right_books(stack: Stack) -> None:
    chance, sent = random.Random(11), body(stack)
    paid: list[str] = []

    def one(number: int) -> None:
        answer = requests.post(
            f"{stack.url}/api/v1/contributions",
            json=sent | {"message": f"pesan {number}"},
            headers={"Idempotency-Key": uuid4().hex},
            timeout=60,
        )
        if answer.status_code != 201:
            assert answer.status_code == 503
            return
        outcome = chance.choices(
            ("pay", "decline", "pending_pay", "pending_fail", "cancel"), (80, 5, 5, 5, 5)
        )[0]
        choose(answer.json()["checkout_url"], outcome)
        if outcome.endswith("pay"):
            paid.append(answer.json()["id"])

    for start in range(0, CONTRIBUTIONS, 100):
        stack.control(**chance.choice([
            {"duplicate": 3, "shuffle": True, "count": 60}, {"drop": 40, "count": 80}, {"delay_s": 2, "count": 60},
            {"error": "500", "count": 5}, {"error": "429", "count": 5}, {"error": "malformed", "count": 5},
        ]))  # fmt: skip
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(start, start + 100)))
    stack.control(reset=True)

    def settled() -> bool:
        stack.command("sweep", check=False)
        states = [
            requests.get(f"{stack.url}/api/v1/contributions/{id_}", timeout=10).json()["status"]
            for id_ in paid
        ]
        return set(states) == {"paid"}

    wait_for(settled, seconds=120)
    rows = stack.command("export", "--from", "2026-01-01", "--to", next_year()).stdout.splitlines()
    booked = [row.split(",")[3] for row in rows if row.split(",")[4] == "contribution"]
    assert len(booked) == len(set(booked))
    assert set(paid) <= set(booked)
    assert stack.command_json("check")["ok"] is True
