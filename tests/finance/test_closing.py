"""Closing a month: in order, exact, and for ever."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from service.contributions.model import Contribution, Message
from service.db import transaction
from service.finance import exceptions, ledger
from service.finance.closing import manifest
from service.finance.model import ClosedPeriod, Movement
from tests.finance.months import PERIODS, closing, december, look, thirds
from tests.support.desk import Desk

NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


def files(desk: Desk, **query: str) -> dict[str, bytes]:
    found = {}
    for form in ("csv", "beancount"):
        response = desk.client.get(
            "/api/v1/desk/finance/export",
            query_string={**NOVEMBER, "format": form, **query},
            headers=desk.headers("finance"),
        )
        assert response.status_code == 200
        found[form] = response.data
    return found


def test_a_month_is_closed_with_its_hash_and_its_sums(desk: Desk, clock: Any) -> None:
    desk.paid(amount="25000")
    desk.published(amount="50000")
    december(clock)
    open_ = look(desk)
    assert (open_["state"], open_["blockers"]) == ("open", [])
    assert open_["to_allocate"] == {"IDR": "75000.00"}
    assert open_["unsettled"] == [{"currency": "IDR", "movements": 4, "net": "74475.00"}]
    closed = closing(desk, thirds("40000", "20000.50", "14999.50"))
    assert closed.status_code == 200, closed.text
    told = closed.get_json()
    assert (told["state"], len(told["sha256"])) == ("closed", 64)
    kept = told["manifest"]
    assert manifest.digest(manifest.canonical(kept)) == told["sha256"]
    assert kept["allocation"]["content_development"] == {"IDR": "20000.50"}
    assert kept["sequence"] == {"first": 1, "last": 4}
    assert kept["files"]["movements.csv"]["size"] == len(files(desk)["csv"])
    assert kept["summary"] == [
        {"currency": "IDR", "contributions": 2, "gross": "75000.00", "fees": "525.00",
         "exceptions": "0.00", "net": "74475.00"}
    ]  # fmt: skip
    for row in kept["balances"]:
        assert float(row["opening"]) + float(row["movements"]) == float(row["closing"])
    assert look(desk) == told
    assert desk.broken() == []


def test_after_that_its_rows_are_the_same_bytes_for_ever(desk: Desk, clock: Any) -> None:
    kept = desk.published(amount="25000")
    desk.paid(amount="50000")
    december(clock)
    assert closing(desk, thirds("75000")).status_code == 200
    before = {**files(desk), **files(desk, dialect="excel-id", rows="movements")}
    told = look(desk)
    # A payout, a refund, and an erasure of the message: all of them later facts.
    payments = desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).all()
    desk.bench.refund(payments[0], 5_000)
    desk.bench.pay_out()
    desk.deliver_all()
    with transaction(desk.session):
        message = desk.session.get(
            Message, desk.session.scalar(select(Message.id).where(Message.contribution_id == kept["id"]))
        )
        message.text, message.state, message.queue = "", "erased", None
        desk.session.get(Contribution, kept["id"]).display_name = None
    assert {**files(desk), **files(desk, dialect="excel-id", rows="movements")} == before
    assert look(desk) == told
    (refund,) = [row for row in desk.export() if row["type"] == "refund_external"]
    assert (refund["booked_on_wib"], refund["period"]) == ("2026-12-05", "2026-12")
    assert refund["parent_movement_id"] != ""
    assert desk.broken() == []


def test_a_fact_of_a_closed_month_is_booked_on_the_first_open_day(desk: Desk, clock: Any) -> None:
    desk.paid(amount="50000")
    late = desk.given(amount="10000")
    desk.bench.pay(late["checkout_url"])
    desk.bench.deliveries()  # all of them are lost
    december(clock)
    assert closing(desk, thirds("50000")).status_code == 200
    december(clock, 9)
    desk.sweep()
    rows = [row for row in desk.export() if row["contribution_id"] == late["id"]]
    assert {row["booked_on_wib"] for row in rows} == {"2026-12-01"}
    assert rows[0]["paid_at_utc"].startswith("2026-11-10")
    assert desk.broken() == []


def test_what_keeps_a_month_open_is_said(desk: Desk, clock: Any) -> None:
    desk.paid()
    early = closing(desk, thirds("25000"))
    assert (early.status_code, early.get_json()["code"]) == (409, "period_not_ready")
    assert early.get_json()["blockers"] == ["month_not_over"]
    clock.move_to(datetime(2026, 12, 20, 3, tzinfo=UTC))
    desk.paid()
    clock.move_to(datetime(2027, 1, 5, 3, tzinfo=UTC))
    assert closing(desk, thirds("25000"), "2026-12").get_json()["blockers"] == ["predecessor_open"]
    assert closing(desk, thirds("0"), "2026-10").get_json()["blockers"] == ["before_first_movement"]
    assert closing(desk, thirds("25000")).status_code == 200
    assert closing(desk, thirds("25000"), "2026-12").status_code == 200
    again = closing(desk, thirds("25000"))
    assert (again.status_code, again.get_json()["code"]) == (409, "period_closed")


def test_the_last_moment_of_a_month_is_a_jakarta_moment(desk: Desk, clock: Any) -> None:
    desk.paid()
    clock.move_to(datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC))
    assert look(desk)["blockers"] == ["month_not_over"]
    clock.move_to(datetime(2026, 11, 30, 17, 0, 0, tzinfo=UTC))
    assert look(desk)["blockers"] == []


def test_exceptions_are_explained_first(desk: Desk, clock: Any) -> None:
    desk.paid()
    with transaction(desk.session):
        ledger.raise_exception(desk.session, "duplicate_payment", "x:2", None)
    december(clock)
    refused = closing(desk, thirds("25000"))
    assert refused.get_json()["blockers"] == ["exceptions_unexplained"]
    (open_,) = look(desk)["unexplained"]
    listed = desk.client.get("/api/v1/desk/finance/exceptions", headers=desk.headers("finance")).get_json()
    assert [(it["id"], it["state"], it["concerns_on"]) for it in listed["items"]] == [
        (open_, "open", "2026-11-10")
    ]
    address = f"/api/v1/desk/finance/exceptions/{open_}/explanation"
    empty = desk.client.post(address, json={"note": ""}, headers=desk.headers("finance"))
    assert empty.status_code == 422
    done = desk.client.post(
        address, json={"note": "The reader pressed twice."}, headers=desk.headers("finance")
    )
    assert (done.status_code, done.get_json()["state"]) == (200, "explained")
    assert closing(desk, thirds("25000")).status_code == 200


def test_an_exception_of_the_next_month_does_not_wait(desk: Desk, clock: Any) -> None:
    desk.paid()
    december(clock)
    with transaction(desk.session):
        ledger.raise_exception(desk.session, "adjustment", "x:3", None)
    assert closing(desk, thirds("25000")).status_code == 200


def test_a_refund_that_the_processor_shows_too_is_reconciled(desk: Desk, clock: Any) -> None:
    desk.paid(amount="25000")
    payment = desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).one()
    desk.bench.refund(payment, 5_000)
    desk.deliver_all()
    (seen,) = exceptions.newest(desk.session, 10)
    assert (seen.exception.kind, seen.state) == ("refund_external", "reconciled")
    december(clock)
    assert look(desk)["to_allocate"] == {"IDR": "20000.00"}
    assert closing(desk, thirds("20000")).status_code == 200


@pytest.mark.clause("2.1")
def test_a_negative_month_is_allocated_and_carried_forward(desk: Desk, clock: Any) -> None:
    desk.paid(amount="25000")
    december(clock)
    assert closing(desk, thirds("20000", "5000")).status_code == 200
    payment = desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).one()
    desk.bench.refund(payment, 25_000)
    desk.deliver_all()
    clock.move_to(datetime(2027, 1, 2, 3, tzinfo=UTC))
    assert look(desk, "2026-12")["to_allocate"] == {"IDR": "-25000.00"}
    closed = closing(desk, thirds("-20000.25", "-4999.75"), "2026-12")
    assert closed.status_code == 200
    so_far = closed.get_json()["manifest"]["allocated_so_far"]
    assert so_far == {
        "service_continuity": {"IDR": "-0.25"},
        "content_development": {"IDR": "0.25"},
        "newsroom_operations": {"IDR": "0.00"},
    }
    assert closed.get_json()["manifest"]["previous"]["period"] == "2026-11"


@pytest.mark.clause("2.1")
@pytest.mark.parametrize(
    ("allocation", "status", "code"),
    [
        (thirds("24999.99"), 422, "allocation_mismatch"),
        (thirds("25000", "0.01"), 422, "allocation_mismatch"),
        (thirds("25000") | {"service_continuity": {"IDR": "25000", "USD": "1"}}, 422, "allocation_mismatch"),
        (thirds("25000") | {"service_continuity": 25000.0}, 422, "validation_failed"),
        (thirds("lots"), 422, "validation_failed"),
        ({"service_continuity": "25000"}, 422, "validation_failed"),
        (thirds("25000") | {"shareholders": "0"}, 422, "validation_failed"),
        (thirds("25000") | {"content_development": None}, 422, "validation_failed"),
        (thirds("25000") | {"content_development": {"rupiah": "0"}}, 422, "validation_failed"),
        (thirds({"IDR": "25000"}, {"IDR": "0"}, {}), 200, None),
        ({"service_continuity": 20000, "content_development": 2500, "newsroom_operations": 2500}, 200, None),
    ],
)  # fmt: skip
def test_clause_2_1_the_three_purposes_add_up_exactly(
    desk: Desk, clock: Any, allocation: Any, status: int, code: str | None
) -> None:
    desk.paid(amount="25000")
    december(clock)
    response = closing(desk, allocation)
    assert (response.status_code, response.get_json().get("code")) == (status, code)
    if code == "allocation_mismatch":
        assert response.get_json()["clause"] == "2.1"
        assert response.get_json()["sums"]
    assert (desk.session.scalar(select(ClosedPeriod.period)) is None) == (status != 200)


@pytest.mark.parametrize("name", ["2026-13", "202611", "2026-11-01", "x", "0000-01"])
def test_what_is_no_month_is_said(desk: Desk, name: str) -> None:
    response = desk.client.get(f"{PERIODS}/{name}", headers=desk.headers("finance"))
    assert response.status_code == 422
    assert "period" in response.get_json()["errors"]


def test_only_finance_closes(desk: Desk, clock: Any) -> None:
    for role in ("auditor", "admin", "moderator", "editor"):
        assert closing(desk, thirds("0"), role=role).status_code == 403


def test_the_database_itself_refuses_rows_of_a_closed_month(desk: Desk, clock: Any) -> None:
    desk.paid()
    december(clock)
    assert closing(desk, thirds("25000")).status_code == 200
    desk.session.rollback()
    for table in ("movement", "posting"):
        names = list(desk.session.execute(text(f"SELECT * FROM {table}")).keys())
        taken = ", ".join(
            {"id": "'n' || substr(id, 2)" if table == "movement" else "id + 1000", "ref": "'n' || ref"}.get(
                name, name
            )
            for name in names
        )
        with pytest.raises(DBAPIError, match="closed"):
            desk.session.execute(
                text(f"INSERT INTO {table} ({', '.join(names)}) SELECT {taken} FROM {table}")
            )
        desk.session.rollback()


@pytest.mark.clause("2.2")
def test_the_public_account_names_no_person_and_withholds_small_months(desk: Desk, clock: Any) -> None:
    for _ in range(4):
        desk.paid(amount="25000")
    december(clock)
    assert closing(desk, thirds("100000")).status_code == 200
    for _ in range(5):
        desk.paid(amount="50000")
    clock.move_to(datetime(2027, 1, 3, 3, tzinfo=UTC))
    assert closing(desk, thirds("100000", "100000", "50000"), "2026-12").status_code == 200
    response = desk.client.get("/api/v1/transparency")
    assert response.headers["Cache-Control"].startswith("public")
    newest, oldest = response.get_json()["items"]
    assert newest == {
        "period": "2026-12", "currency": "IDR", "contributions": 5, "withheld": False, "gross": "250000.00",
        "fees": "1750.00", "exceptions": "0.00", "net": "248250.00",
        "purposes": {"service_continuity": "100000.00", "content_development": "100000.00", "newsroom_operations": "50000.00"},
    }  # fmt: skip
    assert (oldest["withheld"], oldest["gross"], oldest["purposes"]) == (True, None, None)
    page = desk.client.get("/transparency?lang=en")
    assert page.status_code == 200
    assert "Rp250,000" in page.text
    assert "Rp100,000.00" not in page.text
