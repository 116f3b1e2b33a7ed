"""Finish what exports and closings left behind, and delete files that are no longer kept."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from service import clock
from service.config import Settings
from service.contributions import queries
from service.finance.closing import close
from service.finance.exports import make, record
from service.finance.exports.make import Workshop
from service.wiring import Wiring

_UNFINISHED = timedelta(days=1)  # after which a part of a file is nobody's


def workshop(engine: Engine, settings: Settings) -> Workshop:
    """Where files of this service are made."""
    return Workshop(engine, settings.export_folder, queries.standing, settings.publisher_name)


def go_on(session: Session, wiring: Wiring) -> int:
    """Make the files whose makers died, and hash months whose closing was interrupted; how many."""
    bind = session.get_bind()
    shop = workshop(bind.engine, wiring.settings)
    done = 0
    for period in close.unfinished(session):
        close.finish(shop, session, period)
        done += 1
    for export_id in record.left_behind(session):
        session.rollback()
        for _ in make.chunks(shop, export_id):
            pass
        done += 1
    return done


def forget_files(_session: Session, wiring: Wiring) -> int:
    """Delete export files after as many days as configured; their records stay."""
    folder = wiring.settings.export_folder
    if not folder.is_dir():
        return 0
    now, kept = clock.now().timestamp(), timedelta(days=wiring.settings.export_days)
    old = [
        path
        for path in folder.iterdir()
        if now - path.stat().st_mtime > (_UNFINISHED if path.suffix == ".part" else kept).total_seconds()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
