"""``apresiasi export``: the books of a period as CSV."""

from datetime import datetime
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext

from service.cli.output import ACTOR
from service.db import db, transaction
from service.finance import export as exports
from service.finance import sequence
from service.staff import audit

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("export")
@click.option("--from", "first", type=_DAY, required=True, help="First Jakarta day.")
@click.option("--to", "last", type=_DAY, required=True, help="Last Jakarta day.")
@click.option("--dialect", type=click.Choice(exports.DIALECTS), default="standard")
@click.option("--output", type=click.File("wb"), default="-", help="A file; - is standard output.")
@with_appcontext
def export(first: datetime, last: datetime, dialect: str, output: IO[bytes]) -> None:
    """Write the movements of a period as CSV."""
    if first > last:
        raise click.BadParameter("the first day lies after the last", param_hint="--from")
    period = exports.Period(first.date(), last.date())
    with transaction(db.session):
        sequence.assign(db.session)
        audit.record(
            db.session, ACTOR, "finance.exported", f"{period.first}..{period.last}", {"dialect": dialect}
        )
    rows = exports.movements(db.session, period, current_app.extensions["standing"]())
    for chunk in exports.as_csv(rows, dialect):
        output.write(chunk)


COMMANDS = [export]
