"""``reconcile``, ``books`` and ``settlements``: our books, and the processor's beside them."""

from datetime import datetime
from typing import IO

import click
from flask.cli import with_appcontext

from service.cli.output import ACTOR, DAY, as_json, show
from service.contributions.taking import take_in
from service.db import db, transaction
from service.errors import NotFound, ProcessorUnavailable
from service.finance import answers, books, fetch, reconcile
from service.finance.exports.selection import Period
from service.finance.fetch import Scope
from service.jobs import reconciling
from service.processors.base import PayoutMade, Processor, ReadsSettlementFiles
from service.staff import audit
from service.wiring import current_wiring

_AT_A_TIME = 100


@click.command("reconcile")
@click.option("--processor", help="Its name; the one of new attempts if left out.")
@click.option("--payout", help="Compare one payout.")
@click.option("--from", "first", type=DAY, help="First Jakarta day of a period.")
@click.option("--to", "last", type=DAY, help="Last Jakarta day, inclusive.")
@as_json
@with_appcontext
def reconcile_books(
    processor: str | None, payout: str | None, first: datetime | None, last: datetime | None, as_json: bool
) -> None:
    """Compare the books with the processor's: a payout, a period, or all that is due."""
    wiring = current_wiring()
    try:
        if payout is None and first is None and last is None:
            done = reconciling.run_due(db.session, wiring)
        else:
            adapter = wiring.processors.get(processor or wiring.processors.current.name)
            done = [reconciling.run_one(db.session, _scope(adapter.name, payout, first, last), adapter).id]
    except (NotFound, ProcessorUnavailable) as error:
        raise click.ClickException(f"{error.code}; run it again to go on") from error
    found = [answers.of_reconciliation(db.session, reconcile.get(db.session, id_)) for id_ in done]
    if as_json:
        show(found, as_json)
    for one in found if not as_json else ():
        show(one, as_json)
    if not all(one["result"]["agrees"] for one in found):
        raise SystemExit(1)


def _scope(processor: str, payout: str | None, first: datetime | None, last: datetime | None) -> Scope:
    if payout is not None and first is None and last is None:
        return Scope(processor, payout_ref=payout)
    if payout is not None or first is None or last is None or first > last:
        raise click.UsageError("name either --payout, or --from and --to in order")
    return answers.scope_of_days(processor, Period(first.date(), last.date()))


@click.command("books")
@click.option("--at", type=click.DateTime(formats=["%Y-%m-%dT%H:%M:%S%z"]), help="What they said then.")
@click.option("--on", type=DAY, help="What is booked up to and including this Jakarta day.")
@as_json
@with_appcontext
def show_books(at: datetime | None, on: datetime | None, as_json: bool) -> None:
    """Every account's balance, now or at a past moment."""
    found = books.balances(db.session, at, on.date() if on else None)
    show(answers.of_balances(found), as_json)


@click.group("settlements")
def settlements() -> None:
    """Settlement files of processors that tell fees and payouts in no other way."""


@settlements.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option("--processor", default="midtrans", show_default=True)
@as_json
@with_appcontext
def import_settlements(file: IO[str], processor: str, as_json: bool) -> None:
    """Book the fees and payouts of FILE, which holds whole payouts; again is harmless."""
    wiring = current_wiring()
    try:
        adapter = wiring.processors.get(processor)
    except NotFound as error:
        raise click.ClickException(f"{processor} is not set up") from error
    if not isinstance(adapter, ReadsSettlementFiles):
        raise click.ClickException(f"{processor} tells fees and payouts by itself")
    try:
        found = adapter.read_settlement_file(file.read())
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    with transaction(db.session):
        fetch.keep_rows(db.session, processor, found.rows)
    applied = 0
    for start in range(0, len(found.told), _AT_A_TIME):  # webhooks wait for no whole file
        with transaction(db.session):
            part = found.told[start : start + _AT_A_TIME]
            applied += take_in(db.session, adapter, part, "unapplied_row")
    with transaction(db.session):
        audit.record(db.session, ACTOR, "finance.settlements_imported", processor, {"rows": len(found.rows)})
    payouts = [told.ref for told in found.told if isinstance(told, PayoutMade)]
    agree = [_agrees(adapter, ref) for ref in payouts]
    show({"rows": len(found.rows), "applied": applied, "payouts": len(payouts), "agree": sum(agree)}, as_json)
    if not all(agree):
        raise SystemExit(1)


def _agrees(adapter: Processor, payout: str) -> bool:
    found = reconciling.run_one(db.session, Scope(adapter.name, payout_ref=payout), adapter)
    return bool(found.result and found.result["agrees"])


COMMANDS = [reconcile_books, show_books, settlements]
