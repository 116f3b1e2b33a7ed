"""Settling: webhook, landing page and sweep end in the same books, whatever the order."""

import random

import pytest
from sqlalchemy import func, select

from service.contributions.model import Attempt, Contribution, Message, PaymentFact
from service.finance.model import FinanceException, Movement, Posting
from tests.support.desk import Desk


def movements(desk: Desk) -> list[tuple[str, int, int, int]]:
    desk.session.rollback()
    rows = desk.session.scalars(select(Movement).order_by(Movement.type))
    return [(row.type, row.gross_minor, row.fee_minor, row.net_minor) for row in rows]


GIVEN_AND_FEE = [("contribution", 2_500_000, 0, 2_500_000), ("fee", 0, 17_500, -17_500)]


def test_a_payment_is_booked_gross_and_its_fee_apart(desk: Desk) -> None:
    answer = desk.paid()
    assert answer["status"] == "paid"
    assert answer["message_state"] == "pending"
    assert answer["paid_at"] is not None
    assert answer["checkout_url"] is None
    assert movements(desk) == GIVEN_AND_FEE
    assert desk.broken() == []


def test_entries_are_balanced_between_the_right_accounts(desk: Desk) -> None:
    desk.paid()
    totals = dict(
        desk.session.execute(
            select(Posting.account, func.sum(Posting.amount_minor)).group_by(Posting.account)
        ).all()
    )
    assert totals == {
        "Assets:Processor:Sandbox": 2_482_500,
        "Income:Contributions": -2_500_000,
        "Expenses:ProcessorFees": 17_500,
    }


@pytest.mark.parametrize("seed", range(4))
def test_five_deliveries_in_any_order_are_one_movement(desk: Desk, seed: int) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    deliveries = desk.sandbox.take_deliveries() * 5
    random.Random(seed).shuffle(deliveries)
    for delivery in deliveries:
        assert desk.deliver(delivery).status_code == 200
    assert movements(desk) == GIVEN_AND_FEE
    assert desk.look(answer["id"])["status"] == "paid"
    assert desk.broken() == []


def test_the_sweep_finds_what_never_arrived(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.sandbox.take_deliveries()
    assert desk.sweep().applied == 2
    assert desk.look(answer["id"])["status"] == "paid"
    assert movements(desk) == GIVEN_AND_FEE
    assert desk.sweep().asked == 0


def test_webhooks_after_the_sweep_change_nothing(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    late = desk.sandbox.take_deliveries()
    desk.sweep()
    answers = [desk.deliver(delivery).get_json()["status"] for delivery in late]
    assert answers == ["duplicate", "duplicate"]
    assert movements(desk) == GIVEN_AND_FEE


def test_the_sweep_asks_for_a_fee_that_is_not_known(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.deliver(desk.sandbox.take_deliveries()[0])
    assert movements(desk) == GIVEN_AND_FEE[:1]
    desk.sweep()
    assert movements(desk) == GIVEN_AND_FEE


def test_the_sweep_stops_at_a_processor_that_is_away(desk: Desk) -> None:
    for _ in range(3):
        desk.given()
    desk.sandbox.away = True
    swept = desk.sweep()
    assert (swept.asked, len(swept.failed)) == (1, 1)


def test_a_checkout_whose_answer_was_lost_is_found_again(desk: Desk) -> None:
    desk.given()
    attempt = desk.session.scalars(select(Attempt)).one()
    url, attempt.checkout_ref, attempt.checkout_url = attempt.checkout_url, None, None
    desk.session.commit()
    desk.sweep()
    desk.session.rollback()
    assert desk.session.scalars(select(Attempt.checkout_url)).one() == url


def test_an_expired_checkout_ends_the_attempt(desk: Desk) -> None:
    answer = desk.given()
    attempt = desk.session.scalars(select(Attempt)).one()
    desk.sandbox.expire_checkout(attempt.checkout_ref or "")
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "expired"
    assert desk.look(answer["id"])["checkout_url"] is None


def test_pending_then_paid(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pending_pay")
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "processing"
    assert desk.look(answer["id"])["message_state"] == "held"
    _let_pending_end(desk)
    assert desk.look(answer["id"])["status"] == "paid"


def test_pending_then_failed(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pending_fail")
    desk.deliver_all()
    _let_pending_end(desk)
    assert desk.look(answer["id"])["status"] == "failed"
    assert movements(desk) == []


def _let_pending_end(desk: Desk) -> None:
    store = desk.sandbox.parts.store
    for due in store.owned("later", "due"):
        store.put("later", due | {"at": 0}, owner="due")
    desk.sandbox.pass_time()
    desk.deliver_all()


def payment_ref(desk: Desk) -> str:
    return str(
        desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).one()
    )


@pytest.mark.clause("4.2")
def test_clause_4_2_a_refund_made_outside_is_a_dated_exception(desk: Desk) -> None:
    answer = desk.published()
    desk.sandbox.control(refund=payment_ref(desk), amount="10000")
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "paid"
    desk.sandbox.control(refund=payment_ref(desk))
    desk.deliver_all()
    seen = desk.look(answer["id"])
    assert (seen["status"], seen["message_state"]) == ("reversed", "published")
    assert desk.wall() == []
    amounts = sorted(row[1] for row in movements(desk) if row[0] == "refund_external")
    assert amounts == [-1_500_000, -1_000_000]
    assert movements(desk)[0] == GIVEN_AND_FEE[0]
    assert desk.broken() == []


@pytest.mark.parametrize(("outcome", "status"), [("won", "paid"), ("lost", "reversed")])
def test_a_dispute_changes_nothing_in_public_until_it_is_lost(desk: Desk, outcome: str, status: str) -> None:
    answer = desk.published()
    desk.sandbox.control(dispute=payment_ref(desk), outcome=outcome)
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "disputed"
    assert len(desk.wall()) == 1
    _let_pending_end(desk)
    assert desk.look(answer["id"])["status"] == status
    assert len(desk.wall()) == (1 if outcome == "won" else 0)
    types = {row[0] for row in movements(desk)}
    assert {"chargeback", "dispute_fee"} <= types
    assert ("chargeback_reversed" in types) == (outcome == "won")
    assert desk.broken() == []


def test_a_dispute_that_arrives_before_the_payment_waits_for_it(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    succeeded, settled = desk.sandbox.take_deliveries()
    desk.sandbox.control(dispute=succeeded.event["data"]["payment"])
    (disputed,) = desk.sandbox.take_deliveries()
    assert desk.deliver(disputed).get_json()["status"] == "waiting"
    assert desk.deliver(settled).get_json()["status"] == "waiting"
    assert desk.deliver(succeeded).get_json()["status"] == "applied"
    assert desk.look(answer["id"])["status"] == "disputed"
    assert {row[0] for row in movements(desk)} == {"contribution", "fee", "chargeback", "dispute_fee"}
    assert desk.broken() == []


def test_a_payout_pays_what_its_rows_add_up_to(desk: Desk) -> None:
    desk.paid()
    desk.paid(amount="100000")
    desk.sandbox.control(payout=True)
    desk.deliver_all()
    (payout,) = [row for row in movements(desk) if row[0] == "payout"]
    assert payout == ("payout", -12_412_500, 0, -12_412_500)
    rows = desk.export()
    assert {row["payout_id"] for row in rows} == {rows[0]["payout_id"]}
    assert rows[0]["payout_id"].startswith("po_")
    paid_out = sum(float(row["net"]) for row in rows if row["type"] != "payout")
    assert paid_out == 124_125.00
    assert desk.broken() == []


def test_both_paid_are_both_booked_and_one_is_an_exception(desk: Desk) -> None:
    answer = desk.given()
    first = answer["checkout_url"]
    desk.sandbox.choose(first, "decline")
    desk.deliver_all()
    again = desk.client.post(f"/api/v1/contributions/{answer['id']}/attempts", json={}).get_json()
    desk.sandbox.choose(again["checkout_url"], "pay")
    desk.deliver_all()
    _pay_closed_checkout(desk, first)
    assert [row[0] for row in movements(desk)].count("contribution") == 2
    exceptions = desk.session.scalars(select(FinanceException)).all()
    assert [exception.kind for exception in exceptions] == ["duplicate_payment"]
    assert desk.look(answer["id"])["status"] == "paid"
    assert desk.session.scalar(select(func.count()).select_from(Message)) == 1
    assert desk.broken() == []


def _pay_closed_checkout(desk: Desk, url: str) -> None:
    """A processor can take money late, on a page that it had said was over."""
    store, id_ = desk.sandbox.parts.store, url.rpartition("/")[2]
    checkout = store.find("checkout", id_)
    assert checkout is not None
    store.put("checkout", checkout | {"status": "open"}, owner=checkout["attempt_id"])
    desk.sandbox.choose(url, "pay")
    desk.deliver_all()


def test_late_money_after_expiry_is_booked(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.expire_checkout(answer["checkout_url"].rpartition("/")[2])
    desk.deliver_all()
    _pay_closed_checkout(desk, answer["checkout_url"])
    assert desk.look(answer["id"])["status"] == "paid"
    assert movements(desk) == GIVEN_AND_FEE


def test_the_moment_of_payment_is_the_processors(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    succeeded = desk.sandbox.take_deliveries()[0]
    desk.deliver(succeeded)
    fact = desk.session.scalars(select(PaymentFact).where(PaymentFact.kind == "succeeded")).one()
    contribution = desk.session.get(Contribution, answer["id"])
    assert contribution is not None
    assert contribution.paid_at == fact.occurred_at
    assert int(fact.occurred_at.timestamp()) == succeeded.event["created"]
