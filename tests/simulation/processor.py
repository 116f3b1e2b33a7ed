"""What payers, banks and the processor do, and what becomes of its deliveries on the way."""

import json
from collections.abc import Callable
from datetime import timedelta

from service import clock
from service.errors import BadEvent, BadSignature, Refusal
from service.webhooks import inbox
from tests.fakes.midtrans import Refused as MidtransRefused
from tests.fakes.stripe import NotPossible
from tests.simulation.world import InFlight, World

_SAID_NO = (NotPossible, MidtransRefused, AssertionError, LookupError, StopIteration)


def _if_possible(world: World, what: str, act: Callable[[], object]) -> object:
    """An act that the processor may refuse in the state that it is in."""
    try:
        done = act()
    except _SAID_NO:
        return None
    world.tell(what)
    return done


def pay(world: World) -> None:
    if world.pages:
        page = world.rng.choice(world.pages)
        _if_possible(world, f"pay {page[-6:]}", lambda: world.bench.pay(page))


def pay_slowly(world: World) -> None:
    if world.pages:
        page, ok = world.rng.choice(world.pages), world.rng.random() < 0.7
        _if_possible(world, f"pay slowly {page[-6:]} {ok}", lambda: world.bench.pay_slowly(page, ok))


def decline(world: World) -> None:
    if world.pages:
        page = world.rng.choice(world.pages)
        _if_possible(world, f"decline {page[-6:]}", lambda: world.bench.decline(page))


def finish_slow(world: World) -> None:
    _if_possible(world, "what is pending ends", world.bench.finish_slow)


def settle(world: World) -> None:
    _if_possible(world, "fees become known", world.bench.settle)


def refund(world: World) -> None:
    payments = [it.payment_ref for it in world.bench.took()]
    if payments:
        payment, amount = world.rng.choice(payments), world.rng.choice((None, 1_000, 5_000))
        made = _if_possible(
            world, f"refund {payment[-6:]} {amount}", lambda: world.bench.refund(payment, amount)
        )
        if made:
            world.refunds.append(str(made))


def fail_refund(world: World) -> None:
    if world.refunds and world.bench.tells_refund_failures:
        failing = world.rng.choice(world.refunds)
        _if_possible(world, f"refund fails {failing[-6:]}", lambda: world.bench.fail_refund(failing))


def dispute(world: World) -> None:
    payments = [it.payment_ref for it in world.bench.took()]
    if payments:
        payment = world.rng.choice(payments)
        made = _if_possible(world, f"dispute {payment[-6:]}", lambda: world.bench.dispute(payment))
        if made:
            world.disputes.append(str(made))


def close_dispute(world: World) -> None:
    if world.disputes:
        closing, outcome = world.rng.choice(world.disputes), world.rng.choice(("won", "lost"))
        _if_possible(
            world,
            f"dispute {closing[-6:]} {outcome}",
            lambda: world.bench.close_dispute(closing, outcome),
        )


def deny_late(world: World) -> None:
    payments = [it.payment_ref for it in world.bench.took()]
    if payments and world.bench.name == "midtrans":
        payment = world.rng.choice(payments)
        _if_possible(world, f"denied late {payment[-6:]}", lambda: world.bench.deny_late(payment))


def pay_out(world: World) -> None:
    made = _if_possible(world, "payout", world.bench.pay_out)
    if made:
        world.payouts.append(str(made))


def fail_payout(world: World) -> None:
    if world.payouts and not world.bench.settles_by_file:
        failing = world.rng.choice(world.payouts)
        _if_possible(world, f"payout fails {failing[-6:]}", lambda: world.bench.fail_payout(failing))


def charge(world: World) -> None:
    if world.answers and not world.bench.settles_by_file:
        _if_possible(world, "the processor charges for itself", lambda: world.bench.charge(700))


def be_in_trouble(world: World) -> None:
    error = world.rng.choice(("500", "429", "malformed", "timeout_after_success"))
    count = world.rng.randrange(1, 4)
    world.tell(f"trouble: {error} x{count}")
    world.bench.fail_next(error, count)


def collect(world: World) -> None:
    """What the processor sent since: dropped, doubled, delayed for up to three days, shuffled."""
    for delivery in world.bench.deliveries():
        luck = world.rng.random() if world.stormy else 1.0
        if luck < 0.15:
            world.tell(f"dropped {_name(delivery)}")
            continue
        for _ in range(1 + (luck < 0.35) * world.rng.randrange(1, 5)):
            late = luck < 0.6
            delay = timedelta(seconds=world.rng.randrange(3 * 24 * 3600 if late else 5))
            world.flights.append(InFlight(delivery, clock.now() + delay))
    if world.stormy:
        world.rng.shuffle(world.flights)


def deliver(world: World, everything: bool = False) -> None:
    """What is due arrives; what was not answered with 200 comes again."""
    collect(world)
    due = [it for it in world.flights if everything or it.at <= clock.now()]
    for flight in due[: 200 if everything else 6]:
        world.flights.remove(flight)
        if not arrive(world, flight):
            flight.at = clock.now() + timedelta(minutes=1)
            world.flights.append(flight)


def arrive(world: World, flight: InFlight) -> bool:
    """A webhook as the service receives it; whether it was answered with 200."""
    fresh = world.bench.signed_again(flight.delivery)
    world.flights.append(flight)  # a crash leaves it with the processor
    try:
        event = world.bench.processor.read_event(fresh.headers, fresh.body)
        status = inbox.receive(world.session, world.bench.name, event, fresh.body, world.wiring)
    except (BadEvent, BadSignature):
        status = "refused"
    except Refusal as refusal:
        world.tell(f"webhook {_name(fresh)}: {refusal.code}")
        world.flights.remove(flight)
        return False
    world.flights.remove(flight)
    world.tell(f"webhook {_name(fresh)}: {status}")
    return True


def forge(world: World) -> None:
    """Somebody without the secret sends an event; the service must not believe it."""
    sent = [it for it in world.flights if it.delivery.event]
    if not sent:
        return
    event = json.loads(world.rng.choice(sent).delivery.body)
    forged = world.bench.forge(event, secret="not-the-secret")
    try:
        world.bench.processor.read_event(forged.headers, forged.body)
    except BadSignature:
        return
    raise AssertionError("a forged event was believed")


def _name(delivery: object) -> str:
    event = getattr(delivery, "event", None) or {}
    kind = event.get("type") or event.get("transaction_status")
    return f"{kind} {str(event.get('id') or event.get('order_id'))[-6:]}"
