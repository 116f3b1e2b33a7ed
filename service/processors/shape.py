"""Read what processors send as what it must be: anything else is a fault, never a guess."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn

from service.errors import BadEvent, ProcessorUnreadable

# What reading an answer of another shape raises.
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError)


@contextmanager
def readable() -> Iterator[None]:
    """Inside this block an answer that does not have the shape we know is a fault of this one
    call: raises ProcessorUnreadable."""
    try:
        yield
    except UNREADABLE as error:
        raise ProcessorUnreadable from error


@contextmanager
def readable_event() -> Iterator[None]:
    """The same for the body of a delivery: raises BadEvent."""
    try:
        yield
    except (*UNREADABLE, RecursionError) as error:
        raise BadEvent from error


def parse_json(body: bytes) -> Any:
    """Strict JSON: no NaN, no Infinity. Raises ValueError or RecursionError."""
    return json.loads(body, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def short(value: Any) -> str:
    """An identifier or code: up to 100 printable ASCII characters."""
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= 100
        or not value.isascii()
        or not value.isprintable()
    ):
        raise ValueError("not an identifier")
    return value


def maybe_short(value: Any) -> str | None:
    """An identifier, or nothing."""
    return None if value is None else short(value)


def integer(value: Any) -> int:
    """A whole number that any amount fits in."""
    if not isinstance(value, int) or isinstance(value, bool) or not abs(value) < 10**15:
        raise ValueError("not an amount")
    return value


def moment(seconds: Any) -> datetime:
    """Whole seconds since 1970 as a moment."""
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise ValueError("a time is a number of seconds")
    return datetime.fromtimestamp(seconds, UTC)


def flag(value: Any) -> bool:
    """A real true or false."""
    if not isinstance(value, bool):
        raise ValueError("not a flag")
    return value
