"""``apresiasi export``: the books of a period as CSV."""

from datetime import datetime
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext

from service.cli.output import ACTOR, DAY
from service.db import db, transaction
from service.finance import export as exports
from service.finance import sequence
from service.finance.beancount import as_beancount
from service.staff import audit


@click.command("export")
@click.option("--from", "first", type=DAY, required=True, help="First Jakarta day.")
@click.option("--to", "last", type=DAY, required=True, help="Last Jakarta day.")
@click.option("--dialect", type=click.Choice(exports.DIALECTS), default="standard")
@click.option("--format", "form", type=click.Choice(exports.FORMATS), default="csv")
@click.option("--output", type=click.File("wb"), default="-", help="A file; - is standard output.")
@with_appcontext
def export(first: datetime, last: datetime, dialect: str, form: str, output: IO[bytes]) -> None:
    """Write the movements of a period as CSV, or its entries as a beancount file."""
    if first > last:
        raise click.BadParameter("the first day lies after the last", param_hint="--from")
    period = exports.Period(first.date(), last.date())
    with transaction(db.session):
        sequence.assign(db.session)
        audit.record(
            db.session,
            ACTOR,
            "finance.exported",
            f"{period.first}..{period.last}",
            {"format": form, "dialect": dialect},
        )
    if form == "beancount":
        title = f"{current_app.extensions['settings'].publisher_name}: Apresiasi Spesial"
        chunks = as_beancount(db.session, period, title)
    else:
        rows = exports.movements(db.session, period, current_app.extensions["standing"]())
        chunks = exports.as_csv(rows, dialect)
    for chunk in chunks:
        output.write(chunk)


COMMANDS = [export]
