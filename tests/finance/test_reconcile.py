"""Our books against the processor's: what was lost is found, what differs is named."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.db import transaction
from service.errors import ProcessorUnavailable
from service.finance import answers, books, exceptions, reconcile
from service.finance.comparison import compare
from service.finance.exports.selection import Period
from service.finance.fetch import Scope
from service.finance.model import FinanceException, Movement, Reconciliation
from service.jobs import reconciling
from tests.support.desk import Desk


def today(desk: Desk) -> Scope:
    day = clock.jakarta_date(clock.now())
    return answers.scope_of_days(desk.bench.name, Period(day, day))


def run(desk: Desk, scope: Scope) -> dict[str, Any]:
    desk.session.rollback()
    found = reconciling.run_one(desk.session, scope, desk.bench.processor)
    return answers.of_reconciliation(desk.session, found)


def test_equal_books_match_row_by_row(listing_desk: Desk) -> None:
    for _ in range(3):
        listing_desk.paid()
    found = run(listing_desk, today(listing_desk))
    assert found["state"] == "finished"
    assert found["result"]["matched"] == 3
    assert found["result"]["agrees"] is True
    (totals,) = found["result"]["totals"]
    assert totals["ledger"] == totals["processor"]
    assert totals["ledger"]["gross"] == "75000.00"


def test_money_whose_every_event_was_lost_is_found_and_booked(listing_desk: Desk) -> None:
    desk = listing_desk
    paid = desk.paid()
    payment = desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).one()
    lost = desk.given()
    desk.bench.pay(lost["checkout_url"])
    desk.bench.settle()
    desk.bench.refund(payment, 10_000)
    desk.bench.charge(500)
    desk.bench.deliveries()  # all of it is lost
    found = run(desk, today(desk))
    assert found["repaired"] >= 3
    assert found["result"]["agrees"] is True
    assert desk.look(lost["id"])["status"] == "paid"
    assert desk.look(paid["id"])["status"] == "paid"
    balances = {it.account: it.amount.export_text() for it in books.balances(desk.session)}
    assert balances["Income:Contributions"] == "-50000.00"
    processor = f"Assets:Processor:{desk.bench.name.capitalize()}"
    held = next(it.amount.minor for it in books.balances(desk.session) if it.account == processor)
    assert held == desk.bench.balance()
    assert desk.broken() == []


def test_a_payout_is_matched_to_its_rows(listing_desk: Desk) -> None:
    desk = listing_desk
    desk.paid()
    desk.bench.pay_out()
    desk.deliver_all()
    found = run(desk, Scope(desk.bench.name, payout_ref=desk.payout()))
    assert found["result"]["agrees"] is True
    assert found["result"]["payout"]["amount"] == found["result"]["payout"]["rows"]
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert len(reconciling.run_due(desk.session, desk.wiring)) == 1  # yesterday as a whole
        assert reconciling.run_due(desk.session, desk.wiring) == []


def test_a_payout_that_failed_is_booked_back(listing_desk: Desk) -> None:
    desk = listing_desk
    desk.paid()
    payout = desk.bench.pay_out()
    desk.deliver_all()
    desk.bench.fail_payout(payout)
    desk.deliver_all()
    balances = {it.account: it.amount.minor for it in books.balances(desk.session)}
    assert balances["Assets:Bank"] == 0
    assert {row["type"] for row in desk.export()} >= {"payout", "payout_failed"}
    assert run(desk, today(desk))["result"]["agrees"] is True
    assert desk.broken() == []


def test_a_difference_is_named_to_the_rupiah_and_shown_to_finance(desk: Desk) -> None:
    desk.paid()
    store = desk.sandbox.parts.store
    (row,) = store.every("balance")
    store.put("balance", row | {"fee": row["fee"] + 100, "net": row["net"] - 100}, owner="unsettled")
    found = run(desk, today(desk))
    (difference,) = found["differences"]
    assert difference["kind"] == "different"
    assert difference["balance_transaction"] == row["id"]
    assert difference["ledger"]["fee"] == "175.00"
    assert difference["processor"]["fee"] == "176.00"
    assert found["result"]["agrees"] is False
    kinds = desk.session.scalars(select(FinanceException.kind)).all()
    assert "reconciliation_difference" in kinds
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        assert [it.invariant for it in desk.broken()] == ["books_agree_with_processor"]


def test_a_difference_that_was_explained_is_asked_again_when_it_changes(desk: Desk) -> None:
    def unresolved_with(net: str) -> list[exceptions.Seen]:
        with transaction(desk.session):
            figures = {"ledger": {"net": net}, "processor": None}
            exceptions.raise_difference(desk.session, "stripe", "txn#1_%", figures, clock.now())
        return exceptions.unresolved(desk.session, None)

    (first,) = unresolved_with("175.00")
    assert first.subject == "stripe:txn#1_%"
    desk.session.rollback()
    with transaction(desk.session):
        exceptions.explain(desk.session, first.exception.id, "They will mend it.", "mia")
    assert unresolved_with("175.00") == [], "it was explained"
    desk.session.rollback()
    (second,) = unresolved_with("180.00")
    desk.session.rollback()
    (third,) = unresolved_with("185.00")
    assert len({first.exception.id, second.exception.id, third.exception.id}) == 3, "one question at a time"


def test_what_the_processor_does_not_know_is_missing_there(desk: Desk) -> None:
    desk.paid()
    desk.sandbox.parts.store.drop("balance", desk.sandbox.parts.store.every("balance")[0]["id"])
    found = run(desk, today(desk))
    assert [it["kind"] for it in found["differences"]] == ["missing_at_processor"]


def test_an_interrupted_one_goes_on_where_it_was(desk: Desk) -> None:
    for _ in range(3):
        desk.paid()
    scope = today(desk)
    id_ = reconcile.begin(desk.session, scope)
    desk.sandbox.parts.books.page_size = 2
    carried: list[int] = []

    def die_on_the_second_page(call: Any) -> Any:
        carried.append(1)
        if len(carried) == 2:
            raise ProcessorUnavailable
        return call()

    desk.bench.wire.around = die_on_the_second_page
    with pytest.raises(ProcessorUnavailable):
        reconciling.run_one(desk.session, scope, desk.sandbox)
    desk.bench.wire.around = None
    kept = desk.session.get_one(Reconciliation, id_, populate_existing=True)
    assert (kept.state, kept.fetched) == ("running", 2)
    desk.session.rollback()
    found = run(desk, scope)
    assert (found["id"], found["fetched"], found["result"]["matched"]) == (id_, 3, 3)


def test_the_api_begins_one_and_the_worker_finishes_it(desk: Desk) -> None:
    desk.paid()
    day = clock.jakarta_date(clock.now()).isoformat()
    begun = desk.client.post(
        "/api/v1/desk/finance/reconciliations",
        json={"from": day, "to": day},
        headers=desk.headers("finance"),
    )
    assert (begun.status_code, begun.get_json()["state"]) == (202, "running")
    desk.session.rollback()
    reconciling.run_due(desk.session, desk.wiring)
    shown = desk.client.get(
        f"/api/v1/desk/finance/reconciliations/{begun.get_json()['id']}", headers=desk.headers("auditor")
    ).get_json()
    assert (shown["state"], shown["result"]["matched"]) == ("finished", 1)


@pytest.mark.parametrize(
    "body", [{}, {"payout": "po_1", "from": "2026-11-01", "to": "2026-11-02"}, {"from": "2026-11-01"},
             {"from": "2026-11-02", "to": "2026-11-01"}, {"payout": ""}],
)  # fmt: skip
def test_a_scope_that_is_none_is_refused(desk: Desk, body: dict[str, str]) -> None:
    refused = desk.client.post(
        "/api/v1/desk/finance/reconciliations", json=body, headers=desk.headers("finance")
    )
    assert refused.status_code == 422


def test_the_books_as_they_stood_at_any_moment(desk: Desk) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        desk.paid()
        between = clock.now()
        traveller.shift(timedelta(days=3))
        desk.paid()
        now = {it.account: it.amount.export_text() for it in books.balances(desk.session)}
        then = desk.client.get(
            "/api/v1/desk/finance/books",
            query_string={"at": between.isoformat()},
            headers=desk.headers("finance"),
        ).get_json()["balances"]
    assert now["Income:Contributions"] == "-50000.00"
    assert {"account": "Income:Contributions", "currency": "IDR", "balance": "-25000.00"} in then
    before = books.balances(desk.session, at=between - timedelta(days=1))
    assert before == []


def test_comparing_is_exact() -> None:
    same, more = ("IDR", 100, 10, 90), ("IDR", 100, 11, 89)
    found = compare({"a": same, "b": same, "c": same}, {"a": same, "b": more, "d": same})
    assert found.matched == 1
    assert [(kind, ref) for kind, ref, _ in found.differences] == [
        ("different", "b"), ("missing_at_processor", "c"), ("missing_in_ledger", "d"),
    ]  # fmt: skip
    assert found.totals["IDR"] == {"ledger": [300, 30, 270], "processor": [300, 31, 269]}


def test_a_settlement_file_tells_fees_and_payouts(midtrans_desk: Desk) -> None:
    desk = midtrans_desk
    first, second = desk.paid(), desk.paid()
    payment = desk.session.scalars(
        select(Movement.payment_ref).where(Movement.contribution_id == first["id"])
    ).one()
    desk.bench.refund(payment, 5_000)
    desk.bench.pay_out()
    desk.deliver_all()
    report = desk.bench.report()
    for _ in range(2):  # again is harmless
        done = desk.command("settlements", "import", "-", "--json", input=report)
        assert done.exit_code == 0, done.output
    balances = {it.account: it.amount.minor for it in books.balances(desk.session)}
    assert balances["Assets:Processor:Midtrans"] == desk.bench.balance() == 0
    assert balances["Expenses:ProcessorFees"] == 2 * 17_500
    assert {row["payout_id"] for row in desk.export() if row["type"] == "fee"} != {""}
    assert second["status"] == "paid"
    assert desk.broken() == []
    broken = report.replace("25000.00", "25000.01", 1)
    refused = desk.command("settlements", "import", "-", input=broken)
    assert refused.exit_code == 1
    assert "line 2" in refused.output


def test_a_denial_after_the_settlement_reverses(midtrans_desk: Desk) -> None:
    desk = midtrans_desk
    paid = desk.paid()
    payment = desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).one()
    desk.bench.deny_late(payment)
    desk.deliver_all()
    assert desk.look(paid["id"])["status"] == "reversed"
    done = desk.command("settlements", "import", "-", input=desk.bench.report())
    assert done.exit_code == 0, done.output
    balances = {it.account: it.amount.minor for it in books.balances(desk.session)}
    assert balances["Assets:Processor:Midtrans"] == desk.bench.balance() == 0
    assert desk.broken() == []
