"""Faults planted in the production code by hand: the simulator must find every one of them.

Each is a context manager that plants its fault while it is open. ``docs/simulation.md`` lists
them with what caught them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from service.contributions import booking, give, settle
from service.contributions.model import Contribution, Message
from service.contributions.states import FactKind, KnownFact, MessageState, Status, status_of
from service.finance import ledger, postings
from service.money import Money
from service.outbox.put import MAIL, put
from service.processors.base import BalanceRow, MoneyMoved
from service.processors.midtrans import adapter as midtrans
from service.processors.stripe import adapter as stripe


@contextmanager
def facts_are_not_deduplicated() -> Iterator[None]:
    """The business key is not looked up: only the event id protects."""

    def ref(happening: Any) -> tuple[FactKind, str]:
        counter[0] += 1
        return settle._KINDS[type(happening)], f"{happening.ref}#{counter[0]}"[:100]

    counter = [0]
    with patch.object(settle, "_name", ref), patch.object(ledger, "find_movement", lambda *_: None):
        yield


@contextmanager
def the_latest_fact_wins() -> Iterator[None]:
    """The status is that of the fact that arrived last: applied in order of arrival."""

    def status(attempts: Any, facts: Any) -> Status:
        known = list(facts)
        last = [KnownFact(it.attempt_id, it.kind, it.ref, it.amount) for it in known[-1:]]
        return status_of(attempts, last) if last else status_of(attempts, known)

    with patch.object(settle, "status_of", status):
        yield


@contextmanager
def fees_are_booked_twice() -> Iterator[None]:
    """A fee is booked again when its charge is told again."""
    true_fee = postings.fee
    counter = [0]

    def fee(fact: MoneyMoved, row: BalanceRow, processor: str) -> postings.Draft:
        counter[0] += 1
        return replace(true_fee(fact, row, processor), ref=f"{row.ref}#{counter[0]}"[:100])

    def settle_again(case: Any, told: Any, parent: Any) -> bool:
        new = true_settle(case, told, parent)
        booking._book_fee(case, told, parent)
        return new

    true_settle = booking._settle
    with patch.object(postings, "fee", fee), patch.object(booking, "_settle", settle_again):
        yield


@contextmanager
def rupiah_have_no_decimals() -> Iterator[None]:
    """Rp25.000 is sent as 25000 of Stripe's units, and as 2500000 rupiah to Midtrans."""
    true_transaction = midtrans._transaction

    def transaction(order: Any, order_id: str) -> dict[str, Any]:
        return true_transaction(replace(order, amount=Money(order.amount.minor * 100, "IDR")), order_id)

    with (
        patch.object(stripe, "to_stripe", lambda amount: amount.minor // 100),
        patch.object(midtrans, "_transaction", transaction),
    ):
        yield


@contextmanager
def amounts_are_not_compared() -> Iterator[None]:
    """What the processor says was paid is believed, whatever was asked for."""
    true_transaction = midtrans._transaction

    def more(order: Any, order_id: str) -> dict[str, Any]:
        return true_transaction(replace(order, amount=Money(order.amount.minor + 100, "IDR")), order_id)

    with (
        patch.object(settle, "_require_fitting_money", lambda *_: None),
        patch.object(midtrans, "_transaction", more),
        patch.object(stripe, "to_stripe", lambda amount: amount.minor + 100),
    ):
        yield


@contextmanager
def a_key_opens_another_checkout() -> Iterator[None]:
    """Each opening has a key of its own: a repeat after a crash makes a second page."""
    counter = [0]

    def options(key: str) -> Any:
        counter[0] += 1
        return {"idempotency_key": f"{key}-{counter[0]}", "max_network_retries": 1}

    with (
        patch.object(stripe.calls, "create_options", options),
        patch.object(give.idempotency, "bind", lambda *_: None),
    ):
        yield


@contextmanager
def facts_are_committed_before_they_are_booked() -> Iterator[None]:
    """Two transactions where one is needed: a crash between them loses the booking."""
    true_book = booking.book

    def book(case: Any, told: Any) -> bool:
        case.session.commit()
        return true_book(case, told)

    with (
        patch.object(settle.booking, "book", book),
        patch.object(settle, "guarded", lambda _session: nullcontext()),
    ):
        yield


@contextmanager
def a_lost_dispute_does_not_reverse() -> Iterator[None]:
    """Only refunds count as reversals."""
    with patch("service.contributions.states._reversed", lambda _: -1):
        yield


@contextmanager
def refunds_have_the_wrong_sign() -> Iterator[None]:
    """Money that went back is booked as money that came."""
    true_left = postings._left

    def left(fact: MoneyMoved, kind: str, account: str, processor: str) -> postings.Draft:
        made = true_left(fact, kind, account, processor)
        return replace(made, debit=made.credit, credit=made.debit)

    with patch.object(postings, "_left", left):
        yield


@contextmanager
def the_sweep_asks_nobody() -> Iterator[None]:
    """Nothing but webhooks and readers' looks settle an attempt."""
    with patch("service.contributions.sweep._next_batch", lambda *_: []):
        yield


@contextmanager
def contributions_are_not_locked() -> Iterator[None]:
    """Two events of one contribution at once do not see each other: the barrier test finds it."""

    def read_only(session: Any, contribution_id: str) -> Any:
        return session.get_one(Contribution, contribution_id, populate_existing=True)

    with patch("service.contributions.queries.lock", read_only):
        yield


@contextmanager
def published_before_it_is_paid() -> Iterator[None]:
    """A message enters the queue, and may be published, without its payment."""
    published = dict.fromkeys((MessageState.HELD, MessageState.PENDING), MessageState.PUBLISHED)

    def place(message: Message, *, takes_part: bool) -> None:  # as the real one
        message.queue = str(message.state)

    with (
        patch("service.contributions.queueing.place", place),
        patch("service.moderation.decide.queries.lock_standing", lambda *_: True),
        patch("service.moderation.transitions._MOVES", {"publish": published, "reject": {}, "remove": {}}),
    ):
        yield


@contextmanager
def exchanges_are_not_posted() -> Iterator[None]:
    """What a processor settles in another currency stays on its account in the reader's."""
    with patch.object(ledger, "exchange", lambda *_: ()):
        yield


@contextmanager
def every_payment_has_a_receipt() -> Iterator[None]:
    """A receipt is put down for each payment, not for the contribution."""

    def note(case: Any, at: Any) -> None:
        true_note(case, at)
        put(case.session, MAIL, f"receipt:{case.attempt.id}")

    true_note = settle._note_payment
    with patch.object(settle, "_note_payment", note):
        yield


@contextmanager
def receipts_are_put_down_before_the_payment() -> Iterator[None]:
    """Whatever becomes known of an attempt puts the receipt down."""

    def refresh(session: Any, contribution: Contribution) -> None:
        true_refresh(session, contribution)
        settle.receipts.put_letter(session, contribution)

    true_refresh = settle.refresh_status
    with patch.object(settle, "refresh_status", refresh):
        yield


@contextmanager
def receipts_are_put_down_by_nobody() -> Iterator[None]:
    """The settlement forgets the receipt."""
    with patch.object(settle.receipts, "put_letter", lambda *_: None):
        yield


MUTATIONS: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    made.__name__: made
    for made in (
        facts_are_not_deduplicated,
        the_latest_fact_wins,
        fees_are_booked_twice,
        rupiah_have_no_decimals,
        amounts_are_not_compared,
        a_key_opens_another_checkout,
        facts_are_committed_before_they_are_booked,
        a_lost_dispute_does_not_reverse,
        refunds_have_the_wrong_sign,
        the_sweep_asks_nobody,
        published_before_it_is_paid,
        exchanges_are_not_posted,
        every_payment_has_a_receipt,
        receipts_are_put_down_before_the_payment,
        receipts_are_put_down_by_nobody,
    )
}
