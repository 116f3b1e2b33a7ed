"""The fake on a real port: a payer without a browser, hanging answers, conflicts."""

import re
import threading
from typing import Any

import pytest
import requests
import stripe

from tests.fakes.merchant import opened
from tests.fakes.stripe import FakeStripe


def served_client(base: str, read_timeout: float = 5, retries: int = 0) -> stripe.StripeClient:
    http = stripe.RequestsClient(timeout=(1, read_timeout), session=requests.Session())
    options: Any = {"base_addresses": {"api": base}, "max_network_retries": retries}
    return stripe.StripeClient("sk_test_fake", http_client=http, **options)


def test_a_journey_over_http_without_a_browser() -> None:
    fake = FakeStripe()
    with fake.serve() as base, requests.Session() as browser:
        fake.account.public_base = base
        session = opened(served_client(base))
        page = browser.get(session.url)
        assert re.findall(r'value="(\w+)"', page.text) == ["pay", "decline", "later", "cancel"]
        cancelled = browser.post(session.url, data={"outcome": "cancel"}, allow_redirects=False)
        assert cancelled.headers["Location"] == "https://news.test/cancel"
        again = browser.post(session.url, data={"outcome": "decline"})
        assert "declined" in again.text
        done = browser.post(session.url, data={"outcome": "pay"}, allow_redirects=False)
        assert (done.status_code, done.headers["Location"]) == (303, f"https://news.test/back?s={session.id}")
        assert browser.get(session.url).status_code == 410
        assert browser.get(f"{base}/pay/cs_none").status_code == 404
        assert browser.get(f"{base}/v1/nothing").status_code == 401


def test_a_hanging_answer_over_http() -> None:
    fake = FakeStripe(hold_s=5.0)
    with fake.serve() as base:
        fake.fail_next("timeout_after_success")
        with pytest.raises(stripe.APIConnectionError, match="Read timed out"):
            opened(served_client(base, read_timeout=0.2), "k")
        fake.account.hold_s = 0.0
        fake.fail_next("timeout_before")
        with pytest.raises(stripe.APIConnectionError):
            opened(served_client(base), "k")
        assert opened(served_client(base), "k").id == fake.every("checkout.session")[0]["id"]


def test_the_sdk_retries_by_itself_with_one_key() -> None:
    fake = FakeStripe()
    with fake.serve() as base:
        fake.fail_next("500", count=2)
        assert opened(served_client(base, retries=2)).status == "open"
    assert len({call.key for call in fake.calls}) == 1
    assert len(fake.calls) == 3


def test_an_equal_request_at_the_same_time_is_a_conflict() -> None:
    fake = FakeStripe(hold_s=0.5)
    outcomes: list[str] = []

    def ask(base: str) -> None:
        try:
            outcomes.append(opened(served_client(base), "k").status)
        except stripe.APIError as error:
            outcomes.append(str(error.http_status))

    with fake.serve() as base:
        fake.fail_next("slow")
        threads = [threading.Thread(target=ask, args=(base,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["409", "open"]
