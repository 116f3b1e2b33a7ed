"""What follows an act once it is committed: files, the log outside, and an SQLite file's leftovers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy.orm import Session

from service.mail import folder
from service.privacy import disk, log
from service.wiring import Wiring

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Whose mails must go from the development folder, and whether a certificate was issued."""

    addresses: frozenset[str]
    lasting: bool


def clear(session: Session, after: Aftermath, wiring: Wiring) -> None:
    """Do what the transaction could not. The act is done whatever fails here; a schedule does again
    what a crash or a full disk leaves out."""
    if after.addresses:
        _try("mail_folder", partial(folder.forget, wiring.settings.mail_folder, after.addresses))
    if after.lasting:
        _try("erasure_log", partial(log.bring_up, session, wiring.settings.erasure_log))
        _try("disk", partial(disk.scrub, session))


def tidy(session: Session, wiring: Wiring) -> bool:
    """Bring the log up to the certificates, and scrub an SQLite file."""
    log.bring_up(session, wiring.settings.erasure_log)
    return disk.scrub(session)


def _try(what: str, do: Callable[[], object]) -> None:
    try:
        do()
    except OSError as error:
        _log.error("privacy_aftermath_failed", what=what, error=type(error).__name__, errno=error.errno)
