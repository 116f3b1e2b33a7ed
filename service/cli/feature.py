"""``apresiasi feature open|close|show``: the switch, also as break-glass."""

from dataclasses import asdict

import click
from flask.cli import AppGroup

from service.cli.output import ACTOR, as_json, show
from service.controls import switches
from service.db import db, transaction

group = AppGroup("feature", help="The switch for new contributions (clause 4.3).")


@group.command("open")
@click.option("--reason", default="", help="For the audit trail.")
def open_feature(reason: str) -> None:
    """Take contributions again."""
    with transaction(db.session):
        switches.turn(db.session, True, switches.PUBLIC_REASONS[0], reason, ACTOR)
    click.echo("open")


@group.command("close")
@click.option("--reason", default="", help="For the audit trail.")
@click.option("--public-reason", type=click.Choice(switches.PUBLIC_REASONS), default="paused")
def close_feature(reason: str, public_reason: str) -> None:
    """Refuse new contributions at once."""
    with transaction(db.session):
        switches.turn(db.session, False, public_reason, reason, ACTOR)
    click.echo(f"closed ({public_reason})")


@group.command("show")
@as_json
def show_feature(as_json: bool) -> None:
    """Show the switch."""
    show({"scope": switches.EVERYTHING, **asdict(switches.current(db.session))}, as_json)


COMMANDS = [group]
