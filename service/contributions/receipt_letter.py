"""The receipt as a letter: once for each contribution, after it was paid."""

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from service.contributions import receipt_text, receipts
from service.contributions.receipts import Receipt
from service.mail.letter import Letter
from service.wiring import Wiring


def letter(session: Session, contribution_id: str, wiring: Wiring) -> Letter | None:
    """The letter in the language in which the reader gave, or None where none is to be sent any
    more. Its Message-ID and date are the same however often it is sent."""
    found = receipts.addressed(session, contribution_id, wiring)
    if found is None:
        return None
    receipt = found.receipt
    with force_locale(receipt.locale):
        told = _told(receipt, wiring)
        return Letter(
            to=found.to,
            subject=f"{told['title']} ({receipt.reference})",
            text=render_template("contributions/receipt.txt", **told),
            html=render_template("contributions/receipt.mail.html", **told),
            ref=f"{receipts.LETTER}:{contribution_id}",
            at=receipt.known_at,
            locale=receipt.locale,
        )


def _told(receipt: Receipt, wiring: Wiring) -> dict[str, object]:
    settings, id_ = wiring.settings, receipt.contribution_id
    public, language = settings.public_url, receipt.locale
    return {
        "language": language,
        "title": receipt_text.title(receipt),
        "lead": _(
            "Your contribution was sent. Thank you for being part of the journalism of %(publisher)s.",
            publisher=receipt.terms.publisher,
        ),
        "lines": receipt_text.lines(receipt, public),
        "statements": receipt.statements,
        "own_url": f"{public}/contributions/{id_}?lang={language}",
        "print_url": f"{public}{receipts.path(id_, settings)}&lang={language}",
        "privacy_url": settings.privacy_url,
    }
