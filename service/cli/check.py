"""``apresiasi check``: every invariant, and an exit code that says whether all hold."""

import sys
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from service.cli.output import as_json, show
from service.db import db
from service.jobs import check as checks
from service.wiring import current_wiring


@click.command("check")
@as_json
@with_appcontext
def check(as_json: bool) -> None:
    """Check the invariants; exits with 1 when one is broken."""
    findings = checks.run(db.session, current_wiring(), thorough=True)
    broken = [finding for finding in findings if finding.broken]
    if as_json:
        show({"ok": not broken, "invariants": [asdict(finding) for finding in findings]}, True)
    else:
        for finding in findings:
            click.echo(
                f"{'BROKEN' if finding.broken else 'ok':8}{finding.invariant} {' '.join(finding.ids)}".rstrip()
            )
    sys.exit(1 if broken else 0)


COMMANDS = [check]
