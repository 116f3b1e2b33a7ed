"""``apresiasi webhooks list|replay``: the inbox."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from service.cli.output import as_json, show
from service.clock import rfc3339
from service.db import db
from service.webhooks import inbox
from service.webhooks.model import ReceivedEvent
from service.wiring import current_wiring

group = AppGroup("webhooks", help="Events that processors sent.")


@group.command("list")
@click.option("--status", type=click.Choice(inbox.STATUSES))
@click.option("--limit", default=100, show_default=True)
@as_json
def list_events(status: str | None, limit: int, as_json: bool) -> None:
    """List events, newest first, with how often each was delivered."""
    rows = [
        {
            "id": event.event_id,
            "processor": event.processor,
            "type": event.type,
            "status": event.status,
            "deliveries": event.deliveries,
            "tries": event.tries,
            "next_try_at": rfc3339(event.next_try_at),
            "reason": event.reason,
            "received_at": rfc3339(event.received_at),
        }
        for event in inbox.list_events(db.session, status, limit)
    ]
    show(rows, as_json)


@group.command("replay")
@click.argument("event_id")
def replay(event_id: str) -> None:
    """Apply a quarantined or waiting event again."""
    row_id = db.session.scalar(select(ReceivedEvent.id).where(ReceivedEvent.event_id == event_id))
    if row_id is None:
        raise click.ClickException("no such event")
    click.echo(inbox.replay(db.session, row_id, current_wiring()))


COMMANDS = [group]
