"""Texts that hold a card number, made from a seed: every brand and length, in every spelling, anywhere."""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

from service.terms.brands import BRANDS, passes_luhn

# Digits from 0 to 9 of other scripts and shapes, by their zero.
_ZEROS = (
    0xFF10,
    0x0660,
    0x06F0,
    0x0966,
    0x09E6,
    0x0E50,
    0x1040,
    0x17E0,
    0x1B50,
    0xA9D0,
    0x1D7CE,
    0x1D7F6,
    0x1FBF0,
)
_SHAPES = ("⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉", "⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "〇一二三四五六七八九")
_UNSEEN = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\ufe0f", "\u200e")
_GAPS = (
    " ",
    "-",
    ".",
    "/",
    "_",
    ",",
    "\u00a0",
    "\u2009",
    "\u3000",
    "\u2013",
    "\u2014",
    "\u2011",
    "\u30fb",
    "\u30fc",
    "\u3164",
    "·",
    "|",
    "*",
)
_WIDE = (
    " - ",
    "--",
    "  ",
    "\n",
    "\r\n",
    " . ",
    ", ",
    " / ",
    "…",
    ") (",
    " • ",
    "\t",
    " 🙂 ",
    "- \n",
    "          ",
)
_PREFIXES = {
    "Visa": ("4",), "Mastercard": ("51", "52", "53", "54", "55", "2221", "2229", "223", "23", "26", "270", "271", "2720"),
    "American Express": ("34", "37"), "JCB": ("3528", "3529", "353", "358"), "JCB, old": ("1800", "2131"),
    "Discover": ("6011", "644", "649", "65"), "UnionPay": ("62", "81"),
    "Diners Club": ("300", "305", "309", "36", "38", "39"),
    "Maestro": ("50", "56", "57", "58", "6304", "6390", "6759", "67"),
    "GPN (Indonesia)": ("1946", "50", "56", "58", "60", "61", "62", "63"),
    "RuPay": ("60", "65", "81", "82", "508", "353", "356"), "Mir": ("2200", "2204"), "Troy": ("9792",), "NAPAS": ("9704",),
}  # fmt: skip


def numbers(chance: random.Random) -> Iterator[str]:
    """Card numbers without end, each brand, length and prefix in its turn."""
    kinds = [
        (prefix, length)
        for brand in BRANDS
        for prefix in _PREFIXES[brand.name]
        for length in brand.lengths
    ]  # fmt: skip
    for prefix, length in cycle(kinds):
        body = prefix + "".join(str(chance.randrange(10)) for _ in range(length - len(prefix) - 1))
        yield next(body + str(last) for last in range(10) if passes_luhn(body + str(last)))


def _fours(number: str) -> list[str]:
    if len(number) == 15:
        return [number[:4], number[4:10], number[10:]]
    return [number[start : start + 4] for start in range(0, len(number), 4)]


def _anyhow(number: str, chance: random.Random) -> list[str]:
    cuts = sorted(chance.sample(range(1, len(number)), chance.randint(1, len(number) - 1)))
    return [number[start:end] for start, end in zip([0, *cuts], [*cuts, len(number)], strict=True)]


def _join(parts: Sequence[str], gap: Callable[[], str]) -> str:
    return parts[0] + "".join(gap() + part for part in parts[1:])


def _other_digits(number: str, chance: random.Random) -> str:
    """In digits of one other script, or each digit of any."""
    tables = ["".join(chr(zero + digit) for digit in range(10)) for zero in _ZEROS]
    tables += _SHAPES
    if chance.random() < 0.7:
        tables = [chance.choice(tables)]
    return "".join(chance.choice(tables)[int(digit)] for digit in number)


def _keycaps(number: str, chance: random.Random) -> str:
    return "".join(f"{digit}\ufe0f\u20e3" for digit in number)


def _two_gaps(number: str, chance: random.Random) -> str:
    gaps = chance.sample(_GAPS + _WIDE, 2)
    return _join(_anyhow(number, chance), lambda: chance.choice(gaps))


SPELLINGS: dict[str, Callable[[str, random.Random], str]] = {
    "plain": lambda number, _: number,
    "in fours": lambda number, chance: chance.choice(" -.").join(_fours(number)),
    "in fours, any gap": lambda number, chance: chance.choice(_GAPS + _WIDE).join(_fours(number)),
    "digit by digit": lambda number, chance: chance.choice(_GAPS + _WIDE).join(number),
    "split anyhow, one gap": lambda number, chance: chance.choice(_GAPS + _WIDE).join(_anyhow(number, chance)),
    "split anyhow, two gaps": _two_gaps,
    "split anyhow, any gaps": lambda number, chance: _join(
        _anyhow(number, chance), lambda: chance.choice(_GAPS + _WIDE)
    ),
    "at line breaks": lambda number, chance: chance.choice(("\n", "\r\n", " \n ", "-\n")).join(_fours(number)),
    "without width": lambda number, chance: _join(_anyhow(number, chance), lambda: chance.choice(_UNSEEN)),
    "other digits": _other_digits,
    "other digits in fours": lambda number, chance: chance.choice(_GAPS + _WIDE).join(
        _fours(_other_digits(number, chance))
    ),
    "keycaps": _keycaps,
}  # fmt: skip


def _phone(chance: random.Random) -> str:
    digits = f"08{chance.randrange(10**9, 10**10)}"
    return chance.choice((" ", "-", "")).join((digits[:4], digits[4:8], digits[8:]))


def _other_number(chance: random.Random) -> str:
    return chance.choice(
        (
            _phone(chance), f"{chance.randint(1, 12):02}/{chance.randint(26, 32)}", str(chance.randint(100, 999)),
            "24/11/2026", "14.05", "10.000.000", "2026", f"{chance.randrange(10**6)}", "021-5551234",
            f"{chance.randint(1, 12):02}{chance.randint(26, 32)}",
        )
    )  # fmt: skip


_WORDS = (
    "kartu",
    "Bayar pakai",
    "no kartu saya",
    "my card is",
    "CC:",
    "debit",
    "ini ya,",
    "tolong tarik dari",
    "VISA",
    "valid",
    "exp",
    "cvv",
)
_ENDS = ("ya", "terima kasih", "!", ".", "thanks", "exp 12/28 cvv 123", "🙏", ")", "", "a.n. Budi")
PLACES: dict[str, Callable[[str, random.Random], str]] = {
    "alone": lambda card, _: card,
    "among words": lambda card, chance: f"{chance.choice(_WORDS)} {card} {chance.choice(_ENDS)}",
    "against letters": lambda card, chance: f"{chance.choice(('no', 'kartu', 'Budi', 'x'))}{card}{chance.choice(('ya', 'Z', 'é', 'ك'))}",
    "in brackets": lambda card, _: f"({card})",
    "after a number": lambda card, chance: f"{_other_number(chance)}{chance.choice((' ', ', ', ' / ', chr(10)))}{card}",
    "before a number": lambda card, chance: f"{card}{chance.choice((' ', ', ', ' / ', chr(10)))}{_other_number(chance)}",
    "between numbers": lambda card, chance: f"{_other_number(chance)} {card} {_other_number(chance)}",
    "in a long text": lambda card, chance: f"{'Semoga jurnalisme tetap hidup. ' * chance.randint(1, 6)}{card} {'Terima kasih! ' * chance.randint(0, 3)}",
    "in an e-mail address": lambda card, chance: f"{chance.choice(('', 'budi.', 'x_'))}{card}@example.com",
    "in a name": lambda card, _: f"Sri {card} Wahyuni",
}  # fmt: skip


def texts(seed: int, count: int = 10_000) -> Iterator[tuple[str, str]]:
    """So many texts with their kind: a spelling, in the places one after the other."""
    chance = random.Random(seed)
    number = numbers(chance)
    for _, spelling, place in zip(
        range(count), cycle(SPELLINGS), _turning(PLACES, len(SPELLINGS)), strict=False
    ):
        card = SPELLINGS[spelling](next(number), chance)
        if chance.random() < 0.05:
            card = f"{card}{chance.choice((' ', ', ', ' dan '))}{SPELLINGS[spelling](next(number), chance)}"
        yield spelling, PLACES[place](card, chance)


def _turning(names: Sequence[str] | dict[str, object], rounds: int) -> Iterator[str]:
    """Each name for a whole round of the others."""
    for name in cycle(names):
        yield from [name] * rounds
