"""Amounts as Stripe counts them, both ways, for every currency that it and our books know."""

import re

import pytest
from babel import Locale
from hypothesis import assume, given
from hypothesis import strategies as st

from service.money import Money, exponent
from service.processors.stripe.amounts import from_stripe, to_stripe

TWELVE_DIGITS = 999_999_999_999
CODES = sorted(code for code in Locale("en").currencies if re.fullmatch("[A-Z]{3}", code))
ZERO_DECIMAL = {
    *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
    *("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
}
THREE_DECIMAL = {"BHD", "JOD", "KWD", "OMR", "TND"}
WHOLE_HUNDREDS = ("ISK", "UGX")


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [
        ("50000", "IDR", 5_000_000),
        ("10000", "IDR", 1_000_000),
        ("25000.50", "IDR", 2_500_050),
        ("9999999999.99", "IDR", TWELVE_DIGITS),
        ("0.50", "USD", 50),
        ("12.34", "EUR", 1_234),
        ("500", "JPY", 500),
        ("1000", "KRW", 1_000),
        ("1", "CLP", 1),
        ("500", "UGX", 50_000),
        ("5", "ISK", 500),
        ("1500", "MGA", 1_500),
        ("1.230", "BHD", 1_230),
        ("7.01", "KWD", 7_010),
        ("1", "TND", 1_000),
        ("999999999999", "JPY", TWELVE_DIGITS),
    ],
)
def test_amounts_go_and_come_back(text: str, currency: str, units: int) -> None:
    amount = Money.parse(text, currency)
    assert to_stripe(amount) == units
    assert from_stripe(units, currency.lower()) == amount


@pytest.mark.parametrize(
    ("minor", "currency"),
    [
        (1_231, "BHD"),
        (1, "KWD"),
        (99, "MGA"),
        (150_050, "MGA"),
        (TWELVE_DIGITS + 1, "IDR"),
        (TWELVE_DIGITS + 1, "JPY"),
        (10_000_000_000, "UGX"),
        (0, "IDR"),
        (-2_500_000, "IDR"),
        (-1, "JPY"),
    ],
)
def test_what_stripe_cannot_take_is_refused(minor: int, currency: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        to_stripe(Money(minor, currency))


@pytest.mark.parametrize(("units", "currency"), [(150, "isk"), (50_001, "ugx"), (-99, "isk")])
def test_a_fraction_that_our_books_do_not_count_is_refused(units: int, currency: str) -> None:
    with pytest.raises(ValueError, match="fraction"):
        from_stripe(units, currency)


@pytest.mark.parametrize(
    ("units", "currency", "minor"),
    [(-1_050, "idr", -1_050), (-300, "jpy", -300), (-500, "isk", -5), (-7, "mga", -700), (0, "idr", 0)],
)
def test_what_comes_may_be_negative_or_nothing(units: int, currency: str, minor: int) -> None:
    assert from_stripe(units, currency) == Money(minor, currency.upper())


@given(currency=st.sampled_from(CODES), minor=st.integers(-(10**9), 10**14))
def test_whatever_can_be_sent_comes_back_the_same(currency: str, minor: int) -> None:
    amount = Money(minor, currency)
    try:
        units = to_stripe(amount)
    except ValueError:
        assume(False)
    assert 0 < units <= TWELVE_DIGITS
    assert from_stripe(units, currency.lower()) == amount


@given(currency=st.sampled_from(CODES), major=st.integers(1, 999_999))
def test_whole_units_of_every_currency_can_be_sent(currency: str, major: int) -> None:
    """A unit is one, a hundred or a thousand of Stripe's, by its own list."""
    factor = 1 if currency in ZERO_DECIMAL else 1_000 if currency in THREE_DECIMAL else 100
    amount = Money.of_major(major, currency)
    assert to_stripe(amount) == major * factor
    assert from_stripe(major * factor, currency.lower()) == amount


@given(currency=st.sampled_from(CODES), units=st.integers(-TWELVE_DIGITS, TWELVE_DIGITS))
def test_whatever_comes_in_whole_goes_back_the_same(currency: str, units: int) -> None:
    try:
        amount = from_stripe(units, currency.lower())
    except ValueError:
        assert exponent(currency) < (3 if currency in THREE_DECIMAL else 2)
        return
    if units <= 0 or (currency in THREE_DECIMAL and units % 10):
        with pytest.raises(ValueError, match=r"\w"):
            to_stripe(amount)
    else:
        assert to_stripe(amount) == units


@given(currency=st.sampled_from(WHOLE_HUNDREDS), minor=st.integers(1, 10**9))
def test_iceland_and_uganda_are_sent_in_whole_hundreds(currency: str, minor: int) -> None:
    assert exponent(currency) == 0
    assert to_stripe(Money(minor, currency)) == minor * 100
