"""What a reader sends, and how it is compared."""

from dataclasses import dataclass
from typing import Any

from service.contributions.agreeing import Agreement
from service.money import Money


@dataclass(frozen=True, slots=True)
class Gift:
    """What a reader sends, validated in shape and normalised; the truth is checked here."""

    amount: Money
    article_url: str
    article_title: str | None
    article_section: str | None
    locale: str
    terms_version: str | None
    terms_accepted: bool
    message: str | None = None
    display_name: str | None = None
    anonymous: bool = False
    email: str | None = None

    @property
    def shown_name(self) -> str | None:
        """Clause 1.2: anonymous drops the name before anything is stored."""
        return None if self.anonymous else self.display_name

    @property
    def agreement(self) -> Agreement:
        """What is agreed to by sending it (clause 6.1)."""
        return Agreement(self.terms_version, self.terms_accepted, self.locale)

    def fingerprint_body(self, article_key: str) -> dict[str, Any]:
        """The body as it is compared between two uses of one key."""
        return {
            "amount": self.amount.minor,
            "currency": self.amount.currency,
            "article": article_key,
            "article_title": self.article_title,
            "locale": self.locale,
            "terms": [self.terms_version, self.terms_accepted],
            "message": self.message,
            "display_name": self.shown_name,
            "email": self.email,
        }
