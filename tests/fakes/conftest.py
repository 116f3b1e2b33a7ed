"""A fake account at a time that stands still, and a client of it."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
import time_machine

from tests.fakes.merchant import START, client_of
from tests.fakes.stripe import FakeStripe


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def fake(clock: Any) -> FakeStripe:
    return FakeStripe(random.Random(7))


@pytest.fixture
def client(fake: FakeStripe) -> stripe.StripeClient:
    return client_of(fake)
