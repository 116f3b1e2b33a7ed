"""The reader's form: what was typed, turned into the same body that the API takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.contributions import idempotency
from service.contributions.gift import Gift
from service.contributions.model import Contribution
from service.contributions.schemas import GiftBody
from service.errors import N_, ValidationFailed
from service.money import Money
from service.terms import sent as within_terms
from service.terms.payment_details import without_card_numbers
from service.terms.texts import Limits
from service.web.body import load
from service.wiring import Wiring

OTHER = "other"
_GROUPED = re.compile(
    r"(?:Rp\.?)?\s*(?:(\d{1,3}(?:[. ]\d{3})+)(?:,-|,00)?|(\d{1,3}(?:,\d{3})+)(?:\.00)?|(\d{1,12})(?:,-|,00|\.00)?)",
    re.IGNORECASE | re.ASCII,
)
_SPACES = {0x00A0: " ", 0x202F: " "}  # as sites print them between Rp and a number
_DIGITS = re.compile(r"\d{1,12}", re.ASCII)
_NO_TEXT = ("token", "article")  # signed by us; looked at when it was read
_ERROR_AT = {"other_amount": "amount"}
_FIELDS = ("article", "title", "amount", "other_amount", "message", "display_name", "anonymous", "email")


@dataclass(slots=True)
class Form:
    """What stands in the form's fields; ``again`` is the contribution that it replaces."""

    values: dict[str, str] = field(default_factory=dict)
    again: str | None = None

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


def empty(asked: Mapping[str, str]) -> Form:
    """A fresh form for the article that an address asks for."""
    return Form({"article": asked.get("article", ""), "title": asked.get("title", "")[:300]})


def typed(fields: Mapping[str, str]) -> Form:
    """The fields as they were sent."""
    return Form({name: fields.get(name, "") for name in _FIELDS}, fields.get("again") or None)


def kept(contribution: Contribution, limits: Limits, wiring: Wiring) -> Form:
    """The fields again from a contribution that is not paid, for the reader who sent it."""
    amount = contribution.amount
    preset = amount in limits.presets
    values = {
        "article": contribution.article_key,
        "title": contribution.article_title_hint or "",
        "amount": amount.json_text() if preset else OTHER,
        "other_amount": "" if preset else amount.json_text(),
        "message": contribution.message.text if contribution.message else "",
        "display_name": contribution.display_name or "",
        "anonymous": "" if contribution.display_name else "yes",
        # Where its key is gone, the reader types it again.
        "email": wiring.sealer.find(contribution.email_sealed, contribution.id) or "",
    }
    return Form(values, contribution.id)


def fitted(form: Form, limits: Limits) -> Form:
    """The same form under limits that may have changed since: an amount that is offered no longer
    stands as the other amount, so that nothing typed is lost."""
    amount = form["amount"]
    if amount in ("", OTHER, *(preset.json_text() for preset in limits.presets)):
        return form
    other = form["other_amount"] or amount
    return Form({**form.values, "amount": OTHER, "other_amount": other}, form.again)


def shown(form: Form, limits: Limits) -> Form:
    """The form as it goes back to its reader: all that was typed, but no card number (clause 5.2)."""
    again = without_card_numbers(form.again) if form.again else None
    fit = fitted(form, limits)
    return Form({name: without_card_numbers(text) for name, text in fit.values.items()}, again)


def read(form: Form, sent: Mapping[str, str], currency: str, locale: str) -> Gift:
    """The gift that a form asks for; pressing the button is the acceptance (clause 6.1).

    Raises ValidationFailed with an error a field, RecurringNotOffered (clause 4.1),
    EntitlementNotOffered (1.2), RefundNotOffered (4.2), PaymentDetailsRefused (5.2).
    """
    within_terms.refuse({_ERROR_AT.get(name, name): text for name, text in sent.items()}, _NO_TEXT)
    if sent.get("website"):
        # A field that people do not see was filled in, so this was no person.
        raise ValidationFailed({"website": ("invalid", N_("This form could not be sent."))})
    if form["amount"] not in (OTHER, "") and form["other_amount"].strip():
        raise ValidationFailed({"amount": ("two_amounts", N_("Two amounts were given. Please choose one."))})
    title = form["title"]
    body: dict[str, Any] = {
        "amount": _amount(form),
        "currency": currency,
        "message": form["message"],
        "display_name": form["display_name"],
        "anonymous": form["anonymous"] == "yes",
        "email": form["email"],
        "article": {"url": form["article"]} | ({"title": title} if title else {}),
        "locale": locale,
        "terms": {"version": sent.get("terms_version", ""), "accepted": True},
    }
    gift: Gift = load(GiftBody(), body)
    return gift


def find_amount(form: Form, currency: str) -> Money | None:
    """The whole amount that stands in a form, or None where there is none to say."""
    digits = _amount(form)
    return Money.of_major(int(digits), currency) if _DIGITS.fullmatch(digits) else None


def key_of_change(key: str, gift: Gift | None, secret: str) -> str:
    """The idempotency key of a form that was changed after it had been sent under a key."""
    changed = gift.fingerprint_body(gift.article_url) if gift else {}
    return idempotency.fingerprint(secret, {"before": key, "changed": changed})


def _amount(form: Form) -> str:
    """Digits out of a preset, or out of what was typed: 25000, 25.000 and Rp25.000."""
    text = form["other_amount"] if form["amount"] in (OTHER, "") else form["amount"]
    text = text.strip().translate(_SPACES)
    match = _GROUPED.fullmatch(text)
    if match is None:
        return text
    return re.sub(r"\D", "", match[1] or match[2] or match[3], flags=re.ASCII)
