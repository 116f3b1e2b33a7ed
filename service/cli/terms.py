"""``apresiasi terms show``: the version in force, by clause and hash."""

import click
from flask.cli import AppGroup

from service import clock
from service.cli.output import as_json, show
from service.wiring import current_wiring

group = AppGroup("terms", help="The published terms.")


@group.command("show")
@click.option("--locale", default="id", type=click.Choice(["id", "en"]))
@as_json
def show_terms(locale: str, as_json: bool) -> None:
    """Show the text in force."""
    text = current_wiring().terms.in_force(clock.now(), locale)
    show(
        {
            "version": text.version,
            "locale": text.locale,
            "effective_from": clock.rfc3339(text.effective_from),
            "sha256": text.sha256,
            "clauses": [{"id": clause.id, "title": clause.title} for clause in text.clauses],
        },
        as_json,
    )


COMMANDS = [group]
