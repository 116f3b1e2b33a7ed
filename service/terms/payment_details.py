"""Clause 5.2: find card numbers in what readers type, however they are written (pure)."""

import re
import unicodedata

# Brand prefixes with their lengths, from the issuers' public numbering ranges (ISO/IEC 7812).
_BRANDS = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"352[89]|35[3-8]"), (16, 17, 18, 19)),  # JCB
    (re.compile(r"6011|64[4-9]|65"), (16, 17, 18, 19)),  # Discover
    (re.compile(r"62|81"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"30[0-5]|3[689]"), (14, 16)),  # Diners Club
    (re.compile(r"50|5[678]|6304|6759|676[123]"), (12, 13, 15, 16, 18, 19)),  # Maestro
    (re.compile(r"1946|6013"), (16,)),  # debit cards of Indonesian banks
)
_SHORTEST, _LONGEST = 12, 19
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"  # Hangul fillers: letters by name, nothing to see
_RUN = re.compile(r"[0-9]+(?:[^0-9A-Za-z]{1,8}[0-9]+)*", re.ASCII)
_GROUP = re.compile(r"[0-9]+", re.ASCII)


def holds_card_number(text: str) -> bool:
    """True when a run of digits has a brand's prefix and length and passes the Luhn check.

    Digits of any script count, and so do digits parted by a few characters that are neither
    letters nor digits, seen or without width. A number counts only from one break to another, so that
    longer numbers which happen to contain a card number are left alone.
    """
    for run in _RUN.finditer(_plain_digits(text)):
        groups = _GROUP.findall(run[0])
        if any(_is_card(candidate) for candidate in _candidates(groups)):
            return True
    return False


def _plain_digits(text: str) -> str:
    """ASCII digits for all digits, one letter for all letters, nothing for what has no width."""
    plain = []
    for char in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(char)
        if category == "Nd":
            plain.append(str(unicodedata.digit(char)))
        elif category not in ("Cf", "Mn", "Me"):
            plain.append(
                "a"
                if category[0] == "L" and char not in _BLANK_LETTERS
                else "-"
                if not char.isascii()
                else char
            )
    return "".join(plain)


def _candidates(groups: list[str]) -> list[str]:
    found = []
    for start in range(len(groups)):
        joined = ""
        for group in groups[start:]:
            joined += group
            if len(joined) > _LONGEST:
                break
            if len(joined) >= _SHORTEST:
                found.append(joined)
    return found


def _is_card(number: str) -> bool:
    branded = any(len(number) in lengths and prefix.match(number) for prefix, lengths in _BRANDS)
    return branded and _passes_luhn(number)


def _passes_luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
