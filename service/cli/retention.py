"""``apresiasi retention``: forget what was kept for long enough."""

from typing import Any

import click
from flask.cli import with_appcontext

from service.cli.output import ACTOR, as_json, show
from service.clock import rfc3339
from service.db import db
from service.jobs import retaining
from service.privacy.classes import days_of
from service.privacy.model import RetentionRun
from service.wiring import current_wiring


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Only count what would be forgotten.")
@as_json
@with_appcontext
def retention(dry_run: bool, as_json: bool) -> None:
    """De-identify what is older than its class is kept, in batches; a record stays. The books are
    kept for ten years after the year's end, and are not touched."""
    wiring = current_wiring()
    run = None if dry_run else retaining.run(db.session, wiring, ACTOR)
    counts = run.counts if run else retaining.due(db.session, wiring)
    days = days_of(wiring)
    if as_json:
        show({"run": _told(run), "dry_run": dry_run, "days": days, "counts": counts}, True)
        return
    word = "due" if dry_run else "forgotten"
    show([{"class": name, "days": days.get(name), word: count} for name, count in counts.items()], False)


def _told(run: RetentionRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {"id": run.id, "started_at": rfc3339(run.started_at), "finished_at": rfc3339(run.finished_at)}


COMMANDS = [retention]
