"""The time at which the months of these tests are closed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The tenth of November, at ten in the morning in Jakarta."""
    with time_machine.travel(datetime(2026, 11, 10, 3, tzinfo=UTC), tick=False) as traveller:
        yield traveller
