"""``apresiasi sweep``: ask the processors about every open attempt, whatever its age."""

import sys
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from service.cli.output import as_json, show
from service.contributions import sweep as sweeping
from service.db import db, transaction
from service.finance import sequence
from service.webhooks import inbox
from service.wiring import current_wiring


@click.command("sweep")
@as_json
@with_appcontext
def sweep(as_json: bool) -> None:
    """Ask about all open attempts; exits with 1 when a processor could not be asked."""
    wiring = current_wiring()
    swept = sweeping.sweep(db.session, wiring, everything=True)
    inbox.retry_waiting(db.session, wiring, everything=True)
    with transaction(db.session):
        sequence.assign(db.session)
    show(asdict(swept), as_json)
    sys.exit(1 if swept.failed else 0)


COMMANDS = [sweep]
