"""For any history: rows, ledger, control totals, summaries and charts come to the same sums."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, literal, null, select
from sqlalchemy.orm import Session

from service.clock import JAKARTA
from service.db import prepare_sqlite, transaction
from service.finance import books, charts, kinds, ledger, sequence, summary
from service.finance.exports.columns import MOVEMENTS
from service.finance.exports.read import csv_chunks
from service.finance.exports.rows import movements
from service.finance.exports.selection import Period, Selection
from service.finance.exports.text import NOTATIONS
from service.finance.exports.totals import totals_and_span
from service.finance.ledger import Source
from service.finance.postings import Draft
from service.money import Money
from service.processors.base import BalanceRow
from tests.support.databases import Sqlite

EVER = Period(date(2023, 1, 1), date(2029, 12, 31))
BORDERS = [
    datetime(2024, 2, 29, 16, 59, 59, tzinfo=UTC),  # the last second of 29 February in Jakarta
    datetime(2024, 2, 29, 17, 0, tzinfo=UTC),
    datetime(2024, 2, 28, 17, 0, tzinfo=UTC),
    datetime(2026, 11, 30, 17, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC),
]
MOMENTS = st.sampled_from(BORDERS) | st.datetimes(
    datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)  # noqa: DTZ001  # hypothesis wants naive ends
)  # fmt: skip
PROCESSOR = "Assets:Processor:Sandbox"
# What can happen to a payment: its type, which way the money goes, and the other account.
AFTER = {
    "refund_external": (-1, "Expenses:Exceptions"),
    "refund_failed": (1, "Expenses:Exceptions"),
    "chargeback": (-1, "Expenses:Disputes"),
    "chargeback_reversed": (1, "Expenses:Disputes"),
}
PAYMENT = st.fixed_dictionaries(
    {
        "amount": st.integers(10_000, 10_000_000),
        "currency": st.sampled_from(["IDR", "USD", "JPY", "BHD"]),
        "at": MOMENTS,
        "section": st.sampled_from([None, "Nasional", "Bola; Liga", '=1+1"']),
        "method": st.sampled_from([None, "qris", "card"]),
        "fee": st.integers(-500, 90_000),
        "settled": st.sampled_from([None, "IDR", "USD"]),
        "after": st.lists(
            st.tuples(st.sampled_from(sorted(AFTER)), st.integers(1, 10_000), MOMENTS), max_size=3
        ),
    }
)


@pytest.fixture(scope="module")
def engine(sqlite: Sqlite) -> Iterator[Engine]:
    made = create_engine(sqlite.url)
    prepare_sqlite(made)
    yield made
    made.dispose()


def standing():  # type: ignore[no-untyped-def]  # as `contributions.queries.standing`
    nothing = (
        null().label("contribution_id"),
        literal("paid").label("status"),
        literal("none").label("message_state"),
    )
    return select(*nothing).subquery("standing")


def book(session: Session, number: int, payment: dict[str, object]) -> None:
    at, currency = payment["at"], payment["currency"]
    source = Source(
        f"{number:032x}", f"AS-{number}", "https://kompas.com/1", payment["section"], "2026-11", at, at
    )
    given = _draft(
        "contribution",
        f"p{number}",
        at,
        Money(payment["amount"], currency),
        PROCESSOR,
        "Income:Contributions",
        payment,
    )
    parent = ledger.book(session, "sandbox", given, source)
    if payment["fee"]:
        fee = Money(payment["fee"], currency)
        sides = (
            ("Expenses:ProcessorFees", PROCESSOR) if fee.minor > 0 else (PROCESSOR, "Expenses:ProcessorFees")
        )
        charged = Draft("fee", f"f{number}", at, Money(0, currency), fee, *sides, live=True)
        ledger.book(session, "sandbox", charged, source, parent)
    for place, (kind, amount, moment) in enumerate(payment["after"]):
        sign, other = AFTER[kind]
        sides = (PROCESSOR, other) if sign > 0 else (other, PROCESSOR)
        happened = _draft(
            kind,
            f"{number}-{place}",
            moment,
            Money(sign * amount, currency),
            *sides,
            {**payment, "settled": None},
        )
        ledger.book(session, "sandbox", happened, source, parent)


def _draft(
    kind: str, ref: str, at: datetime, gross: Money, debit: str, credit: str, payment: dict[str, object]
) -> Draft:
    settled = payment["settled"]
    row = (
        BalanceRow(f"txn-{ref}", kind, at, Money(gross.minor // 3, settled), Money(0, settled), at.date())
        if settled
        else None
    )
    return Draft(
        kind,
        ref,
        at,
        gross,
        Money(0, gross.currency),
        debit,
        credit,
        True,
        method=payment["method"],
        settled=row,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payments=st.lists(PAYMENT, min_size=1, max_size=8), cut=st.dates(date(2024, 1, 1), date(2028, 12, 31)))
@example(
    payments=[{"amount": 25_000, "currency": "IDR", "at": at, "section": None, "method": None, "fee": 175, "settled": None, "after": []} for at in BORDERS],
    cut=date(2024, 2, 29),
)  # fmt: skip
def test_rows_ledger_totals_and_charts_agree(
    engine: Engine, sqlite: Sqlite, payments: list[dict[str, object]], cut: date
) -> None:
    engine.dispose()
    sqlite.empty()
    with Session(engine, expire_on_commit=False) as session:
        with transaction(session):
            for number, payment in enumerate(payments):
                book(session, number, payment)
            sequence.assign(session)
        whole = check(session, EVER)
        # Cut in two on any day, the halves come to the whole, and nothing is counted twice.
        halves = [
            check(session, Period(EVER.first, cut)),
            check(session, Period(cut + timedelta(days=1), EVER.last)),
        ]
        for currency in whole:
            assert sum(half.get(currency, Decimal(0)) for half in halves) == whole[currency]
        held = {it.amount.currency: it.amount for it in books.balances(session) if it.account == PROCESSOR}
        exchanged = {
            it.amount.currency: it.amount
            for it in books.balances(session)
            if it.account == "Equity:ExchangeDifferences"
        }
        for currency, net in whole.items():
            settled_away = exchanged.get(currency, Money(0, currency))
            assert (held[currency] + settled_away).as_decimal() == net


def check(session: Session, period: Period) -> dict[str, Decimal]:
    """The net of a period by currency, the same from every side."""
    selection = Selection(period)
    row = movements(session, selection, standing)
    text = b"".join(chunk for chunk, _ in csv_chunks(session, MOVEMENTS, row, NOTATIONS["standard"])).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in rows:
        assert Decimal(line["net"]) == Decimal(line["gross"]) - Decimal(line["fee"])
        assert line["period"] == line["booked_on_wib"][:7]
        sums[line["currency"]] += Decimal(line["net"])
    totals = totals_and_span(session, row)[0]
    assert totals["rows"] == len(rows)
    assert {it["currency"]: Decimal(it["net"]) for it in totals["currencies"]} == sums
    for by in ("day", "month", "section", "method", None):
        found: defaultdict[str, Decimal] = defaultdict(Decimal)
        for bucket in summary.buckets(session, period, by):
            assert bucket.net.minor == bucket.gross.minor + bucket.exceptions.minor - bucket.fees.minor
            found[bucket.gross.currency] += bucket.net.as_decimal()
        assert found == sums
    days = [bucket for bucket in summary.buckets(session, period, "day") if bucket.gross.currency == "IDR"]
    if days:
        chart = charts.gross(days, [bucket.name for bucket in days])
        drawn = sum(bar.amount.minor for bar in chart.bars)
        told = sum(
            Decimal(line["gross"])
            for line in rows
            if line["type"] == kinds.CONTRIBUTION and line["currency"] == "IDR"
        )
        assert drawn == told * 100
        assert all(0 <= bar.length <= 100 for bar in chart.bars)
    return dict(sums)


def test_days_are_told_as_jakarta_counts_them() -> None:
    assert BORDERS[0].astimezone(JAKARTA).date() == date(2024, 2, 29)
    assert BORDERS[1].astimezone(JAKARTA).date() == date(2024, 3, 1)
