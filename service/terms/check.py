"""What the terms allow, decided before anything is written (pure)."""

from collections.abc import Mapping
from datetime import datetime

from service.errors import (
    N_,
    PaymentDetailsRefused,
    TermsNotAccepted,
    TermsOutdated,
    ValidationFailed,
)
from service.money import Money
from service.plain_text import fits
from service.terms.library import Library
from service.terms.payment_details import holds_card_number
from service.terms.texts import Limits, TermsText


def refuse_payment_details(texts: Mapping[str, str | None]) -> None:
    """Clause 5.2: no text, by field, may hold a card number."""
    for field, text in texts.items():
        if text and holds_card_number(text):
            raise PaymentDetailsRefused(field)


def accepted_text(
    library: Library, at: datetime, locale: str, version: str | None, accepted: bool
) -> TermsText:
    """Clause 6.1: the exact text that is agreed to by sending.

    Raises TermsNotAccepted without an acceptance, TermsOutdated for a version that is not
    the one in force.
    """
    if not accepted or not version:
        raise TermsNotAccepted
    in_force = library.in_force(at, locale)
    if version != in_force.version:
        raise TermsOutdated(in_force.version)
    return in_force


def require_amount_within(limits: Limits, amount: Money) -> None:
    """Clause 1.2: a free choice of amount, in whole rupiah, within the limits of the terms."""
    if amount.currency != limits.currency:
        raise ValidationFailed({"currency": ("unsupported", N_("This currency is not offered."))})
    if not amount.is_whole:
        raise ValidationFailed({"amount": ("not_whole", N_("Whole rupiah only, without sen."))})
    if amount < limits.minimum:
        raise ValidationFailed({"amount": ("too_small", N_("The amount is below the minimum."))})
    if amount > limits.maximum:
        raise ValidationFailed({"amount": ("too_large", N_("The amount is above the maximum."))})


def require_texts_within(limits: Limits, message: str | None, display_name: str | None) -> None:
    """Clause 3.1: a short message, counted in graphemes as the browser counts them."""
    errors = {}
    if message and not fits(message, limits.message_graphemes):
        errors["message"] = ("too_long", N_("The message is longer than allowed."))
    if display_name and not fits(display_name, limits.name_graphemes):
        errors["display_name"] = ("too_long", N_("The name is longer than allowed."))
    if errors:
        raise ValidationFailed(errors)
