"""How a text looks: shouted in capitals, the same over and over, in a language of elsewhere."""

import re
import unicodedata
from collections import Counter

import regex

from service.screening.folding import Folded
from service.screening.words import ABROAD, HOME

# No piece of an alternative is another's: what readers type at length must not be tried in many ways.
_LAUGHTER = re.compile(r"(?:[wkhaexiu]+|(?:lol|ck|cie|ya|min|mantap|hm|yes|go|z)+)[a-z]?")


def all_caps(text: str) -> bool:
    """Most of a text in capitals, where it is more than names and abbreviations."""
    letters = [char for char in text if char.isalpha() and char.lower() != char.upper()]
    upper = sum(char.isupper() for char in letters)
    shouted = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) >= 4 and word.isupper()]
    return len(letters) >= 12 and upper >= 0.8 * len(letters) and len(shouted) >= 2


def repeated(text: str) -> bool:
    """Mashed keys, or the same again and again. Laughter is none of it."""
    plain = text.casefold()
    words = re.findall(r"[^\W_]+", plain)
    if regex.search(r"(\X)\1{7,}", regex.sub(r"[\s.]", "", plain)) and not _only_soft_runs(plain):
        return True
    if _same_in_a_row(words) >= 4 and not _LAUGHTER.fullmatch(words[0]):
        return True
    most = Counter(word for word in words if len(word) >= 3).most_common(1)
    if len(words) >= 8 and most and most[0][1] >= max(5, 0.5 * len(words)):
        return True
    if re.search(r"(.{2,12}?)\1{4,}", "".join(words)) and not all(
        _LAUGHTER.fullmatch(word) for word in words
    ):
        return not any(_LAUGHTER.fullmatch(word) and len(word) >= 8 for word in words)
    return any(_is_mashed(word) for word in words)


def _only_soft_runs(plain: str) -> bool:
    """Runs of vowels and h that are a voice held long, such as "terima kasihhhhhhh"."""
    runs = regex.findall(r"((\X)\2{7,})", regex.sub(r"\s", "", plain))
    return all(run[1] in "aiueohw!?🙏❤️👍👏😂🤣🔥💪😭🥰" for run in runs) and all(
        len(run[0]) <= 14 for run in runs
    )


def _same_in_a_row(words: list[str]) -> int:
    longest = run = 0
    for place, word in enumerate(words):
        run = run + 1 if place and word == words[place - 1] else 1
        longest = max(longest, run)
    return longest


def _is_mashed(word: str) -> bool:
    """Ten letters or more that nobody can say."""
    if len(word) < 9 or not word.isascii() or not word.isalpha() or _LAUGHTER.fullmatch(word):
        return False
    if re.search(r"[bcdfghjklmnpqrstvwxyz]{6,}", word):
        return True
    return bool(re.search(r"asdf|qwer|zxcv|hjkl|sdfg|dfgh|lkjh|uiop", word))


def other_language(text: str, folded: Folded) -> bool:
    """Another script for the most part, or more little words of another language than of ours.
    Javanese and its neighbours are at home in their own scripts as well."""
    letters = [char for char in text if char.isalpha()]
    foreign = [char for char in letters if not _is_home_script(char)]
    if len(letters) >= 4 and len(foreign) > 0.5 * len(letters):
        return True
    words = re.findall(r"[^\W\d_]+", folded.text)
    abroad = sum(word in ABROAD for word in words)
    at_home = sum(word in HOME or word.endswith("nya") for word in words)
    return len(words) >= 4 and abroad >= 2 and abroad > at_home


def _is_home_script(char: str) -> bool:
    name = unicodedata.name(char, "")
    return name.startswith(
        (
            "LATIN",
            "JAVANESE",
            "SUNDANESE",
            "BALINESE",
            "BUGINESE",
            "BATAK",
            "FULLWIDTH LATIN",
            "MATHEMATICAL",
            "MODIFIER",
            "FEMININE",
            "MASCULINE",
        )
    )
