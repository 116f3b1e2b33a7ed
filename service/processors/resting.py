"""A processor that cannot be reached rests for some seconds, so that work in the background which
asks it does not hold up all other work; then one call at a time finds out whether it is back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from service import clock
from service.errors import ProcessorRefused, ProcessorUnavailable
from service.processors.base import Processor

_REST = timedelta(seconds=2)
_TRIED_FOR = timedelta(seconds=20)  # longer than a call may take
_until: WeakKeyDictionary[Processor, datetime] = WeakKeyDictionary()


@contextmanager
def considered(processor: Processor) -> Iterator[None]:
    """Calls of a processor inside this block. Raises ProcessorUnavailable without a call while it
    rests; one that refuses a single call is there."""
    rests, now = _until.get(processor), clock.now()
    if rests is not None:
        if now < rests:
            raise ProcessorUnavailable
        _until[processor] = now + _TRIED_FOR
    is_away = False
    try:
        yield
    except ProcessorRefused:
        raise
    except ProcessorUnavailable:
        is_away = True
        raise
    finally:
        if is_away:
            _until[processor] = clock.now() + _REST
        else:
            _until.pop(processor, None)
