"""Money is an integer of minor units with its currency; no float ever touches it."""

import re
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_currency

# ISO 4217 exponents that differ from two. Rupiah keeps two: readers give whole
# rupiah, but processors' fees carry sen.
EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
_DECIMAL = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,3}))?", re.ASCII)


def exponent(currency: str) -> int:
    """How many decimals a currency has in our books."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (sen, for rupiah) of one ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def of_major(cls, units: int, currency: str) -> "Money":
        """Whole major units (rupiah, not sen) as Money."""
        return cls(units * 10 ** exponent(currency), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read a plain decimal in major units, such as ``25000`` or ``70.01``.

        Raises ValueError for anything else: signs other than a minus, exponents,
        grouping, digits of other scripts, or more decimals than the currency has.
        """
        match = _DECIMAL.fullmatch(text)
        if match is None:
            raise ValueError("not a plain decimal")
        sign, whole, fraction = match[1], match[2], match[3] or ""
        places = exponent(currency)
        if len(fraction.rstrip("0")) > places:
            raise ValueError("more decimals than the currency has")
        minor = int(whole) * 10**places + int(fraction[:places].ljust(places, "0") or "0")
        return cls(-minor if sign else minor, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.minor

    @property
    def is_whole(self) -> bool:
        """True when no minor units are left over (a reader's rupiah must be whole)."""
        return self.minor % int(10 ** exponent(self.currency)) == 0

    def as_decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def export_text(self) -> str:
        """Major units with all of the currency's decimals: ``25000.00``, ``-70.01``."""
        return format(self.as_decimal(), "f")

    def json_text(self) -> str:
        """Major units as the JSON API prints them: whole amounts without ``.00``."""
        text = self.export_text()
        return text.partition(".")[0] if self.is_whole else text

    def display(self, locale: str) -> str:
        """For people: ``Rp25.000`` in Indonesian, ``Rp25,000`` in English."""
        number = "#,##0" if self.is_whole else "#,##0." + "0" * exponent(self.currency)
        symbol = "'Rp'" if self.currency == "IDR" else "¤"
        return format_currency(
            self.as_decimal(),
            self.currency,
            f"{symbol}{number};-{symbol}{number}",
            locale=locale,
            currency_digits=False,
        )
