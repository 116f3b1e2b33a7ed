"""Clause 5.2: find card numbers in what readers type, however they are written (pure)."""

import re
from collections.abc import Iterator

from service.terms import ordinary
from service.terms.brands import LONGEST, SHORTEST, is_card_number
from service.terms.digits import plain

MASK = "•"
_RUN = re.compile(r"(?:\b(?:rp|idr)[. ]{0,2})?[(+]{0,3}[0-9]+(?:[^0-9a-z]+[0-9]+)*", re.ASCII)
_GROUP = re.compile(r"[0-9]+", re.ASCII)
_Span = tuple[int, int]


def holds_card_number(text: str) -> bool:
    """True when a run of digits has a brand's prefix and length and passes the check.

    Digits of any script count, and so do digits parted by anything that is neither letter nor
    digit. A number counts only from one break to another, so that longer numbers which happen to
    contain a card number are left alone, and so are lists of telephone numbers, dates, times,
    amounts and scores.
    """
    return next(_found(plain(text)[0]), None) is not None


def without_card_numbers(text: str) -> str:
    """The same text with a mark in place of each digit of a card number."""
    seen, places = plain(text)
    kept = list(text)
    for start, end in _found(seen):
        for at in range(start, end):
            if seen[at].isdigit():
                kept[places[at]] = MASK
    return "".join(kept)


def _found(seen: str) -> Iterator[_Span]:
    """Where card numbers stand in a plain text."""
    for run in _RUN.finditer(seen):
        cards = list(_cards(seen, run.span()))
        stretches = ordinary.stretches(run[0]) if cards else None
        if stretches is not None:
            offset = run.start()
            possible = {_digits_of(seen, offset + start, offset + end) for start, end in stretches}
            cards = [span for span in cards if _digits_of(seen, *span) in possible]
        yield from cards


def _digits_of(seen: str, start: int, end: int) -> _Span:
    """A stretch from its first digit to its last."""
    groups = [match.span() for match in _GROUP.finditer(seen, start, end)]
    return groups[0][0], groups[-1][1]


def _cards(seen: str, within: _Span) -> Iterator[_Span]:
    """Every stretch from a break to a later break whose digits are a card's."""
    groups = [match.span() for match in _GROUP.finditer(seen, *within)]
    digits = "".join(seen[start:end] for start, end in groups)
    first = 0  # of the stretch, among the digits
    for place, (start, after) in enumerate(groups):
        last = first
        for begin, end in groups[place:]:
            last += end - begin
            if last - first > LONGEST:
                break
            if last - first >= SHORTEST and is_card_number(digits[first:last]):
                yield start, end
        first += after - start
