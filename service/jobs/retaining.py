"""What the worker does for people's rights: retention each day, keys, requests that nobody confirmed."""

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy.orm import Session

from service import clock
from service.contributions import idempotency
from service.db import transaction
from service.jobs import exporting
from service.mail import folder
from service.privacy import aftermath, keys, records, retention
from service.privacy.model import RetentionRun
from service.wiring import Wiring

_KEYS_AT_ONCE = 20_000  # values that one run seals again


def due(session: Session, wiring: Wiring) -> dict[str, int]:
    """What a run would forget."""
    return retention.due(session, wiring, _beside(session, wiring))


def run(session: Session, wiring: Wiring, actor: str = retention.BY_ITSELF) -> RetentionRun:
    """Forget all that is due, in tables and files, and scrub an SQLite file."""
    made = retention.run(session, wiring, actor, _beside(session, wiring))
    aftermath.tidy(session, wiring)
    return made


def retain(session: Session, wiring: Wiring) -> object:
    """The daily schedule."""
    return run(session, wiring)


def rotate_keys(session: Session, wiring: Wiring) -> object:
    """A part of what older keys sealed is sealed again."""
    return keys.rotate(session, wiring.sealer, _KEYS_AT_ONCE)


def end_old_requests(session: Session, wiring: Wiring) -> object:
    """Requests that nobody confirmed end; what a crash kept from the log is written there."""
    with transaction(session):
        ended = records.end_old(session)
    aftermath.tidy(session, wiring)
    return ended


def _beside(session: Session, wiring: Wiring) -> Mapping[str, Callable[[bool], int]]:
    """Keys of clients live for days only, files as long as is set."""
    return {
        "idempotency_key": partial(_keys, session),
        "export_file": partial(_files, session, wiring),
        "mail_file": partial(_mails, wiring),
    }


def _keys(session: Session, dry: bool) -> int:
    if dry:
        return idempotency.ended(session)
    with transaction(session):
        return idempotency.purge(session)


def _files(session: Session, wiring: Wiring, dry: bool) -> int:
    return exporting.forget_files(session, wiring, dry=dry)


def _mails(wiring: Wiring, dry: bool) -> int:
    return folder.forget_old(wiring.settings.mail_folder, clock.now() - folder.KEPT, dry=dry)
