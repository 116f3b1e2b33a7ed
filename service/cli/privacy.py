"""``apresiasi privacy``: what the law lets people ask for, keys, and what a restore must repeat."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from service.cli.output import ACTOR, as_json, show, words_of
from service.db import db, transaction
from service.errors import NotFound, PaymentDetailsRefused, Refusal, ValidationFailed
from service.privacy import certificates, keys, records, requests
from service.privacy.gather import gather
from service.privacy.kinds import AWAITING, CORRECT, ERASE, EXPORT, RESTRICT, WITHDRAW
from service.privacy.model import PrivacyRequest
from service.privacy.replay import replay
from service.privacy.schemas import RequestBody
from service.staff import audit
from service.web.body import load
from service.wiring import current_wiring

group = AppGroup("privacy", help="Requests of people about their data; encryption keys.")


def _asks(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every request."""
    for option in (
        as_json,
        click.option("--proof", required=True, help="How identity was established; no names or numbers."),
        click.option("--email", help="All that came with this address, once a link sent there is confirmed."),
        click.option("--reference", help="One contribution, at once."),
    ):
        command = option(command)
    return command


def _receive(kind: str, sent: dict[str, Any]) -> PrivacyRequest:
    body = {"kind": kind, **{name: value for name, value in sent.items() if value is not None}}
    try:
        return requests.receive(db.session, load(RequestBody(), body), ACTOR, current_wiring())
    except NotFound as unknown:
        raise click.ClickException("no contribution has this reference") from unknown
    except (ValidationFailed, PaymentDetailsRefused) as refused:
        raise click.ClickException(words_of(refused)) from refused
    except Refusal as refused:
        raise click.ClickException(refused.detail) from refused


def _tell(row: PrivacyRequest, as_json: bool) -> None:
    show(records.describe(row), as_json)
    if row.state == AWAITING and not as_json:
        click.echo("a link was sent to the address; nothing happens before it is confirmed", err=True)


@group.command(EXPORT)
@_asks
def export(as_json: bool, **sent: Any) -> None:
    """Print everything known of a person, by reference, as JSON."""
    row = _receive(EXPORT, sent)
    if row.state == AWAITING:
        _tell(row, as_json)
        return
    told = gather(db.session, row, current_wiring())
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


@group.command(CORRECT)
@_asks
@click.option("--display-name", help="The right name; empty to be anonymous.")
@click.option("--new-email", help="The right address; empty to remove it.")
def correct(as_json: bool, **sent: Any) -> None:
    """Correct the name or the address. A published message hides its name until a moderator has
    seen the new one."""
    _tell(_receive(CORRECT, sent), as_json)


@group.command(RESTRICT)
@_asks
def restrict(as_json: bool, **sent: Any) -> None:
    """Keep the data and do nothing else with it, until the restriction is lifted."""
    _tell(_receive(RESTRICT, sent), as_json)


@group.command(WITHDRAW)
@_asks
def withdraw(as_json: bool, **sent: Any) -> None:
    """The consent is taken back: the message leaves the wall, name and address are removed."""
    _tell(_receive(WITHDRAW, sent), as_json)


@group.command(ERASE)
@_asks
def erase(as_json: bool, **sent: Any) -> None:
    """Erase name, message and address in every store; amounts and books stay as they are."""
    _tell(_receive(ERASE, sent), as_json)


@group.command("lift")
@click.argument("request_id")
@as_json
def lift(request_id: str, as_json: bool) -> None:
    """End the restriction that REQUEST_ID brought."""
    try:
        row = requests.lift(db.session, request_id, ACTOR, current_wiring())
    except Refusal as refused:
        raise click.ClickException("no restriction of such a request can be lifted") from refused
    _tell(row, as_json)


@group.command("list")
@click.option("--limit", type=click.IntRange(1, 500), default=50)
@as_json
def list_requests(limit: int, as_json: bool) -> None:
    """Requests: those that wait first, by their deadline."""
    names = ("id", "kind", "state", "by", "deadline", "overdue", "contributions", "certificate")
    rows = [records.describe(row) for row in records.listing(db.session, limit)]
    show(rows if as_json else [{name: row[name] for name in names} for row in rows], as_json)


@group.command("certificate")
@click.argument("number")
@as_json
def certificate(number: str, as_json: bool) -> None:
    """What was removed or withheld under NUMBER."""
    try:
        found = certificates.get(db.session, number)
    except NotFound as unknown:
        raise click.ClickException("there is no such certificate") from unknown
    show(certificates.describe(found), as_json)


@group.command("replay")
@click.option("--log", "path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
def replay_log(path: Path | None, as_json: bool) -> None:
    """After a restore: carry out again what the log outside of the database tells."""
    wiring = current_wiring()
    try:
        done = replay(db.session, path or wiring.settings.erasure_log, ACTOR, wiring)
    except ValueError as changed:
        raise click.ClickException(f"the log cannot be trusted: {changed}") from changed
    show(done, as_json)


@group.command("rotate-keys")
@as_json
def rotate_keys(as_json: bool) -> None:
    """Seal again, with the first of APRESIASI_ENCRYPTION_KEYS, what older keys sealed. Once none
    is left an older key can be taken out of the setting."""
    done = keys.rotate(db.session, current_wiring().sealer)
    with transaction(db.session):
        details = {"resealed": done.resealed, "left": done.left}
        audit.record(db.session, ACTOR, "privacy.keys_rotated", "keys", details)
    show({"resealed": done.resealed, "left": done.left, "unreadable": done.unreadable}, as_json)


COMMANDS = [group]
