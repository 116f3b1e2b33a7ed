"""The main job by a client of the JSON API, over real HTTP, through the real sandbox."""

import csv
import http.client
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from service import clock
from service.demo import article
from tests.journeys.stack import Stack, wait_for

MESSAGE = "Matur nuwun 👨‍👩‍👧‍👦 ꦩꦠꦸꦂꦤꦸꦮꦸꦤ꧀ شكرا — sehat selalu, é"


def body(stack: Stack, **changes: Any) -> dict[str, Any]:
    version = requests.get(f"{stack.url}/api/v1/terms", timeout=10).json()["version"]
    return {
        "amount": "25000",
        "currency": "IDR",
        "message": MESSAGE,
        "display_name": "Sri Wahyuni",
        "email": "sri@example.com",
        "article": {"url": article.URL},
        "locale": "id",
        "terms": {"version": version, "accepted": True},
    } | changes


def give(stack: Stack, key: str | None = None, **changes: Any) -> requests.Response:
    return requests.post(
        f"{stack.url}/api/v1/contributions",
        json=body(stack, **changes),
        headers={"Idempotency-Key": key or uuid4().hex},
        timeout=30,
    )


def choose(checkout_url: str, outcome: str) -> str:
    answer = requests.post(checkout_url, data={"outcome": outcome}, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    return answer.headers["Location"]


def look(stack: Stack, id_: str) -> dict[str, Any]:
    seen: dict[str, Any] = requests.get(f"{stack.url}/api/v1/contributions/{id_}", timeout=10).json()
    return seen


def reaches(stack: Stack, id_: str, status: str) -> dict[str, Any]:
    def there() -> dict[str, Any] | None:
        seen = look(stack, id_)
        return seen if seen["status"] == status else None

    found: dict[str, Any] = wait_for(there)
    return found


def next_year() -> str:
    return f"{clock.now().year + 1}-12-31"


def export(stack: Stack) -> list[dict[str, str]]:
    answer = requests.get(
        f"{stack.url}/api/v1/desk/finance/export?from=2026-01-01&to={next_year()}",
        headers=stack.token("finance"),
        timeout=30,
    )
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def test_from_gift_to_wall_and_books(stack: Stack) -> None:
    answer = give(stack).json()
    cancelled = choose(answer["checkout_url"], "cancel")
    assert cancelled == f"{stack.url}/contributions/{answer['id']}?checkout=cancelled"
    assert look(stack, answer["id"]) == answer
    choose(answer["checkout_url"], "decline")
    reaches(stack, answer["id"], "failed")
    again = requests.post(f"{stack.url}/api/v1/contributions/{answer['id']}/attempts", json={}, timeout=30)
    assert again.status_code == 201
    choose(again.json()["checkout_url"], "pending_pay")
    reaches(stack, answer["id"], "processing")
    paid = reaches(stack, answer["id"], "paid")
    assert paid["message_state"] == "pending"

    moderator = stack.token("moderator")
    queue = f"{stack.url}/api/v1/desk/moderation"
    (item,) = [
        it
        for it in requests.get(f"{queue}/queue?limit=100", headers=moderator, timeout=10).json()["items"]
        if it["message"] == MESSAGE
    ]
    decided = requests.post(
        f"{queue}/messages/{item['id']}/decision",
        json={"decision": "publish", "revision": item["revision"]},
        headers=moderator,
        timeout=10,
    )
    assert decided.status_code == 200
    wall = requests.get(f"{stack.url}/api/v1/wall", params={"article": article.URL}, timeout=10).json()
    (shown,) = [it for it in wall["items"] if it["id"] == item["id"]]
    assert (shown["message"], shown["display_name"]) == (MESSAGE, "Sri Wahyuni")
    assert shown["article"]["title"] == article.TITLE

    rows = wait_for(lambda: [row for row in export(stack) if row["contribution_id"] == answer["id"]])
    assert {(row["type"], row["gross"], row["fee"]) for row in rows} == {
        ("contribution", "25000.00", "0.00"),
        ("fee", "0.00", "175.00"),
    }
    requests.post(
        f"{queue}/messages/{item['id']}/decision",
        json={"decision": "remove", "revision": 2, "reason": "not_selected"},
        headers=moderator,
        timeout=10,
    ).raise_for_status()
    wall = requests.get(f"{stack.url}/api/v1/wall", params={"article": article.URL}, timeout=10).json()
    assert item["id"] not in {it["id"] for it in wall["items"]}
    assert stack.command_json("check")["ok"] is True


def test_fifty_identical_posts_at_once(stack: Stack) -> None:
    key, sent = uuid4().hex, body(stack)
    barrier = threading.Barrier(50)

    def post(_: int) -> requests.Response:
        barrier.wait()
        return requests.post(
            f"{stack.url}/api/v1/contributions", json=sent, headers={"Idempotency-Key": key}, timeout=60
        )

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(post, range(50)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    urls = {answer.json()["checkout_url"] for answer in answers if answer.status_code == 201}
    codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert (len(ids), len(urls)) == (1, 1)
    assert codes <= {"in_progress"}
    told = stack.command_json("explain", ids.pop())
    assert len(told["attempts"]) == 1


def test_five_shuffled_deliveries_are_one_movement(stack: Stack) -> None:
    stack.control(duplicate=5, shuffle=True, count=2)
    answer = give(stack).json()
    choose(answer["checkout_url"], "pay")
    reaches(stack, answer["id"], "paid")

    def all_arrived() -> bool:
        received = stack.command_json("explain", answer["id"])["received"]
        return len(received) == 2 and all(event["deliveries"] >= 5 for event in received)

    wait_for(all_arrived)
    told = stack.command_json("explain", answer["id"])
    assert [row["type"] for row in told["movements"]] == ["contribution", "fee"]


def test_a_dropped_webhook_is_found_by_the_sweep(stack: Stack) -> None:
    stack.control(drop=2, count=2)
    answer = give(stack).json()
    choose(answer["checkout_url"], "pay")
    assert look(stack, answer["id"])["status"] == "awaiting_payment"
    stack.command("sweep")
    assert look(stack, answer["id"])["status"] == "paid"
    assert stack.command_json("check")["ok"] is True


@pytest.mark.parametrize("error", ["500", "429", "timeout_after_success", "malformed"])
def test_a_processor_in_trouble(stack: Stack, error: str) -> None:
    key, sent = uuid4().hex, body(stack)
    stack.control(error=error, count=1000)
    refused = requests.post(
        f"{stack.url}/api/v1/contributions", json=sent, headers={"Idempotency-Key": key}, timeout=60
    )
    stack.control(reset=True)
    assert refused.elapsed.total_seconds() < 15
    assert (refused.status_code, refused.json()["code"]) == (503, "processor_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    answer = requests.post(
        f"{stack.url}/api/v1/contributions", json=sent, headers={"Idempotency-Key": key}, timeout=60
    )
    assert answer.status_code == 201
    told = stack.command_json("explain", answer.json()["id"])
    assert len(told["attempts"]) == 1


@pytest.mark.parametrize(("path", "size", "status"), [("/api/v1/contributions", 100, 422), ("/api/v1/contributions", 70_000, 413),
                                                      ("/contribute", 70_000, 413), ("/webhooks/sandbox", 300_000, 413)])  # fmt: skip
def test_bodies_in_chunks_are_bounded_too(stack: Stack, path: str, size: int, status: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(stack.url).netloc, timeout=30)
    connection.request(
        "POST", path, iter([b" " * size]), {"Idempotency-Key": uuid4().hex}, encode_chunked=True
    )
    assert connection.getresponse().status == status
    connection.close()


def test_bodies_of_ten_megabytes_are_refused(stack: Stack) -> None:
    answer = requests.post(
        f"{stack.url}/api/v1/contributions",
        data=b" " * (10 * 1024 * 1024) + json.dumps(body(stack)).encode(),
        headers={"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"},
        timeout=30,
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_the_worker_beats(stack: Stack) -> None:
    wait_for(lambda: requests.get(f"{stack.url}/readyz", timeout=10).json()["checks"]["worker"] == "ok")


def test_the_demo_fills_itself_through_the_real_flow(stack: Stack) -> None:
    made = stack.command_json("demo", "--contributions", "8", "--seed", "3")["contributions"]
    assert sum(count for outcome, count in made.items() if outcome != "decided") == 8
    stack.command("sweep")
    assert stack.command_json("check")["ok"] is True
