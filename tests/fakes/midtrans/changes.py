"""How a transaction moves until it is paid or lost; each move sends one notification."""

from tests.fakes.midtrans.answers import notify
from tests.fakes.midtrans.methods import LIFETIMES, details, fee, require_offered
from tests.fakes.midtrans.payouts import book
from tests.fakes.midtrans.records import Page, Refused, Transaction
from tests.fakes.midtrans.world import World

RETRIED = ("deny", "failure")


def is_open(world: World, page: Page) -> bool:
    """Whether a method can still be chosen; nothing is sent when this ends by time."""
    now = world.now()
    late = (
        page.pays_from is not None
        and page.pays_within is not None
        and now >= page.pays_from + page.pays_within
    )
    before = world.transactions.get(page.order_id)
    tried = before is None or (before.status in RETRIED and before.settled_at is None)
    return page.canceled_at is None and now < page.closes_at and not late and tried


def choose(world: World, page: Page, method: str) -> Transaction:
    """The payer picks a method: the transaction now exists and waits for its money."""
    if not is_open(world, page):
        raise Refused(f"the page of {page.order_id} is closed")
    require_offered(page, method)
    now = world.now()
    lifetime = page.pays_within or LIFETIMES[method]
    transaction = Transaction(
        id=world.uuid(),
        page=page,
        method=method,
        chosen_at=now,
        expires_at=(page.pays_from or now) + lifetime,
        details=details(world, page, method),
    )
    world.transactions[page.order_id] = world.by_id[transaction.id] = transaction
    world.pending[page.order_id] = transaction
    notify(world, transaction)
    return transaction


def _require(transaction: Transaction, *statuses: str) -> None:
    if transaction.status not in statuses:
        raise Refused(f"{transaction.order_id} is {transaction.status}, not {' or '.join(statuses)}")


def _move(world: World, transaction: Transaction, status: str) -> None:
    transaction.status = status
    world.pending.pop(transaction.order_id, None)
    notify(world, transaction)


def _hold(world: World, transaction: Transaction, sign: int) -> None:
    """A captured card's net waits in the pending balance until it is settled."""
    net = transaction.amount - fee(transaction.method, transaction.amount)
    world.moves.append((world.now(), "pending", sign * net))


def capture(world: World, transaction: Transaction) -> None:
    _require(transaction, "pending")
    if transaction.method != "credit_card":
        raise Refused("only cards are captured")
    _hold(world, transaction, 1)
    _move(world, transaction, "capture")


def challenge(world: World, transaction: Transaction) -> None:
    """The fraud check wants a human to look before a card counts as paid."""
    _require(transaction, "pending")
    if transaction.method != "credit_card":
        raise Refused("only cards are challenged")
    transaction.fraud = "challenge"
    _hold(world, transaction, 1)
    _move(world, transaction, "capture")


def accept(world: World, transaction: Transaction) -> None:
    if transaction.status != "capture" or transaction.fraud != "challenge":
        raise Refused(f"{transaction.order_id} is not challenged")
    transaction.fraud = "accept"
    _move(world, transaction, "capture")


def settle(world: World, transaction: Transaction) -> None:
    """The money is there; a pending card passes through capture first."""
    if transaction.status == "pending" and transaction.method == "credit_card":
        capture(world, transaction)
    _require(transaction, "pending", "capture")
    if transaction.fraud != "accept":
        raise Refused(f"{transaction.order_id} is {transaction.fraud}")
    if transaction.status == "capture":
        _hold(world, transaction, -1)
    transaction.settled_at = world.now()
    book(world, "payment", transaction, transaction.amount, fee(transaction.method, transaction.amount))
    _move(world, transaction, "settlement")


def deny(world: World, transaction: Transaction) -> None:
    """A bank or the fraud check says no, at some banks minutes after settlement."""
    _require(transaction, "pending", "capture", "settlement")
    if transaction.status == "settlement":
        book(world, "deny", transaction, -transaction.amount, -fee(transaction.method, transaction.amount))
    elif transaction.status == "capture":
        _hold(world, transaction, -1)
    if transaction.fraud == "challenge":
        transaction.fraud = "deny"
    _move(world, transaction, "deny")


def expire(world: World, transaction: Transaction) -> None:
    _require(transaction, "pending")
    _move(world, transaction, "expire")


def fail(world: World, transaction: Transaction) -> None:
    _require(transaction, "pending")
    _move(world, transaction, "failure")


def cancel(world: World, transaction: Transaction) -> None:
    _require(transaction, "pending", "capture")
    if transaction.status == "capture":
        _hold(world, transaction, -1)
    _move(world, transaction, "cancel")


def pass_time(world: World) -> list[str]:
    """Expires what waited too long; gives the order ids."""
    now = world.now()
    overdue = [waiting for waiting in world.pending.values() if waiting.expires_at <= now]
    for transaction in overdue:
        expire(world, transaction)
    return [transaction.order_id for transaction in overdue]
