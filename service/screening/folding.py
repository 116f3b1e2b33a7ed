"""Undo what people do to letters to get past a word list: look-alikes, digits, spaces, stars."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

# Letters of other scripts that look like Latin ones.
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁɡһкмнтвαονιρτυκɑıӏ", "aeopcyxijsdghkmhtbaoviptukail")
_DIGITS_AS_LETTERS = str.maketrans("0134567895@$!|+", "oieasgtbgsasiit")
_SECOND_READING = str.maketrans({"1": "l", "9": "g", "6": "b", "v": "u"})
_TOKEN = re.compile(r"[^\W_]+(?:[@$*|+!]+[^\W_]+)*[*]*|[@$][^\W_]+(?:[@$*|+!]+[^\W_]+)*", re.UNICODE)
_SPELLED = re.compile(
    r"(?<![^\W_])(?:[^\W\d_]|[0134579@$!])(?:[\s.\-_*,/·~]{1,3}(?:[^\W\d_]|[0134579@$!])){2,}(?![^\W_])"
)
_ENDINGS = ("nya", "lah", "kah", "mu", "lu", "lo", "ku", "an", "s", "ers", "er", "in")
_BEGINNINGS = ("se", "ke", "ter", "di", "nge", "meng")


@dataclass(frozen=True, slots=True)
class Folded:
    """A message made plain: ``text`` in small Latin letters, ``clauses`` as the words that were
    meant, ``disguised`` those that somebody took the trouble to hide."""

    text: str
    clauses: tuple[tuple[str, ...], ...]
    disguised: frozenset[str]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for clause in self.clauses for word in clause)

    @property
    def line(self) -> str:
        """The words with single spaces, and a stop between clauses."""
        return " . ".join(" ".join(clause) for clause in self.clauses)


def plain_letters(text: str) -> str:
    """Compatibility forms, look-alikes and marks become plain small letters; what has no
    width goes away."""
    shown = "".join(char for char in text if unicodedata.category(char) != "Cf")
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", shown)).casefold()
    return "".join(char for char in spread if not unicodedata.combining(char)).translate(_LOOK_ALIKES)


def fold(text: str, known: Collection[str]) -> Folded:
    """Read a message with a word list in mind: ``known`` words are found in any disguise."""
    plain = plain_letters(text)
    spelled, disguised = _join_spelled(plain, known)
    clauses = []
    for part in re.split(r"[.,!?;:()\"\n]+(?=\s|$)|\n", spelled):
        tokens = _TOKEN.findall(part)
        words = _join_halves([meant(token, known) for token in tokens], known)
        disguised |= {
            meant(token, known)
            for token in tokens
            if re.search(r"[a-z][\d@$*|+!]+[a-z]|^[\d@$]+[a-z]{2}|[a-z]\*", token)
        }
        if words:
            clauses.append(tuple(words))
    return Folded(plain, tuple(clauses), frozenset(disguised & set(known)))


def meant(token: str, known: Collection[str]) -> str:
    """The known word that a token stands for, else the token itself."""
    if token.isdigit():
        return token
    for reading in _readings(token):
        for form in (reading, squeeze(reading, 2), squeeze(reading, 1)):
            found = _stem(form, known)
            if found:
                return found
    if "*" in token:
        return _unmasked(token, known) or token
    return token


def squeeze(word: str, most: int) -> str:
    """A letter that is held down counts ``most`` times."""
    return re.sub(rf"(.)\1{{{most},}}", lambda run: run[1] * most, word)


def _readings(token: str) -> list[str]:
    if re.fullmatch(r"[^\W\d_]+", token):
        return [token, token.replace("v", "u")]
    first = token.translate(_DIGITS_AS_LETTERS)
    return [token, first, token.translate(_SECOND_READING).translate(_DIGITS_AS_LETTERS)]


def _stem(word: str, known: Collection[str]) -> str | None:
    if word in known:
        return word
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 4 and stem in known:
            return stem
    for beginning in _BEGINNINGS:
        stem = word.removeprefix(beginning)
        if stem != word and len(stem) >= 5 and (stem in known or stem.removesuffix("nya") in known):
            return stem.removesuffix("nya") if stem not in known else stem
    return None


def _unmasked(token: str, known: Collection[str]) -> str | None:
    """A word with stars for letters: at least two letters have to be left."""
    token = token.translate(_DIGITS_AS_LETTERS)
    if len(token.replace("*", "")) < 2:
        return None
    pattern = re.compile(re.sub(r"\\\*+(?:\\\*)*", "[a-z]+", re.escape(token)))
    near = [word for word in known if abs(len(word) - len(token)) <= 1 and len(word) >= 4]
    return next((word for word in sorted(near) if pattern.fullmatch(word)), None)


def _join_spelled(plain: str, known: Collection[str]) -> tuple[str, set[str]]:
    """Letters that stand apart become the word that they spell, where it is a known one."""

    hidden: set[str] = set()

    def joined(found: re.Match[str]) -> str:
        letters = re.sub(r"[\s.\-_*,/·~]", "", found[0]).translate(_DIGITS_AS_LETTERS)
        inside = [word for word in known if len(word) >= 3 and letters.startswith(word)]
        if not inside:
            return found[0]
        word = max(inside, key=len)
        hidden.add(word)
        return f"{word} {letters[len(word) :]}"

    return _SPELLED.sub(joined, plain), hidden


def _join_halves(words: list[str], known: Collection[str]) -> list[str]:
    """Two short pieces side by side that make a long known word."""
    joined: list[str] = []
    for word in words:
        whole = joined[-1] + word if joined else word
        short = joined and (len(joined[-1]) <= 3 or len(word) <= 3)
        if short and len(whole) >= 6 and whole in known and joined[-1] not in known and word not in known:
            joined[-1] = whole
        else:
            joined.append(word)
    return joined
