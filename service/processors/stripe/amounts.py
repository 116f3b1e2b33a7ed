"""Amounts as Stripe counts them, which is not ISO 4217 everywhere (docs.stripe.com/currencies)."""

from service.money import Money, exponent

_ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])  # the last digit is always 0
_LARGEST = 999_999_999_999  # twelve digits, which Stripe takes for rupiah


def to_stripe(amount: Money) -> int:
    """Our minor units as Stripe's: Rp50.000 is 5000000, ¥500 is 500, USh500 is 50000.

    Raises ValueError for what Stripe cannot take: fractions it does not count, or too much.
    """
    shift = _exponent(amount.currency) - exponent(amount.currency)
    units = amount.minor * 10**shift if shift >= 0 else _exactly(amount.minor, 10**-shift)
    if amount.currency in _THREE_DECIMAL and units % 10:
        raise ValueError(f"{amount.currency} is sent in tens of its smallest unit")
    if not 0 < units <= _LARGEST:
        raise ValueError("beyond what Stripe takes")
    return units


def from_stripe(units: int, currency: str) -> Money:
    """Stripe's units as ours, signed; ``currency`` in Stripe's small letters.

    Raises ValueError for a fraction that our books do not count.
    """
    code = currency.upper()
    shift = exponent(code) - _exponent(code)
    return Money(units * 10**shift if shift >= 0 else _exactly(units, 10**-shift), code)


def _exponent(currency: str) -> int:
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def _exactly(units: int, divisor: int) -> int:
    whole, rest = divmod(units, divisor)
    if rest:
        raise ValueError("a fraction of the smallest unit")
    return whole
