"""A history: some acts of everybody, some crashes, then quiet; and what must hold afterwards."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from service.contributions.model import Attempt, Contribution, PaymentFact
from service.contributions.states import OPEN, FactKind
from service.finance import books
from service.finance.model import Movement, Payout
from service.jobs import check
from service.webhooks import inbox
from service.webhooks.model import ReceivedEvent
from tests.simulation import processor, readers, staff
from tests.simulation.world import Crash, Stage, World, world

ACTS: dict[Callable[[World], None], int] = {
    readers.give_something: 10,
    readers.send_again: 4,
    readers.look: 3,
    readers.go_on: 3,
    readers.abandon: 1,
    processor.pay: 10,
    processor.pay_slowly: 4,
    processor.decline: 2,
    processor.finish_slow: 3,
    processor.settle: 4,
    processor.refund: 3,
    processor.fail_refund: 2,
    processor.dispute: 2,
    processor.close_dispute: 2,
    processor.deny_late: 1,
    processor.pay_out: 2,
    processor.fail_payout: 1,
    processor.charge: 1,
    processor.be_in_trouble: 2,
    processor.deliver: 14,
    processor.forge: 1,
    staff.sweep: 2,
    staff.retry_waiting: 2,
    staff.number: 1,
    staff.reconcile_due: 1,
    staff.moderate: 4,
    staff.turn_switch: 2,
    staff.work_off: 2,
}
_PAUSES = (1, 5, 61, 600, 3_600, 20_000)  # seconds between acts
_CRASH_RATE = 0.3  # of acts begin with a crash somewhere ahead


@dataclass(frozen=True)
class Told:
    """How a history went: what was broken, if anything, and what happened."""

    seed: int
    processor: str
    broken: list[str]
    log: list[str]
    crashes: int
    payments: int


def run(seed: int, stage: Stage, name: str | None = None) -> Told:
    """Live through the history of a seed and check what it left behind."""
    with world(seed, stage, name) as made:
        broken: list[str] = []
        try:
            for _ in range(made.rng.randrange(6, 20)):
                _act(made)
            _calm_down(made)
            broken = check_everything(made)
        except Exception as bug:  # a history that ends in a bug is a finding with its seed
            broken = [f"{type(bug).__name__}: {bug}"]
        return Told(seed, made.bench.name, broken, made.log, made.crashes, len(made.bench.took()))


def _act(made: World) -> None:
    act = made.rng.choices(list(ACTS), list(ACTS.values()))[0]
    if made.rng.random() < _CRASH_RATE:
        made.crash_in = made.rng.randrange(1, 12)
    try:
        act(made)
    except Crash:
        made.restart()
    made.crash_in = None
    made.pass_time(timedelta(seconds=made.rng.choice(_PAUSES)))


def _calm_down(made: World) -> None:
    """The storm is over: everything open ends, and the jobs run as they do every day."""
    made.stormy = False
    made.bench.end_faults()
    made.bench.finish_slow()
    made.bench.settle()
    processor.deliver(made, everything=True)
    made.pass_time(timedelta(days=2))  # every open page is over, every lost webhook is late
    staff.work_off(made)
    staff.sweep(made, everything=True)
    processor.deliver(made, everything=True)
    staff.reconcile_due(made)
    staff.retry_waiting(made, everything=True)
    staff.number(made)
    staff.work_off(made)
    made.pass_time(timedelta(days=2))  # no invariant is given time any more


def check_everything(made: World) -> list[str]:
    """Every invariant of the service, and the truth as the processor knows it."""
    session = made.session
    session.rollback()
    broken = [f"{found.invariant}: {found.ids}" for found in check.run(session, made.wiring) if found.broken]
    session.rollback()
    broken += _payments(made) + _events(made) + _balances(made) + _keys(made) + _letters(made)
    unreconciled = session.scalars(select(Payout.ref).where(Payout.reconciled_at.is_(None))).all()
    if not made.bench.settles_by_file:
        broken += [f"payout {ref} was never reconciled" for ref in unreconciled]
    return broken


def _payments(made: World) -> list[str]:
    """Every payment that the processor took is in the books exactly once, and none else."""
    rows = made.session.execute(
        select(Movement.payment_ref, Movement.gross_minor).where(Movement.type == "contribution")
    ).all()
    booked = Counter((ref, minor) for ref, minor in rows)
    took = Counter((it.payment_ref, it.minor) for it in made.bench.took())
    wrong = [f"booked and not taken: {it}" for it in booked - took]
    wrong += [f"taken and not booked: {it}" for it in took - booked]
    statuses = dict(
        made.session.execute(
            select(Attempt.id, Contribution.status).join(
                Contribution, Contribution.id == Attempt.contribution_id
            )
        ).all()
    )
    owners = dict(made.session.execute(select(Attempt.id, Attempt.contribution_id)).all())
    often = Counter(owners[it.attempt_id] for it in made.bench.took())
    for it in made.bench.took():
        # Of two payments for one contribution each has its own standing; one tells all.
        expected = made.bench.standing(it.payment_ref) if often[owners[it.attempt_id]] == 1 else None
        status = statuses[it.attempt_id]
        if status in OPEN or (expected is not None and status != expected):
            wrong.append(f"{it.payment_ref} is {expected}, its contribution is {status}")
    wrong += [f"{id_} is still {status}" for id_, status in statuses.items() if status in OPEN]
    return wrong


def _events(made: World) -> list[str]:
    """Nothing is left waiting, and nothing of the processor's own was set aside."""
    rows = made.session.execute(
        select(ReceivedEvent.type, ReceivedEvent.status, ReceivedEvent.reason).where(
            ReceivedEvent.status.in_((inbox.WAITING, inbox.QUARANTINED))
        )
    )
    return [f"event {kind} is {status}: {reason}" for kind, status, reason in rows]


def _letters(made: World) -> list[str]:
    """Who gave an address and paid has a receipt, once unless the process died after it; where
    money went back, it may have come too late. Nobody else has one."""
    session, sent = made.session, Counter(made.letters)
    with_address = select(Contribution.id).where(Contribution.email_sealed.is_not(None))
    paid = set(session.scalars(with_address.where(Contribution.paid_at.is_not(None))))
    went_back = (FactKind.REFUNDED, FactKind.DENIED, FactKind.DISPUTE_WITHDRAWN)
    touched = set(session.scalars(select(PaymentFact.contribution_id).where(PaymentFact.kind.in_(went_back))))
    wrong = [f"no receipt for {id_}" for id_ in paid - touched - set(sent)]
    wrong += [f"a receipt for {id_}, who gave no address or did not pay" for id_ in set(sent) - paid]
    if sum(sent.values()) > len(sent) + made.crashes:
        wrong.append(f"receipts were sent again: {sent.most_common(1)}")
    return wrong


def _balances(made: World) -> list[str]:
    """What our books say that the processor holds is what it holds."""
    name = f"Assets:Processor:{made.bench.name.capitalize()}"
    sums = {it.amount.currency: it.amount.minor for it in books.balances(made.session) if it.account == name}
    held = made.bench.balance()
    ours = sum(sums.values()) if len({it for it in sums.values() if it}) < 2 else None
    return [] if ours == held else [f"we say {sums}, the processor holds {held}"]


def _keys(made: World) -> list[str]:
    """A key stands for one contribution, and each contribution has its key."""
    known = set(made.session.scalars(select(Contribution.id)))
    answered = list(made.answers.values())
    wrong = [f"answered, not stored: {id_}" for id_ in answered if id_ not in known]
    if len(set(answered)) != len(answered):
        wrong.append("two keys stand for one contribution")
    if len(known) > len(made.gifts):
        wrong.append(f"{len(known)} contributions for {len(made.gifts)} keys")
    return wrong
