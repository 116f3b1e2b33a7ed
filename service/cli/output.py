"""How commands print: a table for people, ``--json`` for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from service.errors import PaymentDetailsRefused, ValidationFailed

Row = Mapping[str, Any]

as_json: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON."
)
ACTOR = "command line"
DAY = click.DateTime(formats=["%Y-%m-%d"])


def show(data: Any, as_json: bool) -> None:
    """Print a mapping or a list of rows."""
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
    elif isinstance(data, Mapping):
        _show_mapping(data, "")
    else:
        _show_table(data)


def words_of(refusal: ValidationFailed | PaymentDetailsRefused) -> str:
    """Each field that was refused, and why."""
    return "; ".join(f"{field}: {message}" for field, (_, message) in refusal.errors.items())


def _show_mapping(data: Row, indent: str) -> None:
    for name, value in data.items():
        if isinstance(value, Mapping):
            click.echo(f"{indent}{name}:")
            _show_mapping(value, indent + "  ")
        elif isinstance(value, list):
            click.echo(f"{indent}{name}: {len(value)}")
            for item in value:
                click.echo(f"{indent}  - " + _line(item))
        else:
            click.echo(f"{indent}{name}: {_text(value)}")


def _line(item: Any) -> str:
    if isinstance(item, Mapping):
        return ", ".join(
            f"{name} {_text(value)}" for name, value in item.items() if value not in (None, "", {})
        )
    return _text(item)


def _show_table(rows: Sequence[Row]) -> None:
    if not rows:
        click.echo("(none)")
        return
    names = list(rows[0])
    cells = [names, *([_text(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    for line in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    return "-" if value is None else str(value)
