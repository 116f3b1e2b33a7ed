"""What readers type: within the terms, amounts in major units, storable text."""

import re
from collections.abc import Callable, Collection
from typing import Any, ClassVar

from marshmallow import Schema, fields, pre_load, validate

from service.errors import N_
from service.plain_text import clean_line, clean_paragraphs
from service.terms import sent
from service.web.body import MISSING, FieldError, Text

_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
_LONGEST = 20_000


class ReaderBody(Schema):
    """What readers send: refused by clause (1.2, 4.1, 4.2, 5.2) before anything else is looked at."""

    apart: ClassVar[Collection[str]] = ()  # paths of no concern to clause 5.2

    @pre_load
    def within_the_terms(self, data: Any, **_: Any) -> Any:
        """Raises RecurringNotOffered, EntitlementNotOffered, RefundNotOffered, PaymentDetailsRefused."""
        if isinstance(data, dict):
            sent.refuse(data, self.apart)
        return data


class Amount(fields.Field[str]):
    """A decimal string or an integer in major units; a JSON float is refused.

    Loads as the decimal's text: the currency beside it decides what it is worth.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, str) and not value.strip():
            raise FieldError("required", MISSING)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise FieldError("not_an_amount", N_("Write the amount as digits, such as 25000."))
        if isinstance(value, int) and not 0 <= value < 10**12:
            raise FieldError("not_an_amount", N_("Write the amount as digits, such as 25000."))
        text = str(value).strip()
        if not _PLAIN.fullmatch(text):
            raise FieldError("not_an_amount", N_("Write the amount as digits, such as 25000."))
        return text


class _Cleaned(Text):
    """Text that was cleaned; empty text loads as None."""

    clean: Callable[[str], str] = staticmethod(clean_line)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > _LONGEST:
            raise FieldError("too_long", N_("This text is too long."))
        return type(self).clean(text) or None


class Line(_Cleaned):
    """One line of text."""


class Paragraphs(_Cleaned):
    """Text with line breaks."""

    clean = staticmethod(clean_paragraphs)


def at_most(count: int) -> Callable[[str | None], object]:
    """A validator for texts that may be blank, which load as None: so many characters at most."""
    length = validate.Length(max=count)
    return lambda text: None if text is None else length(text)


class Email(Line):
    """An address for the receipt, in shape only."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is None:
            return None
        if len(text) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
            raise FieldError("not_email", N_("This is not an e-mail address."))
        return text
