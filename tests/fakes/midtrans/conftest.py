"""A fake Midtrans at a time that stands still, and a client of it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from tests.fakes.midtrans import FakeMidtrans
from tests.fakes.midtrans.merchant import Merchant

START = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def fake(clock: time_machine.Traveller) -> FakeMidtrans:
    return FakeMidtrans(random.Random(7))


@pytest.fixture
def merchant(fake: FakeMidtrans) -> Merchant:
    return Merchant(fake)
