"""Finish what exports and closings left behind, and delete files that are no longer kept."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from service import clock
from service.config import Settings
from service.contributions import queries
from service.finance.closing import close
from service.finance.exports import make, record
from service.finance.exports.make import Workshop
from service.wiring import Wiring

log = structlog.get_logger()

_OURS = re.compile(r"[0-9a-f]{32}(\.part)?")
_UNFINISHED = timedelta(days=1)  # after which a part of a file is nobody's


def workshop(engine: Engine, settings: Settings) -> Workshop:
    """Where files of this service are made."""
    return Workshop(engine, settings.export_folder, queries.standing)


def go_on(session: Session, wiring: Wiring) -> int:
    """Make the files whose makers died, and hash months whose closing was interrupted; how many.
    One that fails stops none of the others."""
    shop = workshop(session.get_bind().engine, wiring.settings)
    jobs: list[Callable[[], object]] = [
        *(partial(close.finish, shop, session, period) for period in close.unfinished(session)),
        *(partial(_make, shop, export_id) for export_id in record.left_behind(session)),
    ]
    session.rollback()
    return sum(_succeeds(job) for job in jobs)


def _make(shop: Workshop, export_id: str) -> None:
    for _ in make.chunks(shop, export_id):
        pass


def _succeeds(job: Callable[[], object]) -> bool:
    try:
        job()
    except Exception as error:  # the next ones are not its fault
        log.error("file_not_made", kind=type(error).__name__)
        return False
    return True


def forget_files(_session: Session, wiring: Wiring, *, dry: bool = False) -> int:
    """Delete export files after as many days as configured; their records stay. ``dry`` counts
    them only."""
    folder = wiring.settings.export_folder
    if not folder.is_dir():
        return 0
    now, kept = clock.now().timestamp(), timedelta(days=wiring.settings.export_days)
    forgotten = 0
    for path in folder.iterdir():
        age = timedelta(seconds=now - path.lstat().st_mtime) if _OURS.fullmatch(path.name) else timedelta()
        if age > (_UNFINISHED if path.suffix else kept):
            if not dry:
                path.unlink(missing_ok=True)
            forgotten += 1
    return forgotten
