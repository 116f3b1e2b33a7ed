"""Ask for an export on behalf of a request: write it down, and begin to make it."""

from flask import current_app

from service.db import db
from service.finance.current import current_workshop
from service.finance.exports import record
from service.finance.exports.running import Running
from service.finance.exports.selection import Wanted
from service.finance.exports.statement import statement
from service.finance.model import Export


def order(wanted: Wanted, actor: str) -> Export:
    """Write down an export. Its file is made by `start`, or by whoever calls `make.chunks`."""
    said = statement(current_app.extensions["wiring"].terms, wanted.selection.period.last)
    return record.begin(db.session, wanted, said, actor)


def start(export: Export) -> Running | None:
    """Begin to make its file, beside this request; None where too many are made at once: the
    worker makes it then."""
    running = Running(current_workshop(), export.id)
    return running if running.start() else None
