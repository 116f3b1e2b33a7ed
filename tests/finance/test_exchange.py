"""A processor that settles in another currency: both amounts kept, the difference visible."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from service import clock
from service.finance import books
from service.finance.fetch import Scope
from service.finance.model import Movement, Posting
from service.jobs import reconciling
from tests.support.desk import Desk


def balances(desk: Desk) -> dict[tuple[str, str], int]:
    desk.session.rollback()
    return {(it.account, it.amount.currency): it.amount.minor for it in books.balances(desk.session)}


def test_both_currencies_are_kept_and_nothing_is_computed_from_the_rate(dollar_desk: Desk) -> None:
    dollar_desk.paid(amount="50000")
    paid, fee = dollar_desk.export()
    (row,) = dollar_desk.bench.fake.every("balance_transaction")
    assert (paid["currency"], paid["gross"], paid["settlement_currency"]) == ("IDR", "50000.00", "USD")
    assert paid["settlement_gross"] == f"{row['amount'] / 100:.2f}"
    assert paid["exchange_rate"] != ""
    assert (fee["currency"], fee["fee"], fee["settlement_fee"]) == (
        "USD",
        f"{row['fee'] / 100:.2f}",
        fee["fee"],
    )
    found = balances(dollar_desk)
    assert found["Assets:Processor:Stripe", "IDR"] == 0
    assert found["Assets:Processor:Stripe", "USD"] == row["net"] == dollar_desk.bench.balance()
    assert found["Income:Contributions", "IDR"] == -5_000_000
    assert dollar_desk.broken() == []


def test_a_refund_at_another_rate_leaves_an_exchange_difference(dollar_desk: Desk) -> None:
    desk = dollar_desk
    desk.paid(amount="50000")
    payment = desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).one()
    desk.bench.fake.account.exchange_rate = "0.0000640"
    desk.bench.refund(payment)
    desk.deliver_all()
    found = balances(desk)
    rows = desk.bench.fake.every("balance_transaction")
    assert found["Equity:ExchangeDifferences", "IDR"] == 0
    assert found["Equity:ExchangeDifferences", "USD"] == -sum(row["amount"] for row in rows)
    assert found["Equity:ExchangeDifferences", "USD"] != 0
    assert found["Assets:Processor:Stripe", "USD"] == desk.bench.balance()
    assert desk.broken() == []


def test_a_payout_in_the_settlement_currency_agrees(dollar_desk: Desk) -> None:
    desk = dollar_desk
    desk.paid(amount="50000")
    desk.bench.pay_out()
    desk.deliver_all()
    found = reconciling.run_one(desk.session, Scope("stripe", payout_ref=desk.payout()), desk.bench.processor)
    assert found.result is not None
    assert found.result["agrees"] is True
    assert balances(desk)["Assets:Bank", "USD"] > 0
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        assert desk.broken() == []


def test_the_exchange_is_an_entry_of_its_own_date(dollar_desk: Desk) -> None:
    desk = dollar_desk
    with time_machine.travel(clock.now(), tick=False) as traveller:
        given = desk.given(amount="50000")
        desk.bench.pay(given["checkout_url"])
        desk.deliver_all()
        traveller.shift(timedelta(days=2))
        desk.bench.settle()
        desk.deliver_all()
        days = desk.session.execute(select(Posting.entry, Posting.booked_on).distinct()).all()
    on = {entry: booked_on for entry, booked_on in days if entry == "exchange"}
    first = desk.session.scalars(select(Movement.booked_on).where(Movement.type == "contribution")).one()
    assert on["exchange"] == first + timedelta(days=2)
