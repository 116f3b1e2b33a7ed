"""Whole amounts in words, as people check them: ``dua puluh lima ribu rupiah``.

``static/form.js`` says the same while an amount is typed; a test holds the two together.
"""

from collections.abc import Callable

from babel.numbers import get_currency_name

from service.money import Money, exponent

_ID = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")  # fmt: skip
_ID_SCALES = ((10**9, "miliar"), (10**6, "juta"), (1000, "ribu"), (100, "ratus"))
_EN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_BELOW = 10**12


def amount_in_words(amount: Money, locale: str) -> str:
    """An amount of whole major units below a thousand milliards, in words with its currency.

    Raises ValueError for anything else: readers give whole rupiah.
    """
    units = amount.minor // 10 ** exponent(amount.currency)
    if not amount.is_whole or not 0 <= units < _BELOW:
        raise ValueError("no whole amount that has words")
    name = "rupiah" if amount.currency == "IDR" else get_currency_name(amount.currency, units, locale)
    return f"{_indonesian(units) if locale == 'id' else _english(units)} {name}"


def _indonesian(number: int) -> str:
    if number < len(_ID):
        return _ID[number]
    if number < 20:
        return f"{_ID[number - 10]} belas"
    for scale, name in _ID_SCALES:
        if number >= scale:
            many, rest = divmod(number, scale)
            head = f"se{name}" if many == 1 and scale <= 1000 else f"{_indonesian(many)} {name}"
            return _with_rest(head, _indonesian, rest)
    tens, rest = divmod(number, 10)
    return _with_rest(f"{_ID[tens]} puluh", _indonesian, rest)


def _english(number: int) -> str:
    if number < len(_EN):
        return _EN[number]
    for scale, name in _EN_SCALES:
        if number >= scale:
            many, rest = divmod(number, scale)
            return _with_rest(f"{_english(many)} {name}", _english, rest)
    tens, rest = divmod(number, 10)
    return f"{_EN_TENS[tens]}-{_EN[rest]}" if rest else _EN_TENS[tens]


def _with_rest(head: str, say: Callable[[int], str], rest: int) -> str:
    return f"{head} {say(rest)}" if rest else head
