"""How long one request may go on calling a processor, all its calls together.

The contract answers a reader within 15 seconds. No call begins after seven, and the longest
call, with its repeat, takes seven and a half.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from service.errors import ProcessorUnavailable

_SECONDS = 7.0
_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def limited() -> Iterator[None]:
    """Inside this block calls run out of time together; an outer block's limit stays."""
    if _until.get() is not None:
        yield
        return
    token = _until.set(time.monotonic() + _SECONDS)
    try:
        yield
    finally:
        _until.reset(token)


def require() -> None:
    """Raises ProcessorUnavailable when the time for further calls is over."""
    until = _until.get()
    if until is not None and time.monotonic() > until:
        raise ProcessorUnavailable
