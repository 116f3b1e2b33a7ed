"""What several tests of people's rights are given."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from service import clock
from tests.support.desk import Desk


@pytest.fixture
def days() -> Iterator[Any]:
    """Lets days pass."""
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield lambda count: traveller.shift(timedelta(days=count))


@pytest.fixture
def logged(desk: Desk) -> Iterator[Path]:
    """The log of this test alone."""
    path = desk.wiring.settings.erasure_log
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)
