"""What follows an act once it is committed: files, the log outside, and an SQLite file's leftovers."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.mail import folder
from service.privacy import disk, log
from service.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Whose mails must go from the development folder, and whether a certificate was issued."""

    addresses: frozenset[str]
    lasting: bool


def clear(session: Session, after: Aftermath, wiring: Wiring) -> None:
    """Do what the transaction could not; a schedule does again what a crash leaves out."""
    if after.addresses:
        folder.forget(wiring.settings.mail_folder, after.addresses)
    if after.lasting:
        tidy(session, wiring)


def tidy(session: Session, wiring: Wiring) -> bool:
    """Bring the log up to the certificates, and scrub an SQLite file."""
    log.bring_up(session, wiring.settings.erasure_log)
    return disk.scrub(session)
