"""The contract of every processor: the same tests for each adapter, over its own fake.

A new processor adds a `Bench` for itself to `BENCHES`; the tests stay as they are.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from service.errors import BadEvent, BadSignature, ProcessorRefused, ProcessorUnavailable
from service.money import Money
from service.processors import base
from tests.support.sandbox import Delivery, LocalSandbox, sign


class SandboxBench:
    """The sandbox with what a test needs to do to it."""

    def __init__(self) -> None:
        self.processor = LocalSandbox()

    def pay(self, checkout: base.Checkout) -> None:
        self.processor.choose(checkout.url, "pay")

    def decline(self, checkout: base.Checkout) -> None:
        self.processor.choose(checkout.url, "decline")

    def pay_slowly(self, checkout: base.Checkout) -> None:
        self.processor.choose(checkout.url, "pending_pay")

    def pass_time(self) -> None:
        store = self.processor.parts.store
        for due in store.owned("later", "due"):
            store.put("later", due | {"at": 0}, owner="due")
        self.processor.pass_time()

    def refund(self, payment: str, amount: str | None = None) -> None:
        self.processor.control(refund=payment, amount=amount)

    def dispute(self, payment: str, outcome: str) -> None:
        self.processor.control(dispute=payment, outcome=outcome)

    def pay_out(self) -> None:
        self.processor.control(payout=True)

    def fail_next(self, error: str, count: int = 1) -> None:
        self.processor.control(error=error, count=count)

    def deliveries(self) -> list[Delivery]:
        return self.processor.take_deliveries()

    def forge(self, event: object, **how: object) -> Delivery:
        return sign(event, **how)  # type: ignore[arg-type]  # secret and at

    def close(self) -> None:
        self.processor.close()


BENCHES = {"sandbox": SandboxBench}


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest) -> Iterator[SandboxBench]:
    made = BENCHES[request.param]()
    yield made
    made.close()


def order(attempt: str = "a" * 32, rupiah: int = 25_000, **changes: object) -> base.Order:
    values = {
        "attempt_id": attempt,
        "contribution_id": "c" * 32,
        "reference": "AS-0000-0000",
        "amount": Money.of_major(rupiah, "IDR"),
        "locale": "id",
        "expires_at": (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0),
        "return_url": "http://service.test/back",
    }
    return base.Order(**(values | changes))  # type: ignore[arg-type]  # checked by the adapter


def read(bench: SandboxBench) -> list[base.Happening]:
    events = [bench.processor.read_event(it.headers, it.body) for it in bench.deliveries()]
    return [happening for event in events for happening in event.happenings]


def of_kind(happenings: list[base.Happening], kind: type) -> list:
    return [happening for happening in happenings if type(happening) is kind]


def test_opening_is_idempotent_by_the_attempt(bench: SandboxBench) -> None:
    asked = order()
    first, second = bench.processor.open_checkout(asked), bench.processor.open_checkout(asked)
    assert first == second
    assert first.expires_at == asked.expires_at
    assert first.url.startswith(bench.processor.checkout_origin)
    assert bench.processor.open_checkout(order("b" * 32)).ref != first.ref


def test_the_same_attempt_with_another_amount_is_refused(bench: SandboxBench) -> None:
    bench.processor.open_checkout(order())
    with pytest.raises(ProcessorRefused):
        bench.processor.open_checkout(order(rupiah=30_000))


def test_a_checkout_is_found_by_its_attempt(bench: SandboxBench) -> None:
    assert bench.processor.find_checkout("a" * 32) is None
    opened = bench.processor.open_checkout(order())
    assert bench.processor.find_checkout("a" * 32) == opened


@pytest.mark.parametrize("rupiah", [10_000, 10_001, 25_000, 10_000_000])
def test_amounts_come_back_as_they_went(bench: SandboxBench, rupiah: int) -> None:
    bench.pay(bench.processor.open_checkout(order(rupiah=rupiah)))
    happenings = read(bench)
    (paid,) = of_kind(happenings, base.PaymentSucceeded)
    (settled,) = of_kind(happenings, base.PaymentSettled)
    assert paid.amount == settled.gross == Money.of_major(rupiah, "IDR")
    assert settled.fee.currency == "IDR"
    assert 0 < settled.fee.minor < paid.amount.minor
    assert paid.payment_ref == settled.payment_ref
    assert paid.live is False


def test_asking_tells_what_the_events_tell(bench: SandboxBench) -> None:
    checkout = bench.processor.open_checkout(order())
    assert list(bench.processor.ask(checkout.ref)) == []
    bench.pay(checkout)
    assert list(bench.processor.ask(checkout.ref)) == read(bench)


def test_a_declined_payment(bench: SandboxBench) -> None:
    checkout = bench.processor.open_checkout(order())
    bench.decline(checkout)
    assert bool(of_kind(read(bench), base.PaymentFailed)) == bench.processor.declined_ends_attempt


def test_pending_then_paid(bench: SandboxBench) -> None:
    checkout = bench.processor.open_checkout(order())
    bench.pay_slowly(checkout)
    assert [type(happening) for happening in read(bench)] == [base.PaymentPending]
    bench.pass_time()
    assert of_kind(read(bench), base.PaymentSucceeded)


def test_expiring_closes_an_open_page_and_leaves_a_paid_one(bench: SandboxBench) -> None:
    open_one, paid_one = (
        bench.processor.open_checkout(order()),
        bench.processor.open_checkout(order("b" * 32)),
    )
    bench.pay(paid_one)
    read(bench)
    for checkout in (open_one, open_one, paid_one):
        bench.processor.expire_checkout(checkout.ref)
    (expired,) = read(bench)
    assert isinstance(expired, base.CheckoutExpired)
    assert expired.attempt_id == "a" * 32


def test_refunds_and_disputes_made_outside(bench: SandboxBench) -> None:
    checkout = bench.processor.open_checkout(order())
    bench.pay(checkout)
    payment = of_kind(read(bench), base.PaymentSucceeded)[0].payment_ref
    bench.refund(payment, "10000")
    (refunded,) = read(bench)
    assert isinstance(refunded, base.RefundedOutside)
    assert refunded.gross == Money.of_major(10_000, "IDR")
    bench.dispute(payment, "lost")
    (disputed,) = read(bench)
    assert isinstance(disputed, base.DisputeOpened)
    assert disputed.gross == Money.of_major(15_000, "IDR")
    assert disputed.fee.minor > 0
    bench.pass_time()
    (lost,) = read(bench)
    assert isinstance(lost, base.DisputeLost)
    assert lost.dispute_ref == disputed.dispute_ref


def test_a_payout_is_the_sum_of_its_rows(bench: SandboxBench) -> None:
    for attempt in "ab":
        bench.pay(bench.processor.open_checkout(order(attempt * 32)))
    settled = of_kind(read(bench), base.PaymentSettled)
    bench.pay_out()
    (payout,) = read(bench)
    assert isinstance(payout, base.PayoutMade)
    assert payout.amount.minor == sum(row.gross.minor - row.fee.minor for row in settled)
    assert set(payout.rows) == {row.ref for row in settled}


@pytest.mark.parametrize("error", ["500", "429", "malformed"])
def test_a_processor_in_trouble_is_unavailable_and_the_same_call_goes_on(
    bench: SandboxBench, error: str
) -> None:
    bench.fail_next(error, count=2)
    with pytest.raises(ProcessorUnavailable):
        for _ in range(2):
            bench.processor.open_checkout(order())
    bench.processor.control(reset=True)
    checkout = bench.processor.open_checkout(order())
    assert bench.processor.find_checkout("a" * 32) == checkout


def test_one_fault_while_opening_is_repeated_with_the_same_key(bench: SandboxBench) -> None:
    bench.fail_next("500")
    checkout = bench.processor.open_checkout(order())
    assert bench.processor.find_checkout("a" * 32) == checkout


def test_an_unknown_checkout_is_refused_and_not_unavailable(bench: SandboxBench) -> None:
    with pytest.raises(ProcessorRefused):
        bench.processor.ask("co_unknown")


def test_events_are_read_again_from_what_is_kept_of_them(bench: SandboxBench) -> None:
    bench.pay(bench.processor.open_checkout(order()))
    for delivery in bench.deliveries():
        event = bench.processor.read_event(delivery.headers, delivery.body)
        kept = json.loads(json.dumps(event.projection))
        assert bench.processor.read_projection(kept) == event.happenings


def test_forged_and_stale_events_are_refused(bench: SandboxBench) -> None:
    bench.pay(bench.processor.open_checkout(order()))
    genuine = bench.deliveries()[0]
    forged = [
        bench.forge(genuine.event, secret="another"),
        bench.forge(genuine.event, at=int(time.time()) - 301),
        Delivery(genuine.event, genuine.body + b" ", genuine.headers),
        Delivery(genuine.event, genuine.body, {}),
    ]
    for delivery in forged:
        with pytest.raises(BadSignature):
            bench.processor.read_event(delivery.headers, delivery.body)
    for garbage in (b"", b"{", b"[]", b"null", b"\xff"):
        with pytest.raises(BadEvent):
            bench.processor.read_event(bench.forge(garbage).headers, garbage)


def test_an_unused_type_tells_nothing(bench: SandboxBench) -> None:
    delivery = bench.forge({"id": "evt_1", "type": "something.else", "created": 1, "data": {}})
    event = bench.processor.read_event(delivery.headers, delivery.body)
    assert (event.id, event.happenings) == ("evt_1", ())
