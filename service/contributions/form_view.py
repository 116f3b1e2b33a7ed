"""What the reader's form shows, on its own page and in the widget alike."""

from typing import Any

from service import clock
from service.articles.address import Address
from service.articles.registry import find_title
from service.contributions import feature, form, share
from service.contributions.form import Form
from service.contributions.words import amount_in_words
from service.db import db
from service.errors import Refusal
from service.mail import postman
from service.terms.texts import Limits, TermsText
from service.web.errors import problem
from service.web.language import current
from service.wiring import current_wiring


def text() -> TermsText:
    """The terms in force, in the language of this request."""
    return current_wiring().terms.in_force(clock.now(), current())


def of(filled: Form, address: Address, token: str, refusal: Refusal | None = None) -> dict[str, Any]:
    """Everything that the form's templates name, for an article of ours."""
    limits, title = text().limits, find_title(db.session, address.key)
    shown = form.shown(filled, limits)
    return {
        "feature": feature.describe(db.session, current_wiring(), current(), address),
        "limits": limits,
        "form": shown,
        "words": _words(shown, limits),
        "article": address.key,
        "article_title": title,
        "share": share.of(address, title),
        "token": token,
        "receipts": postman.can_send(current_wiring().settings),
        "problem": problem(refusal) if refusal else None,
    }


def _words(shown: Form, limits: Limits) -> str:
    """The amount that stands in the form, in words; empty where none does."""
    amount = form.find_amount(shown, limits.currency)
    return amount_in_words(amount, current()) if amount else ""
