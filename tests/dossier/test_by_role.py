"""Each role is told its own of a contribution, and nothing planted for another."""

import json
import re
from typing import Any

import pytest

from service.dossier.by_role import told_to
from service.staff.permissions import ROLES, of_roles
from tests.support.desk import Desk

API, PAGE = "/api/v1/desk/contributions", "/desk/contributions"
AMOUNT, EMAIL, NAME, MESSAGE = "9123000", "tanaman.hias@contoh.example", "Kembang Sepatu", "Salam dari lereng"

MODERATOR = {
    "reference", "article", "at_desk", "message", "message_id", "message_state", "display_name", "name_hidden",
    "decisions", "reports",
}  # fmt: skip
EDITOR = {"reference", "article", "status", "created_at"}
FINANCE = EDITOR | {
    "id", "amount", "currency", "checkout_url", "expires_at", "paid_at", "locale", "terms", "acceptances", "attempts",
    "facts", "disputes", "movements", "exceptions", "received", "message", "message_id", "message_state", "decisions",
}  # fmt: skip
EVERYTHING = MODERATOR | FINANCE | {"has_email", "withheld", "events"}
SEEN = {
    "moderator": MODERATOR,
    "lead": MODERATOR,
    "finance": FINANCE,
    "editor": EDITOR,
    "admin": EVERYTHING,
    "auditor": EVERYTHING,
}
MONEY = (
    AMOUNT,
    "9.123.000",
    "9,123,000",
    "9123000.00",
    "912300000",
    "IDR",
    "Rp",
    "checkout",
    "sandbox",
)


def plant(desk: Desk) -> dict[str, Any]:
    """A published message whose payment is disputed; a reader reported it."""
    given = {"amount": AMOUNT, "email": EMAIL, "display_name": NAME, "message": MESSAGE}
    answer = desk.published(**given)
    desk.bench.dispute(desk.bench.took()[0].payment_ref)
    desk.deliver_all()
    desk.client.post(f"/api/v1/wall/{desk.message_id(answer['id'])}/reports", json={"reason": "offensive"})
    return desk.look(answer["id"])


def tell(desk: Desk, role: str, reference: str) -> dict[str, Any]:
    response = desk.client.get(f"{API}/{reference}", headers=desk.headers(role))
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.get_json()
    return told


def words_of(desk: Desk, role: str, reference: str) -> str:
    """Everything that a role reads of a contribution, by API and in both languages of the page."""
    pages = [
        desk.client.get(f"{PAGE}/{reference}?lang={locale}", headers=desk.headers(role)).text
        for locale in ("id", "en")
    ]
    return "\n".join([json.dumps(tell(desk, role, reference)), *pages])


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_its_fields_and_no_other(desk: Desk, role: str) -> None:
    assert set(tell(desk, role, plant(desk)["reference"])) == SEEN[role]


@pytest.mark.clause("5.1")
@pytest.mark.parametrize(("role", "hidden"), [
    ("moderator", (*MONEY, "disputed")), ("lead", (*MONEY, "disputed")), ("editor", (*MONEY, NAME, MESSAGE)), ("finance", (NAME,)),
])  # fmt: skip
def test_what_was_planted_for_others_is_not_told(desk: Desk, role: str, hidden: tuple[str, ...]) -> None:
    answer = plant(desk)
    words = words_of(desk, role, answer["reference"])
    secrets = {*hidden, EMAIL, "has_email", "tanaman"}
    if role != "finance":
        desk.session.rollback()
        secrets |= {answer["id"], answer["terms"]["sha256"], desk.bench.took()[0].payment_ref}
    assert [it for it in secrets if re.search(rf"(?<!\w){re.escape(it)}", words)] == []
    assert "e-mail" not in words.lower()


def test_those_who_may_find_what_was_planted(desk: Desk) -> None:
    reference = plant(desk)["reference"]
    moderators, finance = (words_of(desk, role, reference) for role in ("moderator", "finance"))
    assert all(it in moderators for it in (NAME, MESSAGE, "offensive"))
    assert all(it in finance for it in (AMOUNT, "Rp9.123.000", MESSAGE, "dispute_withdrawn"))
    for role in ("admin", "auditor"):
        words = words_of(desk, role, reference)
        assert all(it in words for it in (AMOUNT, NAME, MESSAGE, '"has_email": true'))
        assert EMAIL not in words


def test_finance_learns_when_a_message_was_decided_but_not_by_whom(desk: Desk) -> None:
    reference = plant(desk)["reference"]
    (row,) = tell(desk, "finance", reference)["decisions"]
    assert set(row) == {"decision", "reason", "at", "after"}
    assert tell(desk, "moderator", reference)["decisions"][0]["by"].startswith("token:")


def test_money_does_not_show_through_what_stands_at_the_desk(desk: Desk) -> None:
    """Unpaid, without a message and gone back look alike to a moderator."""
    unpaid, silent, gone = desk.given(), desk.paid(message=None), desk.paid(message="Halo")
    desk.bench.refund(tell(desk, "admin", gone["reference"])["movements"][0]["payment_ref"])
    desk.deliver_all()
    pages = set()
    for reference in (unpaid["reference"], silent["reference"], gone["reference"]):
        told = tell(desk, "moderator", reference)
        assert set(told) == {"reference", "article", "at_desk"}
        assert told["at_desk"] is False
        page = desk.client.get(f"{PAGE}/{reference}?lang=en", headers=desk.headers("moderator")).text
        pages.add(page.replace(reference, ""))
    assert len(pages) == 1


@pytest.mark.parametrize(
    "roles", [("moderator", "finance"), ("editor", "lead"), ("editor", "finance", "admin")]
)
@pytest.mark.parametrize("at_desk", [True, False])
def test_several_roles_see_what_each_of_them_sees(roles: tuple[str, ...], at_desk: bool) -> None:
    rows = [{"by": "staff:1", "decision": "publish"}]
    told = dict.fromkeys(EVERYTHING) | {"at_desk": at_desk, "decisions": rows}
    each = [told_to(of_roles([role]), told) for role in roles]
    together = told_to(of_roles(roles), told)
    assert set(together) == set().union(*each)
    if "moderator" in roles and at_desk:
        assert together["decisions"] == rows
