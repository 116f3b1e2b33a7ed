"""``apresiasi feature open|close|show``: the switch, also as break-glass."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup

from service.cli.output import ACTOR, as_json, show, words_of
from service.controls.scopes import Scope
from service.controls.settings import KEEP, NOTICE, PAUSED, PUBLIC_REASONS, WALLS, WIDGETS
from service.controls.turning import Change
from service.db import db, transaction
from service.errors import Refusal, ValidationFailed
from service.plain_text import is_storable
from service.switchboard import describe
from service.switchboard.schemas import LONGEST_REASON, read_moment
from service.switchboard.turn import read_scope, turn
from service.wiring import current_wiring

group = AppGroup("feature", help="The switch for new contributions (clause 4.3).")


class _Moment(click.ParamType[datetime]):
    """A moment as RFC 3339 text."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        try:
            return read_moment(value)
        except ValueError:
            self.fail(f"{value} is no time such as 2026-11-24T14:05:00+07:00", param, ctx)


def _storable(_context: click.Context, _option: click.Parameter, reason: str) -> str:
    if not is_storable(reason) or len(reason) > LONGEST_REASON:
        raise click.BadParameter(f"at most {LONGEST_REASON} characters of plain text")
    return reason


def _scoped(command: Callable[..., None]) -> Callable[..., None]:
    """For everything, unless a section or an article is named."""
    command = click.option("--section", help="Only this section.")(command)
    return click.option("--article", help="Only the article at this address.")(command)


@group.command("open")
@_scoped
@click.option("--from", "from_at", type=_Moment(), help="Open then, not now (RFC 3339).")
@click.option("--reason", default="", callback=_storable, help="For the audit trail.")
@as_json
def open_feature(section: str, article: str, as_json: bool, **change: Any) -> None:
    """Take contributions again."""
    _turn(Change(open=True, scope=_scope(section, article), **change), as_json)


@group.command("close")
@_scoped
@click.option("--public-reason", type=click.Choice(PUBLIC_REASONS), default=PAUSED)
@click.option("--walls", type=click.Choice(WALLS), default=KEEP, help="Keep or hide readers' messages.")
@click.option("--widget", type=click.Choice(WIDGETS), default=NOTICE, help="What the widget shows.")
@click.option("--from", "from_at", type=_Moment(), help="Begin then, not now (RFC 3339).")
@click.option("--until", "until_at", type=_Moment(), help="Open by itself then (RFC 3339).")
@click.option("--reason", default="", callback=_storable, help="For the audit trail.")
@as_json
def close_feature(section: str, article: str, as_json: bool, **change: Any) -> None:
    """Refuse new contributions at once, or from a time on, and expire open checkouts."""
    _turn(Change(open=False, scope=_scope(section, article), **change), as_json)


@group.command("show")
@_scoped
@as_json
def show_feature(section: str | None, article: str | None, as_json: bool) -> None:
    """Show every scope that was ever set, or one. As JSON: the scope asked for, else everything's
    setting, and beside that each scope."""
    asked = describe.one(db.session, _scope(section, article)).answer()
    if section is not None or article is not None:
        show(asked, as_json)
        return
    scopes = [standing.answer() for standing in describe.every(db.session)]
    show({**asked, "scopes": scopes} if as_json else scopes or [asked], as_json)


def _scope(section: str | None, article: str | None) -> Scope:
    if section is not None and article is not None:
        raise click.UsageError("name a section or an article, not both")
    # An empty name is refused: a variable that is not set must not close everything.
    text = "all" if section is None and article is None else f"article:{article}"
    if section is not None:
        text = f"section:{section}"
    try:
        return read_scope(db.session, text, current_wiring())
    except ValidationFailed as refusal:
        raise click.ClickException(words_of(refusal)) from refusal


def _turn(change: Change, as_json: bool) -> None:
    try:
        with transaction(db.session):
            turn(db.session, change, ACTOR)
    except ValidationFailed as refusal:
        raise click.ClickException(words_of(refusal)) from refusal
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from refusal
    answer = describe.one(db.session, change.scope).answer()
    if as_json:
        show(answer, as_json)
    else:
        show({name: value for name, value in answer.items() if value is not None}, as_json)


COMMANDS = [group]
