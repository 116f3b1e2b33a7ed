"""``apresiasi staff add|token|list|revoke``."""

import click
from flask.cli import AppGroup

from service.cli.output import ACTOR, as_json, show
from service.clock import rfc3339
from service.db import db, transaction
from service.staff import accounts, tokens
from service.staff.permissions import ROLES

group = AppGroup("staff", help="Staff accounts and tokens.")


@group.command("add")
@click.argument("email")
@click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def add(email: str, roles: tuple[str, ...], password: str) -> None:
    """Add a person who can sign in at /desk."""
    try:
        with transaction(db.session):
            accounts.add(db.session, email, password, roles, ACTOR)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"added {email} as {', '.join(roles)}")


@group.command("token")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--label", default="", help="Whose token this is.")
def token(role: str, label: str) -> None:
    """Issue a token; it is shown once, alone on the last line."""
    with transaction(db.session):
        issued, secret = tokens.issue(db.session, role, label or role, ACTOR)
        issued_id = issued.id
    click.echo(f"token {issued_id} for {role}; it is not shown again:", err=True)
    click.echo(secret)


@group.command("revoke")
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """End a token at once."""
    with transaction(db.session):
        done = tokens.revoke(db.session, token_id, ACTOR)
    if not done:
        raise click.ClickException("no such token in force")
    click.echo(f"revoked {token_id}")


@group.command("list")
@as_json
def list_staff(as_json: bool) -> None:
    """List people and tokens."""
    people = [
        {
            "kind": "person",
            "id": str(person.id),
            "name": person.email,
            "roles": ",".join(sorted(role.name for role in person.roles)),
            "since": rfc3339(person.created_at),
            "ended": None if person.active else "inactive",
        }
        for person in accounts.list_people(db.session)
    ]
    issued = [
        {
            "kind": "token",
            "id": token.id,
            "name": token.label,
            "roles": token.role,
            "since": rfc3339(token.created_at),
            "ended": rfc3339(token.revoked_at),
        }
        for token in tokens.list_tokens(db.session)
    ]
    show(people + issued, as_json)


COMMANDS = [group]
