"""``apresiasi export``: the books of a period as a file."""

import sys
from datetime import datetime
from typing import IO, Any

import click
from flask.cli import with_appcontext

from service.cli.output import ACTOR, DAY
from service.db import db
from service.finance.current import current_workshop
from service.finance.exports import make, orders, record
from service.finance.exports.selection import DIALECTS, FORMATS, ROWS, of_query


@click.command("export")
@click.option("--from", "first", type=DAY, required=True, help="First Jakarta day.")
@click.option("--to", "last", type=DAY, required=True, help="Last Jakarta day, inclusive.")
@click.option("--rows", type=click.Choice(ROWS), default="movements", help="A row for each of these.")
@click.option("--format", type=click.Choice(FORMATS), default="csv")
@click.option("--dialect", type=click.Choice(DIALECTS), default="standard", help="Notation of a CSV file.")
@click.option("--status", help="Only contributions that stand so, such as paid or disputed.")
@click.option("--section", help="Only articles of this section.")
@click.option("--processor", help="Only money of this processor.")
@click.option("--currency", help="Only amounts in this currency.")
@click.option("--output", type=click.File("wb"), default="-", help="A file; - is standard output.")
@with_appcontext
def export(first: datetime, last: datetime, output: IO[bytes], **query: Any) -> None:
    """Write what was booked in a period as CSV, as a workbook or as a beancount file. The export
    is recorded, with its hash, as one from the desk is."""
    if first > last:
        raise click.BadParameter("the first day lies after the last", param_hint="--from")
    if query["format"] == "beancount" and query["rows"] == "contributions":
        raise click.BadParameter("a beancount file is made of movements", param_hint="--rows")
    wanted = of_query({"first": first.date(), "last": last.date(), **query})
    ordered = orders.order(wanted, ACTOR)
    with click.progressbar(
        length=1, label="rows", file=sys.stderr, hidden=not sys.stderr.isatty(), show_pos=True
    ) as bar:
        for chunk in make.chunks(current_workshop(), ordered.id):
            output.write(chunk)
            _show(bar, ordered.id)
    made = record.get(db.session, ordered.id)
    click.echo(f"{made.filename}: {made.done} rows, sha256 {made.sha256}, export {made.id}", err=True)


def _show(bar: Any, export_id: str) -> None:
    """How far it is, as its record says; only where somebody looks."""
    if bar.hidden:
        return
    now = record.get(db.session, export_id)
    db.session.rollback()
    bar.length = max((now.totals or {}).get("rows") or 1, 1)
    bar.update(now.done - bar.pos)


COMMANDS = [export]
