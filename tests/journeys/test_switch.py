"""Two nodes on one PostgreSQL see a switch within a second, and a hundred checkouts are expired within fifteen."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.journeys.apart import Apart
from tests.journeys.stack import wait_for
from tests.support.databases import create_database
from tests.support.desk import ARTICLE, gift

SEEN_WITHIN, EXPIRED_WITHIN = 1.0, 15.0  # seconds
CHECKOUTS, PENDING = 100, 3
TURNS = 6


@dataclass
class Nodes:
    """Two servers on one database, one sandbox, one worker."""

    first: Apart
    second: Apart
    editor: dict[str, str]

    @property
    def urls(self) -> tuple[str, str]:
        return self.first.url, self.second.url

    def turn(self, url: str, **change: Any) -> dict[str, Any]:
        body = {"scope": "all", "reason": "a journey", **change}
        answer = requests.put(f"{url}/api/v1/desk/feature", json=body, headers=self.editor, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def standing(self) -> dict[str, Any]:
        answer = requests.get(f"{self.second.url}/api/v1/desk/feature", headers=self.editor, timeout=30)
        return dict(answer.json()["items"][0])


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Nodes]:
    database = create_database(f"switch_{worker_id}")
    with (
        Apart(tmp_path_factory.mktemp("first"), database) as first,
        Apart(tmp_path_factory.mktemp("second"), database) as second,
    ):
        second.environment["APRESIASI_SANDBOX_URL"] = first.sandbox_url
        first.run("serve", "sandbox", "worker")
        second.run("serve")
        yield Nodes(first, second, first.token("editor"))


def is_open(url: str, session: requests.Session) -> bool:
    query = {"article": ARTICLE}
    return bool(session.get(f"{url}/api/v1/feature", params=query, timeout=30).json()["open"])


def seconds_until(url: str, open_: bool, since: float, found: dict[str, float]) -> None:
    with requests.Session() as session:
        while is_open(url, session) is not open_:
            assert time.monotonic() < since + 20
        found[url] = time.monotonic() - since


@pytest.mark.clause("4.3")
def test_clause_4_3_two_nodes_see_a_switch_within_a_second(nodes: Nodes) -> None:
    slowest, closed = 0.0, ""
    for number in range(TURNS):
        open_, seen, since = bool(number % 2), dict[str, float](), time.monotonic()
        readers = [
            threading.Thread(target=seconds_until, args=(url, open_, since, seen)) for url in nodes.urls
        ]
        for reader in readers:
            reader.start()
        closed = closed if open_ else "section:Kemensos" if number % 4 else "all"
        nodes.turn(nodes.urls[number % 2], open=open_, scope=closed)
        for reader in readers:
            reader.join()
        slowest = max(slowest, *seen.values())
        assert len(seen) == len(nodes.urls)
    print(f"a switch was seen by both nodes within {slowest:.3f} s", file=sys.__stderr__, flush=True)
    assert slowest < SEEN_WITHIN


@pytest.mark.clause("4.3")
def test_clause_4_3_a_hundred_open_checkouts_are_expired_within_fifteen_seconds(nodes: Nodes) -> None:
    """Some are pending at their bank: they cannot be expired, and their late money is booked."""

    def give(number: int) -> dict[str, Any]:
        answer = requests.post(
            f"{nodes.urls[number % 2]}/api/v1/contributions",
            json=gift(),
            headers={"Idempotency-Key": f"switch-{number}"},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(give, range(CHECKOUTS + PENDING)))
    for answer in given[:PENDING]:
        requests.post(
            answer["checkout_url"], data={"outcome": "pending_pay"}, allow_redirects=False, timeout=30
        )
    closed = nodes.turn(nodes.first.url, open=False, public_reason="maintenance")
    began = time.monotonic()
    wait_for(lambda: nodes.standing()["expired"] >= CHECKOUTS, EXPIRED_WITHIN)
    took = time.monotonic() - began
    print(f"{closed['open_checkouts']} open checkouts were expired in {took:.1f} s", file=sys.__stderr__)
    assert took < EXPIRED_WITHIN
    wait_for(lambda: nodes.standing()["paid_late"] == PENDING, 20)

    def status(answer: dict[str, Any]) -> str:
        url = f"{nodes.second.url}/api/v1/contributions/{answer['id']}"
        return str(requests.get(url, timeout=30).json()["status"])

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(status, given)) == {"expired": CHECKOUTS, "paid": PENDING}
    assert nodes.standing()["open_checkouts"] == 0
    assert nodes.first.command("check").returncode == 0
    nodes.turn(nodes.second.url, open=True)
