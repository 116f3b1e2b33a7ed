"""The clock of these tests stands still until it is moved."""

from collections.abc import Iterator

import pytest
import time_machine

from service import clock


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as made:
        yield made
