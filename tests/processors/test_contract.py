"""The contract of every processor: the same tests for each adapter, over its own fake."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.errors import BadEvent, BadSignature, ProcessorRefused, ProcessorUnavailable
from service.money import Money
from service.processors import base
from tests.support.benches import BENCHES, said
from tests.support.sandbox import Delivery

EXPIRES = (datetime.now(UTC) + timedelta(hours=2)).replace(microsecond=0)  # the same for all openings


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest) -> Iterator[Any]:
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
        "expires_at": EXPIRES,
        "return_url": "http://service.test/back",
    }
    return base.Order(**(values | changes))  # type: ignore[arg-type]  # checked by the adapter


def opened(bench: Any, **changes: Any) -> base.Checkout:
    checkout: base.Checkout = bench.processor.open_checkout(order(**changes))
    return checkout


def of_kind(happenings: Any, kind: type) -> list[Any]:
    return [happening for happening in happenings if type(happening) is kind]


def paid_and_settled(bench: Any, **changes: Any) -> list[base.Happening]:
    """Pay, and all that is known afterwards: its fee by event or by the settlement file."""
    bench.pay(opened(bench, **changes).url)
    bench.settle()
    told = list(bench.read())
    filed = bench.file().told if bench.settles_by_file else ()
    return told + [it for it in filed if not said(it, told)]


def test_opening_is_idempotent_by_the_attempt(bench: Any) -> None:
    asked = order()
    first, second = bench.processor.open_checkout(asked), bench.processor.open_checkout(asked)
    assert first == second
    assert first.expires_at == asked.expires_at
    assert first.url.startswith(bench.processor.checkout_origin)
    assert opened(bench, attempt="b" * 32).ref != first.ref


def test_the_same_attempt_never_gets_a_page_with_another_amount(bench: Any) -> None:
    first = opened(bench)
    if not bench.same_key_other_amount_refused:
        assert opened(bench, rupiah=30_000) == first
        return
    with pytest.raises(ProcessorRefused):
        opened(bench, rupiah=30_000)


def test_a_checkout_is_found_by_its_attempt_where_the_processor_can_tell(bench: Any) -> None:
    before = datetime.now(UTC)
    assert bench.processor.find_checkout("a" * 32, before) is None
    checkout = opened(bench)
    found = bench.processor.find_checkout("a" * 32, before)
    assert found == (checkout if bench.finds_checkouts else None)


@pytest.mark.parametrize("rupiah", [10_000, 10_001, 25_000, 10_000_000])
def test_amounts_come_back_as_they_went(bench: Any, rupiah: int) -> None:
    told = paid_and_settled(bench, rupiah=rupiah)
    (paid,) = of_kind(told, base.PaymentSucceeded)
    (settled,) = of_kind(told, base.PaymentSettled)
    assert paid.amount == settled.amount == settled.row.gross == Money.of_major(rupiah, "IDR")
    assert settled.row.fee.currency == "IDR"
    assert 0 < settled.row.fee.minor < paid.amount.minor
    assert paid.payment_ref == settled.payment_ref
    assert settled.method
    assert paid.live is settled.live is False


def test_asking_tells_what_the_events_tell(bench: Any) -> None:
    checkout = opened(bench)
    assert list(bench.processor.ask(checkout.ref)) == []
    bench.pay(checkout.url)
    bench.settle()
    asked, told = bench.processor.ask(checkout.ref), bench.read()
    assert [(type(it), it.ref) for it in asked] == [(type(it), it.ref) for it in told]
    assert all(abs(one.at - other.at) < timedelta(seconds=3) for one, other in zip(asked, told, strict=True))


def test_a_declined_payment_ends_the_attempt_where_the_port_says_so(bench: Any) -> None:
    bench.decline(opened(bench).url)
    ended = of_kind(bench.read(), base.PaymentFailed) or of_kind(bench.read(), base.PaymentDenied)
    assert bool(ended) == bench.processor.declined_ends_attempt or bench.name == "midtrans"


def test_pending_then_paid(bench: Any) -> None:
    bench.pay_slowly(opened(bench).url)
    assert [type(happening) for happening in bench.read()] == [base.PaymentPending]
    bench.finish_slow()
    assert of_kind(bench.read(), base.PaymentSucceeded)


def test_pending_then_failed(bench: Any) -> None:
    bench.pay_slowly(opened(bench).url, ok=False)
    bench.read()
    bench.finish_slow()
    assert of_kind(bench.read(), base.PaymentFailed)


def test_expiring_closes_an_open_page_and_leaves_a_paid_one(bench: Any) -> None:
    open_one, paid_one = opened(bench), opened(bench, attempt="b" * 32)
    bench.pay(paid_one.url)
    bench.read()
    for checkout in (open_one, open_one, paid_one):
        told = bench.processor.expire_checkout(checkout.ref)
        expired = of_kind(told, base.CheckoutExpired)
        assert [it.attempt_id for it in expired] == ([] if checkout is paid_one else ["a" * 32])
        assert bool(of_kind(told, base.PaymentSucceeded)) is (checkout is paid_one)
    events = bench.read()
    assert bench.processor.expires_silently or len(of_kind(events, base.CheckoutExpired)) == 1


@pytest.mark.clause("4.2")
def test_refunds_and_disputes_made_outside(bench: Any) -> None:
    told = paid_and_settled(bench)
    payment = of_kind(told, base.PaymentSucceeded)[0].payment_ref
    bench.refund(payment, 10_000)
    (refunded,) = of_kind(bench.read(), base.RefundedOutside)
    assert refunded.amount == Money.of_major(10_000, "IDR")
    assert refunded.payment_ref == payment
    dispute = bench.dispute(payment)
    disputed = bench.read()
    (opened_,), (withdrawn,) = (of_kind(disputed, it) for it in (base.DisputeOpened, base.DisputeWithdrawn))
    assert opened_.ref == withdrawn.ref
    bench.close_dispute(dispute, "lost")
    lost = of_kind(disputed, base.DisputeLost) or of_kind(bench.read(), base.DisputeLost)
    assert [it.ref for it in lost] == [withdrawn.ref]


def test_a_failed_refund_and_a_won_dispute_bring_the_money_back(bench: Any) -> None:
    payment = of_kind(paid_and_settled(bench), base.PaymentSucceeded)[0].payment_ref
    if bench.tells_refund_failures:
        refund = bench.refund(payment, 10_000)
        bench.fail_refund(refund)
        told = bench.read()
        (made,), (failed,) = (of_kind(told, it) for it in (base.RefundedOutside, base.RefundFailed))
        assert made.ref == failed.ref
        assert made.row.net + failed.row.net == Money(0, "IDR")
    if bench.can_win_disputes:
        dispute = bench.dispute(payment)
        withdrawn = of_kind(bench.read(), base.DisputeWithdrawn)[0]
        assert withdrawn.row.fee.minor > 0
        bench.close_dispute(dispute, "won")
        told = bench.read()
        (back,) = of_kind(told, base.DisputeReinstated)
        assert of_kind(told, base.DisputeWon)[0].ref == back.ref == withdrawn.ref
        assert back.row.gross == -withdrawn.row.gross


def test_a_payout_is_the_sum_of_its_rows(bench: Any) -> None:
    told = paid_and_settled(bench) + paid_and_settled(bench, attempt="b" * 32)
    settled = {it.ref: it for it in of_kind(told, base.PaymentSettled)}
    bench.pay_out()
    told = bench.read() if not bench.settles_by_file else bench.file().told
    payouts = of_kind(told, base.PayoutMade)
    payout = payouts[-1]
    assert payout.amount.minor == sum(row.row.net.minor for row in settled.values())
    assert set(payout.rows) == set(settled)


def test_its_books_can_be_listed_and_every_row_explained(bench: Any) -> None:
    began = datetime.now(UTC) - timedelta(days=1)
    told = paid_and_settled(bench)
    payment = of_kind(told, base.PaymentSucceeded)[0].payment_ref
    bench.refund(payment, 10_000)
    payout = bench.pay_out()
    until = datetime.now(UTC) + timedelta(days=1)
    if bench.settles_by_file:
        found = bench.file()
        rows, explained = found.rows, list(found.told)
    else:
        bench.charge(500)
        page = bench.processor.list_rows(began, until, None)
        assert page.after is None
        rows = page.rows
        explained = [it for row in rows for it in bench.processor.explain_row(row)]
        assert of_kind(explained, base.BalanceAdjusted)[0].row.net == Money.of_major(-500, "IDR")
        listed = bench.processor.list_payout_rows(payout, None)
        assert listed.after is None
        assert (
            sum(row.net.minor for row in listed.rows) == of_kind(explained, base.PayoutMade)[0].amount.minor
        )
    assert sum(row.net.minor for row in rows) == bench.balance()
    kinds = {base.PaymentSettled, base.RefundedOutside, base.PayoutMade}
    assert kinds <= {type(it) for it in explained}
    assert {it.ref for it in explained} >= {it.ref for it in of_kind(told, base.PaymentSettled)}


@pytest.mark.parametrize("error", ["500", "429", "malformed", "timeout_after_success"])
def test_a_processor_in_trouble_is_unavailable_and_the_same_call_goes_on(bench: Any, error: str) -> None:
    bench.fail_next(error, count=20)
    with pytest.raises(ProcessorUnavailable):
        opened(bench)
    bench.end_faults()
    checkout = opened(bench)
    assert opened(bench) == checkout


def test_one_fault_while_opening_is_repeated_with_the_same_key(bench: Any) -> None:
    bench.fail_next("500")
    checkout = opened(bench)
    assert opened(bench) == checkout


def test_an_unknown_checkout_is_no_trouble_of_the_processor(bench: Any) -> None:
    if bench.processor.expires_silently:
        assert list(bench.processor.ask(f"{'f' * 32}:unknown")) == []
        return
    with pytest.raises(ProcessorRefused) as refused:
        bench.processor.ask("co_unknown")
    assert type(refused.value) is ProcessorRefused


def test_away_is_unavailable(bench: Any) -> None:
    bench.wire.away = True
    for call in (
        lambda: opened(bench),
        lambda: bench.processor.ask(f"{'f' * 32}:x"),
        lambda: bench.processor.expire_checkout(f"{'f' * 32}:x"),
        lambda: bench.processor.find_checkout("f" * 32, datetime.now(UTC)),
    ):
        with pytest.raises(ProcessorUnavailable) as away:
            call()
        assert type(away.value) is ProcessorUnavailable


def test_events_are_read_again_from_what_is_kept_of_them(bench: Any) -> None:
    bench.pay(opened(bench).url)
    bench.settle()
    for delivery in bench.deliveries():
        event = bench.processor.read_event(delivery.headers, delivery.body)
        kept = json.loads(json.dumps(event.projection))
        again = list(bench.processor.complete(kept))
        assert event.happenings is None or again == list(event.happenings)
        assert bench.processor.refusal(kept) is None


@pytest.mark.clause("5.1", "5.2")
def test_nothing_of_the_payer_is_kept(bench: Any) -> None:
    bench.pay(opened(bench).url)
    bench.settle()
    for delivery in bench.deliveries():
        kept = json.dumps(bench.processor.read_event(delivery.headers, delivery.body).projection)
        assert "@" not in kept
        assert "name" not in kept
        assert "card" not in kept


def test_forged_and_stale_events_are_refused(bench: Any) -> None:
    bench.pay(opened(bench).url)
    genuine = bench.deliveries()[0]
    event = json.loads(genuine.body)
    forged = [bench.forge(event, secret="another"), Delivery(event, b"{}", {})]
    if bench.name != "midtrans":  # whose signature is in the body, and has no time
        forged += [
            bench.forge(event, at=int(time.time()) - 301),
            Delivery(event, genuine.body + b" ", genuine.headers),
            Delivery(event, genuine.body, {}),
        ]
    for delivery in forged:
        with pytest.raises(BadSignature):
            bench.processor.read_event(delivery.headers, delivery.body)
    for garbage in (b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"id": NaN}'):
        with pytest.raises((BadEvent, BadSignature)):
            bench.processor.read_event(bench.forge(garbage).headers, garbage)


def test_an_unused_event_tells_nothing(bench: Any) -> None:
    unused: dict[str, Any] = {"id": "evt_1", "type": "something.else", "created": 1, "data": {"object": {}}}
    if bench.name == "stripe":
        unused |= {"livemode": False, "api_version": "2026-10-28.endive"}
    if bench.name == "midtrans":
        unused = {
            "order_id": "payment_notif_test_1",
            "status_code": "200",
            "gross_amount": "100.00",
            "transaction_status": "settlement",
            "transaction_id": "x",
        }
    delivery = bench.forge(unused)
    event = bench.processor.read_event(delivery.headers, delivery.body)
    assert event.happenings == ()
    assert list(bench.processor.complete(event.projection)) == []
