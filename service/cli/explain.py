"""``apresiasi explain REFERENCE``: everything known of one contribution."""

import click
from flask.cli import with_appcontext

from service.cli.output import as_json, show
from service.db import db
from service.dossier.answers import printed
from service.dossier.everything import everything, find
from service.errors import NotFound


@click.command("explain")
@click.argument("reference")
@as_json
@with_appcontext
def explain(reference: str, as_json: bool) -> None:
    """Acceptance, attempts, facts, entries, payout, decisions and events of REFERENCE."""
    try:
        contribution = find(db.session, reference)
    except NotFound as unknown:
        raise click.ClickException(f"no contribution {reference}") from unknown
    show(printed(everything(db.session, contribution)), as_json)


COMMANDS = [explain]
