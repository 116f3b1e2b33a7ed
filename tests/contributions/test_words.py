"""Amounts in words, in the languages of the readers."""

import pytest

from service.contributions.words import amount_in_words
from service.money import Money

SAID = [
    (0, "nol rupiah", "zero rupiah"),
    (1, "satu rupiah", "one rupiah"),
    (11, "sebelas rupiah", "eleven rupiah"),
    (19, "sembilan belas rupiah", "nineteen rupiah"),
    (20, "dua puluh rupiah", "twenty rupiah"),
    (45, "empat puluh lima rupiah", "forty-five rupiah"),
    (100, "seratus rupiah", "one hundred rupiah"),
    (111, "seratus sebelas rupiah", "one hundred eleven rupiah"),
    (1000, "seribu rupiah", "one thousand rupiah"),
    (1999, "seribu sembilan ratus sembilan puluh sembilan rupiah", "one thousand nine hundred ninety-nine rupiah"),
    (25_000, "dua puluh lima ribu rupiah", "twenty-five thousand rupiah"),
    (100_000, "seratus ribu rupiah", "one hundred thousand rupiah"),
    (111_000, "seratus sebelas ribu rupiah", "one hundred eleven thousand rupiah"),
    (1_000_000, "satu juta rupiah", "one million rupiah"),
    (10_000_000, "sepuluh juta rupiah", "ten million rupiah"),
    (2_001_000_000, "dua miliar satu juta rupiah", "two billion one million rupiah"),
]  # fmt: skip


@pytest.mark.parametrize(("units", "indonesian", "english"), SAID)
def test_an_amount_is_said_as_people_say_it(units: int, indonesian: str, english: str) -> None:
    amount = Money.of_major(units, "IDR")
    assert amount_in_words(amount, "id") == indonesian
    assert amount_in_words(amount, "en") == english


def test_another_currency_is_named() -> None:
    assert amount_in_words(Money.of_major(5, "USD"), "en") == "five US dollars"


@pytest.mark.parametrize(
    "amount", [Money(2_500_001, "IDR"), Money(-100, "IDR"), Money.of_major(10**12, "IDR")]
)
def test_what_has_no_words_is_refused(amount: Money) -> None:
    with pytest.raises(ValueError, match="words"):
        amount_in_words(amount, "id")
