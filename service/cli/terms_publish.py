"""``apresiasi terms publish``: begin a version, look at what it changes, freeze it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from service import clock
from service.cli.output import as_json, show
from service.clock import JAKARTA
from service.environment import ConfigError
from service.finance.closing.allocation import PURPOSES
from service.moderation.answers import REASON_NAMES
from service.money import Money
from service.terms import drafts
from service.terms.compare import ADDED, REMOVED, Comparison, Piece, compare
from service.terms.library import Library
from service.terms.texts import TermsText
from service.wiring import current_wiring

_MARKS = {REMOVED: "[-{}-]", ADDED: "{{+{}+}}"}


class _Moment(click.ParamType[datetime]):
    """A day, which begins in Jakarta, or a moment; without a zone it is Jakarta's."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day such as 2027-01-01 and no moment", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=JAKARTA)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the command was asked for."""

    folder: Path
    version: str
    effective_from: datetime | None
    publisher: str


@click.command("publish")
@click.argument("version")
@click.option("--effective-from", type=_Moment(), help="When it takes effect, such as 2027-01-01.")
@click.option("--publisher", help="Another name than the one that is configured.")
@click.option("--yes", is_flag=True, help="Freeze the texts as they are: they can never change again.")
@as_json
@with_appcontext
def publish(
    version: str, effective_from: datetime | None, publisher: str | None, yes: bool, as_json: bool
) -> None:
    """Prepare VERSION: copy the newest one where there is no draft yet; else check the draft and
    show what it changes, and with --yes publish it."""
    wiring = current_wiring()
    draft = _Draft(
        wiring.settings.terms_folder, version, effective_from, publisher or wiring.settings.publisher_name
    )
    try:
        drafts.require_free(wiring.terms, version)
        if not (draft.folder / version).exists():
            _begin(draft, wiring.terms, as_json)
            return
        texts = _read(draft, wiring.terms)
        if yes:
            drafts.freeze(draft.folder, texts, wiring.settings.publisher_name)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    newest = wiring.terms.versions()[-1]
    _tell(texts, [compare(wiring.terms.get(newest, text.locale), text) for text in texts], yes, as_json)


def _begin(draft: _Draft, terms: Library, as_json: bool) -> None:
    if draft.effective_from is None:
        raise click.UsageError("a new version needs --effective-from")
    drafts.require_later(terms, draft.version, draft.effective_from, clock.now())
    made = drafts.begin(draft.folder, terms, draft.version, draft.effective_from, draft.publisher)
    if as_json:
        show({"version": draft.version, "published": False, "draft": str(made)}, True)
    else:
        click.echo(
            f"{made} is a copy of {terms.versions()[-1]}. Write the new texts there, then run this again."
        )


def _read(draft: _Draft, terms: Library) -> list[TermsText]:
    texts = drafts.read_draft(draft.folder, terms, draft.version, draft.publisher, clock.now())
    begins, limits = texts[0].effective_from, texts[0].limits
    if draft.effective_from not in (None, begins):
        raise ConfigError(f"terms {draft.version}: the texts say {begins.isoformat()}")
    if set(limits.purposes) != set(PURPOSES):
        raise ConfigError(f"terms {draft.version}: the purposes are not {', '.join(PURPOSES)}")
    for reason in limits.reasons:
        if reason not in REASON_NAMES:
            raise ConfigError(f"terms {draft.version}: the desk has no words for the reason {reason!r}")
    return texts


def _tell(texts: Sequence[TermsText], compared: Sequence[Comparison], done: bool, as_json: bool) -> None:
    version, begins = texts[0].version, texts[0].effective_from.astimezone(JAKARTA).isoformat()
    changes = [change for comparison in compared for change in _changes(comparison)]
    limits = [
        {"limit": it.name, "before": _value(it.before), "after": _value(it.after)}
        for it in compared[0].limits
    ]
    if as_json:
        told = {"version": version, "effective_from": begins, "compared_with": compared[0].old.version}
        show({**told, "published": done, "changes": changes, "limits": limits}, True)
        return
    click.echo(f"{version} takes effect at {begins}. Compared with {compared[0].old.version}:")
    for row in changes:
        click.echo(f"  {row['locale']} {row['part']}: {row['text']}")
    for row in limits:
        click.echo(f"  {row['limit']}: {row['before']} > {row['after']}")
    if not changes and not limits:
        click.echo("  nothing differs")
    click.echo(
        "Published. Restart every node before it takes effect: each reads the texts when it starts."
        if done
        else "Nothing is published yet. With --yes it is, and can never change again."
    )


def _changes(comparison: Comparison) -> list[dict[str, str]]:
    parts = {"title": comparison.title, "agreement": comparison.agreement}
    rows = [(name, marked(pieces)) for name, pieces in parts.items() if pieces]
    rows += [(it.id, f"{marked(it.title)} | {marked(it.text)}") for it in comparison.clauses]
    return [{"locale": comparison.new.locale, "part": part, "text": text} for part, text in rows]


def _value(value: Any) -> str:
    match value:
        case Money():
            return f"{value.json_text()} {value.currency}"
        case tuple():
            return ", ".join(_value(it) for it in value)
        case Mapping():
            return ", ".join(f"{name} {_value(it)}" for name, it in value.items())
    return str(value)


def marked(pieces: Sequence[Piece]) -> str:
    """A changed text in one line: ``[-removed-]{+added+}``."""
    return " ".join("".join(_MARKS.get(it.kind, "{}").format(it.text) for it in pieces).split())
