"""The effect ``mail``: write the letter that an outbox row names, and hand it to the postman.

A row's subject is the occasion and an id, such as ``privacy:…``. The address is opened when the
letter is written, so no row holds one, and a letter that has become pointless is not sent.
"""

from collections.abc import Callable, Mapping

import structlog
from sqlalchemy.orm import Session

from service.contributions import receipt_letter, receipts
from service.db import end_reading, transaction
from service.mail import postman
from service.mail.letter import Letter
from service.outbox.model import OutboxRow
from service.privacy import letters, records, requests
from service.wiring import Wiring

log = structlog.get_logger()

# By the occasion: makes the letter for an id, or None where nothing is to be said any more.
LETTERS: Mapping[str, Callable[[Session, str, Wiring], Letter | None]] = {
    requests.LETTER: letters.confirmation,
    receipts.LETTER: receipt_letter.letter,
}
# Notes that an address takes no mail, where somebody waits for what the letter brings about.
RETURNED: Mapping[str, Callable[[Session, str], None]] = {
    requests.LETTER: records.note_undeliverable,
}


class UnknownOccasion(Exception):
    """A row for a letter that this version of the service cannot write."""


def send(session: Session, wiring: Wiring, row: OutboxRow) -> None:
    """Send one letter; a server that is away leaves the row for later (MailUnavailable)."""
    occasion, _, id_ = row.subject.partition(":")
    if occasion not in LETTERS:
        raise UnknownOccasion
    letter = LETTERS[occasion](session, id_, wiring)
    end_reading(session)
    if letter is None:
        log.info("mail_not_needed", occasion=occasion, row=row.id)
        return
    if not postman.send(letter, wiring.settings) and occasion in RETURNED:
        with transaction(session):
            RETURNED[occasion](session, id_)
