"""``close-period``, ``summary``, ``bank-lines`` and ``exceptions``: the finance desk's acts."""

from datetime import datetime
from typing import IO, Any

import click
from flask.cli import with_appcontext

from service.cli.output import ACTOR, DAY, as_json, show, words_of
from service.db import db, transaction
from service.errors import AllocationMismatch, PeriodNotReady, Refusal, ValidationFailed
from service.finance import answers, exceptions, summary
from service.finance.bank import lines, statement
from service.finance.closing import allocation, close, describe, months
from service.finance.closing.readiness import WORDS
from service.finance.current import current_workshop, home_currency
from service.finance.exports.selection import Period
from service.staff import audit


@click.command("close-period")
@click.argument("period")
@click.option("--service-continuity", help="Amount, or IDR=100,USD=2.50.")
@click.option("--content-development", help="Likewise.")
@click.option("--newsroom-operations", help="Likewise.")
@as_json
@with_appcontext
def close_period(period: str, as_json: bool, **given: str | None) -> None:
    """Close the month PERIOD (such as 2026-10) for ever. Without an allocation: show what there
    is to allocate, and what keeps the month from being closed."""
    try:
        month = months.read_month(period)
        if any(amount is not None for amount in given.values()):
            sent = {name: _amounts(amount or "0") for name, amount in given.items()}
            shared = allocation.read(sent, home_currency())
            close.close(current_workshop(), db.session, month, shared, ACTOR)
        show(describe.describe(db.session, month), as_json)
    except Refusal as refusal:
        raise click.ClickException(_told(refusal)) from refusal


def _amounts(text: str) -> Any:
    if "=" not in text:
        return text
    return dict(pair.split("=", 1) for pair in text.split(",") if "=" in pair)


def _told(refusal: Refusal) -> str:
    if isinstance(refusal, PeriodNotReady):
        return " ".join(WORDS[blocker] for blocker in refusal.blockers)
    if isinstance(refusal, AllocationMismatch):
        return "; ".join(
            f"allocate {due.export_text()} {due.currency}, not {given.export_text()}"
            for due, given in refusal.sums
        )
    if isinstance(refusal, ValidationFailed):
        return words_of(refusal)
    return refusal.title


@click.command("summary")
@click.option("--from", "first", type=DAY, required=True, help="First Jakarta day.")
@click.option("--to", "last", type=DAY, required=True, help="Last Jakarta day, inclusive.")
@click.option("--by", type=click.Choice(["day", "month", "section", "method"]), default="month")
@as_json
@with_appcontext
def show_summary(first: datetime, last: datetime, by: str, as_json: bool) -> None:
    """Gross, fees, exceptions and net, in every currency."""
    found = summary.buckets(db.session, Period(first.date(), last.date()), by)
    show([summary.printed(bucket) for bucket in found], as_json)


@click.command("bank-lines")
@click.argument("file", type=click.File("rb"))
@as_json
@with_appcontext
def import_bank_lines(file: IO[bytes], as_json: bool) -> None:
    """Take in the bank statement FILE (CSV), and match its lines to payouts."""
    try:
        read = statement.read_bytes(file.read(), home_currency())
    except ValidationFailed as refusal:
        raise click.ClickException(_told(refusal)) from refusal
    with transaction(db.session):
        done = lines.take_in(db.session, read, ACTOR)
        details = {"lines": done.lines, "new": done.new, "matched": done.matched}
        audit.record(db.session, ACTOR, "finance.bank_imported", "bank lines", details)
    show(details, as_json)


@click.command("exceptions")
@click.option("--explain", "exception_id", type=int, help="The exception to explain.")
@click.option("--note", help="What was found out.")
@as_json
@with_appcontext
def list_exceptions(exception_id: int | None, note: str | None, as_json: bool) -> None:
    """What finance must look at; or explain one of them."""
    if (exception_id is None) != (not note) or len(note or "") > 1000:
        raise click.UsageError("--explain and --note go together; a note has up to 1000 characters")
    try:
        if exception_id is not None and note:
            with transaction(db.session):
                exceptions.explain(db.session, exception_id, note, ACTOR)
                audit.record(db.session, ACTOR, "finance.exception_explained", str(exception_id))
    except Refusal as refusal:
        raise click.ClickException(refusal.title) from refusal
    show([answers.of_exception(it) for it in exceptions.newest(db.session, 200)], as_json)


COMMANDS = [close_period, show_summary, import_bank_lines, list_exceptions]
