"""What the terms rule out, as a reader may ask for it by API and by page, and what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.errors import (
    ArticleNotAllowed,
    EntitlementNotOffered,
    FeatureClosed,
    PaymentDetailsRefused,
    RecurringNotOffered,
    RefundNotOffered,
    Refusal,
    TermsNotAccepted,
    TermsOutdated,
    ValidationFailed,
)
from tests.support.desk import ARTICLE, VERSION

CARD = "4242 4242 4242 4242"
FOREIGN = "https://example.com/a"
_LONG = "panjang " * 40


@dataclass(frozen=True)
class Asked:
    """One thing asked for: changes to a proper gift, the refusal, and its field's code if any.

    ``clause`` is the clause that the answer names; ``closed`` that the feature is.
    """

    name: str
    by_api: Mapping[str, Any]
    by_page: Mapping[str, str]
    refusal: type[Refusal]
    clause: str | None
    errors: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False

    @property
    def has_form(self) -> bool:
        """Whether the page that answers is the form again."""
        return self.refusal is not ArticleNotAllowed and not self.closed


def _named(names: str, refusal: type[Refusal], clause: str) -> list[Asked]:
    return [Asked(f"{clause}-{name}", {name: True}, {name: "yes"}, refusal, clause) for name in names.split()]


def _held(place: str, by_api: Mapping[str, Any], by_page: Mapping[str, str]) -> Asked:
    at = {place: "payment_details_refused"}
    return Asked(f"5.2-{place}", by_api, by_page, PaymentDetailsRefused, "5.2", at)


def _agreed(name: str, agreed: Any, version: str, refusal: type[Refusal]) -> Asked:
    return Asked(f"6.1-{name}", {"terms": agreed}, {"terms_version": version}, refusal, "6.1")


ASKED = [
    Asked("1.1-foreign", {"article": {"url": FOREIGN}}, {"article": FOREIGN}, ArticleNotAllowed, "1.1"),
    *_named("reward perk tier entitlement membership plan badge", EntitlementNotOffered, "1.2"),
    Asked("1.2-nested", {"article": {"url": ARTICLE, "rewardLevel": 3}}, {"reward_level": "3"}, EntitlementNotOffered, "1.2"),
    Asked("1.2-too-little", {"amount": "9999"}, {"amount": "other", "other_amount": "9.999"}, ValidationFailed, None, {"amount": "too_small"}),
    Asked("1.2-too-much", {"amount": "10000001"}, {"amount": "other", "other_amount": "10000001"}, ValidationFailed, None, {"amount": "too_large"}),
    Asked("3.1-message", {"message": _LONG}, {"message": _LONG}, ValidationFailed, None, {"message": "too_long"}),
    Asked("3.1-name", {"display_name": _LONG}, {"display_name": _LONG}, ValidationFailed, None, {"display_name": "too_long"}),
    *_named("recurring interval frequency subscription billing_interval", RecurringNotOffered, "4.1"),
    Asked("4.1-off", {"recurring": False}, {"recurring": ""}, RecurringNotOffered, "4.1"),
    Asked("4.1-nested", {"terms": {"version": VERSION, "accepted": True, "interval": "month"}}, {"terms.interval": "month"}, RecurringNotOffered, "4.1"),
    *_named("refund refundable", RefundNotOffered, "4.2"),
    Asked("4.3-closed", {}, {}, FeatureClosed, "4.3", closed=True),
    _held("message", {"message": f"kartu {CARD}"}, {"message": f"kartu {CARD}"}),
    _held("display_name", {"display_name": CARD}, {"display_name": CARD}),
    _held("email", {"email": f"{CARD.replace(' ', '')}@example.com"}, {"email": f"{CARD.replace(' ', '.')}@example.com"}),
    _held("amount", {"amount": CARD.replace(" ", "")}, {"amount": "other", "other_amount": CARD}),
    Asked("5.2-title", {"article": {"url": ARTICLE, "title": CARD}}, {"title": CARD}, PaymentDetailsRefused, "5.2"),
    Asked("5.2-address", {"article": {"url": f"{ARTICLE}/{CARD.replace(' ', '-')}"}}, {"article": f"{ARTICLE}/{CARD.replace(' ', '-')}"}, PaymentDetailsRefused, "5.2"),
    Asked("5.2-unknown", {"card_number": CARD}, {"card_number": CARD}, PaymentDetailsRefused, "5.2"),
    _agreed("no", {"version": VERSION, "accepted": False}, "", TermsNotAccepted),
    _agreed("text", {"version": VERSION, "accepted": "true"}, "", TermsNotAccepted),
    _agreed("no-version", {"accepted": True}, "", TermsNotAccepted),
    _agreed("missing", None, "", TermsNotAccepted),
    _agreed("old", {"version": "2020-01", "accepted": True}, "2020-01", TermsOutdated),
]  # fmt: skip
