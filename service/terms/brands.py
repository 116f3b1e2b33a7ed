"""Which numbers payment cards bear: brand prefixes, their lengths, and the check digit (pure)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand's numbers; ``prefix`` is a pattern of their first digits."""

    name: str
    prefix: str
    lengths: Sequence[int]


# From the brands' public numbering ranges (ISO/IEC 7812), those of Indonesia's domestic scheme included.
BRANDS = (
    Brand("Visa", r"4", (13, 16, 19)),
    Brand("Mastercard", r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    Brand("American Express", r"3[47]", (15,)),
    Brand("JCB", r"352[89]|35[3-8]", (16, 17, 18, 19)),
    Brand("JCB, old", r"1800|2131", (15,)),
    Brand("Discover", r"6011|64[4-9]|65", (16, 17, 18, 19)),
    Brand("UnionPay", r"62|81", (16, 17, 18, 19)),
    Brand("Diners Club", r"30[0-59]|3[689]", (14, 15, 16, 17, 18, 19)),
    Brand("Maestro", r"50|5[678]|6304|6390|67", (12, 13, 14, 15, 16, 17, 18, 19)),
    Brand("GPN (Indonesia)", r"1946|50|5[68]|6[0-3]", (16, 18, 19)),
    Brand("RuPay", r"60|65|8[12]|508|353|356", (16,)),
    Brand("Mir", r"220[0-4]", (16, 17, 18, 19)),
    Brand("Troy", r"9792", (16,)),
    Brand("NAPAS", r"9704", (16, 19)),
)


def _by_length() -> Mapping[int, re.Pattern[str]]:
    prefixes: dict[int, list[str]] = {}
    for brand in BRANDS:
        for length in brand.lengths:
            prefixes.setdefault(length, []).append(brand.prefix)
    return {length: re.compile("|".join(found)) for length, found in prefixes.items()}


_PREFIXES = _by_length()
SHORTEST, LONGEST = min(_PREFIXES), max(_PREFIXES)
_DOUBLED = dict(zip("0123456789", (0, 2, 4, 6, 8, 1, 3, 5, 7, 9), strict=True))  # the digits of twice it


def is_card_number(digits: str) -> bool:
    """Brand prefix, that brand's length and the check digit together."""
    prefix = _PREFIXES.get(len(digits))
    return prefix is not None and prefix.match(digits) is not None and passes_luhn(digits)


def passes_luhn(digits: str) -> bool:
    """The check of ISO/IEC 7812, over the last digit too."""
    as_they_are, doubled = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, as_they_are)) + sum(map(_DOUBLED.__getitem__, doubled))) % 10 == 0
