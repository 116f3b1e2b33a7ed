"""Digits as people read them: of any script and shape, with what cannot be seen left out (pure)."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"  # Hangul fillers: letters by name, nothing to see
_UNSEEN = frozenset({"Cf", "Mn", "Me"})  # no width, or drawn over the character before
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo", "Nl"})  # Lm are marks: the long dash of kana is one
_COUNTED = 20  # circled and bracketed numbers go so far


def plain(text: str) -> tuple[str, Sequence[int]]:
    """The text in small letters, with ASCII digits for all digits, ``a`` for all letters beyond ASCII,
    ``-`` for all else beyond it, and nothing for what has no width; and each character's place."""
    if text.isascii():
        return text.lower(), range(len(text))
    found, places = [], []
    for place, char in enumerate(text):
        seen = _plain_char(char)
        found.append(seen)
        places += [place] * len(seen)
    return "".join(found), places


@lru_cache(maxsize=4096)
def _plain_char(char: str) -> str:
    value = unicodedata.numeric(char, -1.0)
    if value.is_integer() and 0 <= value <= (_COUNTED if unicodedata.category(char) == "No" else 9):
        return str(int(value))
    return "".join(_plain_part(part) for part in unicodedata.normalize("NFKC", char))


def _plain_part(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category in _UNSEEN:
        return ""
    if char.isascii():
        return char.lower()
    return "a" if category in _LETTERS and char not in _BLANK_LETTERS else "-"
