"""``apresiasi staff add|roles|deactivate|reactivate|reset|token|revoke|list``."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

from service.cli.output import ACTOR, as_json, show
from service.clock import rfc3339
from service.db import db, transaction
from service.errors import Refusal, ValidationFailed
from service.staff import accounts, changes, links, tokens
from service.staff.model import Staff
from service.staff.permissions import ROLES
from service.wiring import current_wiring

group = AppGroup("staff", help="Staff accounts and tokens.")
_ROLES = click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, required=True)


@group.command("add")
@click.argument("email")
@_ROLES
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@as_json
def add(email: str, roles: tuple[str, ...], password: str, as_json: bool) -> None:
    """Add a person who can sign in at /desk."""
    person = _act(lambda: accounts.add(db.session, email, password, roles, ACTOR))
    _tell(person, as_json, f"added {person.email} as {', '.join(accounts.roles_of(person))}")


@group.command("roles")
@click.argument("email")
@_ROLES
@as_json
def change_roles(email: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Give a person exactly these roles, from the next request on."""
    _act(lambda: changes.set_roles(db.session, _id_of(email), roles, ACTOR))
    _tell(_person(email), as_json, f"{email} is {', '.join(sorted(set(roles)))}")


@group.command("deactivate")
@click.argument("email")
@as_json
def deactivate(email: str, as_json: bool) -> None:
    """Let a person in no longer: sessions end, and tokens that they made."""
    revoked = _act(lambda: changes.deactivate(db.session, _id_of(email), ACTOR))
    _tell(_person(email), as_json, f"deactivated {email}", tokens_revoked=revoked)


@group.command("reactivate")
@click.argument("email")
@as_json
def reactivate(email: str, as_json: bool) -> None:
    """Let a person in again."""
    _act(lambda: changes.reactivate(db.session, _id_of(email), ACTOR))
    _tell(_person(email), as_json, f"reactivated {email}")


@group.command("reset")
@click.argument("email")
@as_json
def reset(email: str, as_json: bool) -> None:
    """Make a link for a new password; it works once, for 24 hours, and is shown alone on the last line."""
    settings = current_wiring().settings
    made = _act(lambda: links.make(db.session, _person(email), settings.secret_key, ACTOR))
    person = _person(email)
    address = links.address(settings.public_url, made)
    if as_json:
        _tell(person, True, "", link=address, until=rfc3339(person.link_expires_at))
        return
    click.echo(f"a link for {email}; it is not shown again:", err=True)
    click.echo(address)


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
    people = [_described(person) for person in accounts.list_people(db.session)]
    issued = [
        {
            "kind": "token",
            "id": token.id,
            "name": token.label,
            "roles": token.role,
            "since": rfc3339(token.created_at),
            "last": rfc3339(token.last_used_at),
            "ended": rfc3339(token.revoked_at),
        }
        for token in tokens.list_tokens(db.session)
    ]
    show(people + issued, as_json)


def _described(person: Staff) -> dict[str, Any]:
    return {
        "kind": "person",
        "id": str(person.id),
        "name": person.email,
        "roles": ",".join(accounts.roles_of(person)),
        "since": rfc3339(person.created_at),
        "last": rfc3339(person.last_sign_in_at),
        "ended": None if person.active else "inactive",
    }


def _act(act: Callable[[], Any]) -> Any:
    """Do it in a transaction; what is refused is one line."""
    try:
        with transaction(db.session):
            return act()
    except ValidationFailed as refusal:
        raise click.ClickException(" ".join(message for _, message in refusal.errors.values())) from refusal
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal


def _person(email: str) -> Staff:
    found = accounts.find(db.session, email)
    if found is None:
        raise click.ClickException(f"nobody has the address {email}")
    return found


def _id_of(email: str) -> int:
    return _person(email).id


def _tell(person: Staff, as_json: bool, line: str, **more: Any) -> None:
    if as_json:
        show(_described(person) | more, True)
    else:
        click.echo(line)


COMMANDS = [group]
