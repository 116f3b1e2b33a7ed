"""Passwords: long, no common ones (ASVS 5.0, 6.2), and hashed with Argon2id by the sign-in library."""

import re
import secrets
import unicodedata
from itertools import chain

from flask_security import hash_password, verify_password
from sqlalchemy.orm import Session

from service import clock
from service.errors import N_, ValidationFailed
from service.identifiers import new_id
from service.plain_text import is_storable
from service.staff import audit
from service.staff.model import Staff

SHORTEST, LONGEST = 12, 1024  # characters (ASVS 5.0, 6.2.1 and 6.2.9)
# What a hash costs: 64 MiB, three passes, four lanes (RFC 9106, second recommended option).
COST = {"argon2__memory_cost": 65536, "argon2__rounds": 3, "argon2__parallelism": 4}
_LEFT_AT_LEAST = 5  # different characters, without all that everybody tries first

_SHORT = N_("A password has at least 12 characters. Several words are fine.")
_LONG = N_("A password has at most 1024 characters.")
_COMMON = N_("This password is easy to guess. Several words that only you would put together are better.")
_UNSTORABLE = N_("This text holds characters that cannot be shown.")

# What people here and elsewhere build passwords from; longer ones are found first.
_WORDS = """
administrator admin akucintakamu aku apresiasi baseball batman bismillah bola cinta dragon facebook
football garuda google hello iloveyou indonesia jakarta kamu kasih kata katasandi kompas letmein liverpool
login mancity manchester master merdeka monkey newsroom pass passphrase password persib persija princess
qwerty rahasia redaksi root sandi sayang secret selamat shadow spesial staff starwars sunshine superman
surabaya system terimakasih test user welcome yangtahu
""".split()  # noqa: SIM905  # a list of words reads best as words
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "01234567890")
_LOOKS_LIKE = {"a": "a4@", "b": "b8", "e": "e3", "i": "i1!", "l": "l1", "o": "o0", "s": "s5$", "t": "t7"}
_IN_A_ROW = frozenset(
    row[place : place + 3] for row in (*_ROWS, *(row[::-1] for row in _ROWS)) for place in range(len(row) - 2)
)
_YEAR = re.compile(r"(?:19|20)\d\d")


def require_good(password: str, email: str) -> None:
    """Raises ValidationFailed for a password that is short, too long, or easy to guess."""
    if len(password) < SHORTEST:
        raise ValidationFailed({"password": ("too_short", _SHORT)})
    if len(password) > LONGEST:
        raise ValidationFailed({"password": ("too_long", _LONG)})
    if not is_storable(password):
        raise ValidationFailed({"password": ("not_storable", _UNSTORABLE)})
    if is_common(password, email):
        raise ValidationFailed({"password": ("common", _COMMON)})


def is_common(password: str, email: str = "") -> bool:
    """Whether little is left without words and patterns that are tried first: those of the list
    also in digits that look alike, parts of the own address, rows of keys, repeats and years."""
    text = "".join(char for char in _normal(password).casefold() if char.isalnum() or char in "@$!")
    parts = [part for part in re.split(r"[\W_]+", email.casefold()) if len(part) >= 4]
    words = "|".join(_spelled(word) for word in sorted({*_WORDS, *parts}, key=len, reverse=True))
    for pattern in (re.compile(words), _YEAR):
        text = pattern.sub("", text)
    return len(set(_without_rows(text))) < _LEFT_AT_LEAST


def _spelled(word: str) -> str:
    return "".join(f"[{_LOOKS_LIKE.get(char, re.escape(char))}]" for char in word)


def _without_rows(text: str) -> str:
    """A text without what lies in a row on the keyboard or in the alphabet, or is one key thrice."""
    starts = [
        place
        for place in range(len(text) - 2)
        if text[place : place + 3] in _IN_A_ROW or len(set(text[place : place + 3])) == 1
    ]
    gone = set(chain.from_iterable(range(place, place + 3) for place in starts))
    return "".join(char for place, char in enumerate(text) if place not in gone)


def hashed(password: str) -> str:
    """What is kept of a password. Slow on purpose: call it outside a transaction."""
    return str(hash_password(_normal(password)))


def unusable() -> str:
    """The hash of a password that nobody knows, for who has yet to choose one."""
    return hashed(secrets.token_urlsafe(32))


def is_right(person: Staff, password: str) -> bool:
    """Whether this is the person's password."""
    return len(password) <= LONGEST and bool(verify_password(_normal(password), person.password))


def replace(session: Session, person: Staff, password_hash: str) -> None:
    """Keep a new password of the person's own choice: every session and link that was there
    before ends. Call inside a transaction."""
    person.password, person.password_set_at = password_hash, clock.now()
    person.link_sha256 = person.link_expires_at = None
    person.fs_uniquifier = new_id()
    audit.record(session, f"staff:{person.id}", "staff.password_chosen", f"staff:{person.id}")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKD", password)  # as sign-in does
