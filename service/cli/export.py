"""``apresiasi export``: the books of a period as a file."""

import sys
from typing import IO, Any

import click
from flask.cli import with_appcontext
from marshmallow import ValidationError

from service.cli.output import ACTOR, show
from service.db import db
from service.finance.current import current_workshop
from service.finance.exports import make, orders, record
from service.finance.exports.schemas import ExportQuery
from service.finance.exports.selection import DIALECTS, FORMATS, ROWS, Wanted, of_query


@click.command("export")
@click.option("--from", type=str, required=True, help="First Jakarta day.")
@click.option("--to", type=str, required=True, help="Last Jakarta day, inclusive.")
@click.option("--rows", type=click.Choice(ROWS), default="movements", help="A row for each of these.")
@click.option("--format", type=click.Choice(FORMATS), default="csv")
@click.option("--dialect", type=click.Choice(DIALECTS), default="standard", help="Notation of a CSV file.")
@click.option("--status", help="Only contributions that stand so, such as paid or disputed.")
@click.option("--section", help="Only articles of this section.")
@click.option("--processor", help="Only money of this processor.")
@click.option("--currency", help="Only amounts in this currency.")
@click.option("--output", type=click.File("wb"), default="-", help="A file; - is standard output.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the export's record as JSON, with --output only."
)
@with_appcontext
def export(output: IO[bytes], as_json: bool, **query: Any) -> None:
    """Write what was booked in a period as CSV, as a workbook or as a beancount file. The export
    is recorded, with its hash, as one from the desk is."""
    if as_json and output.name == "<stdout>":
        raise click.BadParameter("the file itself goes to standard output", param_hint="--json")
    ordered = orders.order(_wanted(query), ACTOR)
    with click.progressbar(
        length=1, label="rows", file=sys.stderr, hidden=not sys.stderr.isatty(), show_pos=True
    ) as bar:
        for chunk in make.chunks(current_workshop(), ordered.id):
            output.write(chunk)
            _show(bar, ordered.id)
    made = record.get(db.session, ordered.id)
    if as_json:
        show(record.describe(made), as_json)
    else:
        click.echo(f"{made.filename}: {made.done} rows, sha256 {made.sha256}, export {made.id}", err=True)


def _wanted(query: dict[str, Any]) -> Wanted:
    """What was asked for, by the same rules as at the desk."""
    given = {name: value for name, value in query.items() if value is not None}
    try:
        return of_query(ExportQuery().load(given))
    except ValidationError as error:
        messages: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
        place, told = next(iter(messages.items()))
        raise click.BadParameter(told[0].rpartition("\n")[2], param_hint=f"--{place}") from error


def _show(bar: Any, export_id: str) -> None:
    """How far it is, as its record says; only where somebody looks."""
    if bar.hidden:
        return
    now = record.get(db.session, export_id)
    db.session.rollback()
    bar.length = max((now.totals or {}).get("rows") or 1, 1)
    bar.update(now.done - bar.pos)


COMMANDS = [export]
