"""A contribution is found however its reference is typed, and told with all that the books know."""

import json
from decimal import Decimal
from typing import Any

import pytest

from service import clock
from tests.support.desk import Desk

API, PAGE = "/api/v1/desk/contributions", "/desk/contributions"


def tell(desk: Desk, reference: str) -> Any:
    return desk.client.get(f"{API}/{reference}", headers=desk.headers("auditor")).get_json()


def typings(reference: str) -> list[str]:
    first, second = reference[3:7], reference[8:]
    return [
        reference,
        f"as {first.lower()} {second.lower()}",
        f"{first}{second}".lower(),
        f" AS-{first} - {second} ",
        reference.replace("0", "O").replace("1", "l"),
    ]


def test_references_are_read_as_people_type_them(desk: Desk) -> None:
    answer = desk.given()
    for typed in [*typings(answer["reference"]), answer["id"], answer["id"].upper()]:
        assert tell(desk, typed)["reference"] == answer["reference"]
        page = desk.client.get(f"{PAGE}?reference={typed}&lang=en", headers=desk.headers("editor"))
        assert (page.status_code, page.location) == (303, f"{PAGE}/{answer['reference']}?lang=en")


@pytest.mark.parametrize("typed", [
    "AS-0000-0000", "x", "%00", "AS-0000-000%00", "0" * 32, "AS-" + "7" * 500, "%F0%9F%8C%BA", "' OR 1=1", "AS-ＫＫＫＫ-ＫＫＫＫ",
])  # fmt: skip
def test_what_nobody_has_is_not_found(desk: Desk, typed: str) -> None:
    answer = desk.client.get(f"{API}/{typed}", headers=desk.headers("editor"))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    for address in (f"{PAGE}/{typed}", f"{PAGE}?reference={typed}"):
        page = desk.client.get(address, headers=desk.headers("editor"))
        assert page.status_code == 404
        assert 'role="alert"' in page.text


def test_explain_tells_the_same_as_the_auditor_reads(desk: Desk) -> None:
    answer = desk.published()
    told = json.loads(desk.command("explain", answer["reference"], "--json").stdout)
    assert told == tell(desk, answer["reference"])


def test_movements_say_where_their_money_went(desk: Desk) -> None:
    answer = desk.paid()
    reference = answer["reference"]
    given, fee = tell(desk, reference)["movements"]
    assert (given["payout"], given["sequence"], fee["parent"]) == (None, None, given["id"])
    assert given["booked_on"] == clock.jakarta_date(clock.now()).isoformat()
    desk.export()
    desk.bench.pay_out()
    desk.deliver_all()
    given, fee = tell(desk, reference)["movements"]
    assert (given["sequence"], fee["sequence"]) == (1, 2)
    assert given["payout"] == fee["payout"] == desk.payout()
    assert (given["settlement_currency"], given["gross"], fee["fee"]) == ("IDR", "25000.00", "175.00")


def test_another_currency_of_settlement_is_told(dollar_desk: Desk) -> None:
    given = tell(dollar_desk, dollar_desk.paid()["reference"])["movements"][0]
    assert (given["currency"], given["settlement_currency"]) == ("IDR", "USD")
    assert Decimal(given["exchange_rate"]) == Decimal("0.0000604")


def test_exceptions_stand_there_with_their_last_explanation(desk: Desk) -> None:
    reference = desk.paid()["reference"]
    desk.bench.dispute(desk.bench.took()[0].payment_ref)
    desk.deliver_all()
    raised = {it["kind"]: it for it in tell(desk, reference)["exceptions"]}
    assert raised["chargeback"]["note"] is None
    listed = desk.client.get("/api/v1/desk/finance/exceptions", headers=desk.headers("finance")).get_json()
    (id_,) = [it["id"] for it in listed["items"] if it["kind"] == "chargeback"]
    path = f"/api/v1/desk/finance/exceptions/{id_}/explanation"
    for note in ("Menunggu bank", "Bukti sudah dikirim"):
        desk.client.post(path, json={"note": note}, headers=desk.headers("finance"))
    raised = {it["kind"]: it for it in tell(desk, reference)["exceptions"]}
    assert (raised["chargeback"]["state"], raised["chargeback"]["note"]) == (
        "explained",
        "Bukti sudah dikirim",
    )


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_has_its_deadline_until_it_ends(listing_desk: Desk, outcome: str) -> None:
    desk = listing_desk
    reference = desk.paid()["reference"]
    name = desk.bench.dispute(desk.bench.took()[0].payment_ref)
    desk.deliver_all()
    desk.retry_waiting()
    (dispute,) = tell(desk, reference)["disputes"]
    assert (dispute["ref"], dispute["state"], dispute["withdrawn"]) == (name, "open", "25000.00")
    assert dispute["payment_ref"] == desk.bench.took()[0].payment_ref
    assert dispute["due_at"] > clock.rfc3339(clock.now())
    (opened,) = [it for it in tell(desk, reference)["facts"] if it["kind"] == "dispute_opened"]
    assert opened["due_at"] == dispute["due_at"]
    desk.bench.close_dispute(name, outcome)
    desk.deliver_all()
    desk.retry_waiting()
    (dispute,) = tell(desk, reference)["disputes"]
    assert (dispute["state"], dispute["ended_at"] is not None) == (outcome, True)
    assert (dispute["reinstated"] is not None) == (outcome == "won")
