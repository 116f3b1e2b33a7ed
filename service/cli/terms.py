"""``apresiasi terms``: the text in force, what enforces it, a new version, and proof of acceptance."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from service import clock
from service.cli.output import as_json, show
from service.cli.terms_publish import publish
from service.config import ROOT
from service.db import db
from service.dossier import evidence
from service.dossier.everything import find
from service.errors import NotFound
from service.terms import acceptances, proof, trace
from service.terms.proof import Finding
from service.wiring import current_wiring

group = AppGroup("terms", help="The published terms.")
group.add_command(publish)


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


@group.command("trace")
@click.option("--markdown", is_flag=True, help="Print the whole matrix as docs/terms-trace.md holds it.")
@as_json
def show_trace(markdown: bool, as_json: bool) -> None:
    """Show for each clause what enforces it, refuses by it, tells it to readers, and proves it."""
    terms = current_wiring().terms
    text = terms.get(terms.versions()[-1], "en")
    traced = trace.trace(text, ROOT / "tests")
    if markdown:
        click.echo(trace.as_markdown(text, traced), nl=False)
    elif as_json:
        show({"version": text.version, "clauses": [it.as_json() for it in traced]}, True)
    else:
        show(trace.as_table(traced), False)
        if any(it.tests is None for it in traced):
            click.echo("No tests are installed here, so none are named.")


@group.command("verify")
@click.argument("reference", required=False)
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--export", type=click.Path(dir_okay=False, path_type=Path), help="Keep it as a file, too.")
@as_json
def verify(reference: str | None, file: Path | None, export: Path | None, as_json: bool) -> None:
    """Verify what was accepted for REFERENCE, or what an exported --file says, without a database.

    Exits with 1 where an acceptance does not hold.
    """
    if (reference is None) == (file is None) or (file and export):
        raise click.UsageError("name either a REFERENCE, with or without --export, or a --file")
    told, findings = _from_file(file) if file else _from_database(str(reference), export)
    holds = bool(findings) and all(finding.holds for finding in findings)
    if as_json:
        rows = [{**asdict(finding), "holds": finding.holds} for finding in findings]
        show({"reference": told, "holds": holds, "acceptances": rows}, True)
    else:
        _print_findings(told, findings)
    sys.exit(0 if holds else 1)


def _from_file(file: Path) -> tuple[str, list[Finding]]:
    wiring = current_wiring()
    try:
        document = json.loads(file.read_text("utf-8"))
        findings = proof.examine_file(document, wiring.terms, wiring.sealer)
    except (OSError, ValueError, RecursionError) as error:
        raise click.ClickException(f"{file}: no file of an acceptance, or a damaged one") from error
    return str(document["reference"]), findings


def _from_database(reference: str, export: Path | None) -> tuple[str, list[Finding]]:
    wiring = current_wiring()
    try:
        contribution = find(db.session, reference)
    except NotFound as unknown:
        raise click.ClickException(f"no contribution {reference}") from unknown
    if export:
        told = evidence.of_acceptances(db.session, contribution, wiring)
        try:
            export.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")
        except OSError as error:
            raise click.ClickException(f"{export} cannot be written ({error})") from error
    found = acceptances.of_contribution(db.session, contribution.id)
    return contribution.reference, proof.examine(found, wiring.terms)


def _print_findings(reference: str, findings: Sequence[Finding]) -> None:
    if not findings:
        click.echo(f"BROKEN  {reference}: no acceptance is recorded")
    for it in findings:
        word, why = ("holds", "") if it.holds else ("BROKEN", f": {'; '.join(it.problems)}")
        at = datetime.fromisoformat(it.accepted_at).astimezone(clock.JAKARTA)
        moment = at.isoformat(sep=" ", timespec="seconds")
        click.echo(f"{word:8}{reference} {it.version}/{it.locale} {moment} {it.sha256}{why}")


COMMANDS = [group]
