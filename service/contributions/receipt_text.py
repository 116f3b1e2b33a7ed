"""The words of a receipt: the same ones in the mail's text, in its HTML and on the page to print."""

from dataclasses import dataclass

from flask_babel import gettext as _

from service.contributions.receipts import Receipt
from service.contributions.words import amount_in_words
from service.web.language import moment


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a receipt states; ``href`` is where more of it can be seen, ``more`` is said
    beside it."""

    label: str
    value: str
    href: str | None = None
    more: str | None = None


def title(receipt: Receipt) -> str:
    """What it is."""
    return str(_("Receipt for your contribution to %(publisher)s", publisher=receipt.terms.publisher))


def lines(receipt: Receipt, public_url: str) -> list[Line]:
    """What a receipt states, in the language that is spoken now."""
    locale, terms = receipt.locale, receipt.terms
    article = Line(_("Article"), receipt.title or receipt.article, receipt.article)
    return [
        Line(_("Publisher"), terms.publisher),
        Line(_("Reference"), receipt.reference),
        Line(_("Amount"), receipt.amount.display(locale), more=amount_in_words(receipt.amount, locale)),
        Line(_("Paid"), moment(receipt.paid_at, locale)),
        Line(_("Paid through"), receipt.processor),
        article,
        Line(_("Terms you agreed to"), _("Version %(version)s", version=terms.version), f"{public_url}/terms/{terms.version}?lang={locale}"),
    ]  # fmt: skip
