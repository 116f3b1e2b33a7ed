"""What goes on inside the house: the worker's jobs, moderators, the switch."""

from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import receipts
from service.contributions import sweep as sweeping
from service.contributions.model import Message
from service.contributions.taking import take_in
from service.controls import switches
from service.controls.turning import Change
from service.db import end_reading, transaction
from service.errors import MailUnavailable, Refusal
from service.finance import fetch, sequence
from service.jobs import closing, effects, reconciling
from service.moderation.decide import Verdict, decide
from service.moderation.transitions import Moderator
from service.outbox.model import OutboxRow
from service.outbox.put import MAIL
from service.switchboard.turn import read_scope, turn
from service.webhooks import inbox
from service.wiring import Wiring
from tests.simulation.readers import ARTICLES
from tests.simulation.world import World

_SCOPES = ("all", "section:Kemensos", *(f"article:{url}" for url in ARTICLES))


def sweep(world: World, everything: bool = False) -> None:
    swept = sweeping.sweep(world.session, world.wiring, everything)
    world.tell(f"sweep: asked {swept.asked}, applied {swept.applied}, failed {len(swept.failed)}")


def retry_waiting(world: World, everything: bool = False) -> None:
    applied = inbox.retry_waiting(world.session, world.wiring, everything)
    world.tell(f"retry: applied {applied}")


def number(world: World) -> None:
    with transaction(world.session):
        sequence.assign(world.session)


def reconcile_due(world: World) -> None:
    if world.bench.settles_by_file:
        import_settlements(world)
    done = reconciling.run_due(world.session, world.wiring)
    world.tell(f"reconciled {len(done)}")


def import_settlements(world: World) -> None:
    """Finance downloads the settlement file and imports it."""
    found = world.bench.file()
    with transaction(world.session):
        fetch.keep_rows(world.session, world.bench.name, found.rows)
        take_in(world.session, world.bench.processor, found.told, "unapplied_row")


def moderate(world: World) -> None:
    """A moderator decides some message, also ones that cannot be decided."""
    ids = world.session.scalars(select(Message.id).order_by(Message.id)).all()
    if not ids:
        return
    message = world.session.get_one(Message, world.rng.choice(ids), populate_existing=True)
    decision = world.rng.choice(("publish", "publish", "reject", "remove"))
    stale = world.rng.random() < 0.1
    verdict = Verdict(decision, message.revision - stale, "spam" if decision == "remove" else None)
    try:
        with transaction(world.session):
            decide(world.session, message.id, verdict, Moderator("moderator"), world.wiring)
    except Refusal as refusal:
        world.tell(f"{decision}: {refusal.code}")
    else:
        world.tell(f"{decision}: done")


def turn_switch(world: World) -> None:
    """An editor opens or closes everything, a section, or an article; at once or in a while."""
    turned = [switch.scope for switch in switches.every(world.session)]
    open_ = bool(turned) and world.rng.random() < 0.7
    scope = read_scope(world.session, world.rng.choice(turned if open_ else _SCOPES), world.wiring)
    later = world.rng.choice((None, None, 300, 7_200))  # seconds
    from_at = None if later is None or open_ else clock.now() + timedelta(seconds=later)
    try:
        with transaction(world.session):
            turn(world.session, Change(open=open_, scope=scope, from_at=from_at), "editor")
    except Refusal as refusal:
        world.tell(f"switch: {refusal.code}")
    else:
        world.tell(f"{scope} {'open' if open_ else 'closed'} from {later or 'now'}")


def work_off(world: World) -> None:
    """The worker does what is in the outbox, and what a scheduled closing may have missed."""
    closing.catch_up(world.session, world.wiring)
    done = effects.run_due(world.session, world.wiring, {**effects.EFFECTS, MAIL: partial(_post, world)})
    world.tell(f"outbox: {done} done")


def _post(world: World, session: Session, wiring: Wiring, row: OutboxRow) -> None:
    """A receipt goes out, as far as there is one; a mail server is sometimes away."""
    found = receipts.addressed(session, row.subject.partition(":")[2], wiring)
    end_reading(session)
    world.point("before a mail")
    if world.stormy and world.rng.random() < 0.1:
        raise MailUnavailable
    if found is not None:
        world.letters.append(found.receipt.contribution_id)
    world.point("after a mail")
