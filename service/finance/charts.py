"""Bar charts as numbers (pure): where each bar stands; the template draws them as SVG.

A table beside each chart says the same, so the picture itself needs no words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.finance.summary import Bucket
from service.money import Money, exponent

_STEPS = (1, 2, 5, 10)
_LINES = 4
_MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, what it stands for, and its length from 0 to 100."""

    name: str
    amount: Money
    length: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under lines at round amounts; ``lines`` are (amount, height from 0 to 100)."""

    bars: Sequence[Bar]
    lines: Sequence[tuple[Money, float]]


def gross(buckets: Sequence[Bucket], names: Sequence[str]) -> Chart:
    """The gross of each bucket, under the name beside it. All are of one currency."""
    currency = buckets[0].gross.currency
    top = _round_up(max((bucket.gross.minor for bucket in buckets), default=0), currency)
    every = -(-len(buckets) // _MOST_LABELS)
    bars = [
        Bar(name, bucket.gross, 100 * bucket.gross.minor / top, place % every == 0)
        for place, (bucket, name) in enumerate(zip(buckets, names, strict=True))
    ]
    step = top // _LINES
    return Chart(bars, [(Money(step * n, currency), 100 * n / _LINES) for n in range(_LINES + 1)])


def _round_up(minor: int, currency: str) -> int:
    """The next amount of which a quarter is round: 1, 2 or 5 and noughts, in major units."""
    unit = int(10 ** exponent(currency))
    quarter = max(-(-minor // (_LINES * unit)), 1)
    power = int(10 ** (len(str(quarter)) - 1))
    rounded: int = next(step * power for step in _STEPS if step * power >= quarter)
    return rounded * _LINES * unit
