"""Erasing a person (clause 5.1): nothing personal is left anywhere, and the books are as they were."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text

from service import clock as utc
from service.contributions.model import IdempotencyKey, Message
from service.db import transaction
from service.finance.model import PeriodManifest
from service.moderation.model import Report
from service.privacy.model import Certificate, PrivacyRequest
from service.staff.model import AuditEntry
from tests.finance.test_closing import closing, look, thirds
from tests.finance.test_same_everywhere import KINDS, NOVEMBER, _cells, a_month, clock  # noqa: F401  # a fixture
from tests.privacy.people import (
    API,
    ARTICLE,
    EMAIL,
    MESSAGE,
    NAME,
    PLANTED,
    asked,
    by_email,
    given,
    published,
    traces,
)
from tests.support.desk import Desk, gift

pytestmark = pytest.mark.clause("5.1")


def spread(desk: Desk) -> list[dict[str, Any]]:
    """Everything that a person leaves in the service, in every state of a message."""
    answers = [published(desk), given(desk), given(desk, message=None)]
    answers.append(desk.given(display_name=NAME, email=EMAIL, message=MESSAGE, article=ARTICLE))
    rejected, removed, disputed = given(desk), published(desk), published(desk)
    desk.decide(desk.message_id(rejected["id"]), "reject", reason="spam", note=f"dari {NAME}")
    desk.decide(desk.message_id(removed["id"]), "remove", reason="spam", note=f"lagi {NAME}")
    public = desk.message_id(answers[0]["id"])
    assert desk.client.post(f"/api/v1/wall/{public}/reports", json={"reason": "offensive"}).status_code == 202
    desk.bench.dispute(desk.bench.took()[0].payment_ref)
    desk.deliver_all()
    desk.client.post("/api/v1/desk/moderation/claims", json={"count": 2}, headers=desk.headers("moderator"))
    desk.export(rows="contributions")
    desk.export(format="csv", dialect="excel-id")
    return [*answers, rejected, removed, disputed]


def test_what_is_planted_can_be_found(desk: Desk) -> None:
    """The search below can fail: before the erasure it finds each word, in many places."""
    spread(desk)
    found = traces(desk)
    assert {it.rpartition(": ")[2] for it in found} == set(PLANTED)
    assert {it.partition(":")[0] for it in found} >= {"contribution", "message", "message_flag", "decision"}
    if desk.database == "sqlite":
        assert any(it.startswith("test.sqlite") for it in found)
        assert any(it.startswith("message_search") for it in found)


@pytest.mark.clause("5.1")
def test_clause_5_1_nothing_is_left_in_any_store(desk: Desk) -> None:
    answers = spread(desk)
    told = by_email(desk, "erase")
    assert (told["state"], told["done_by"], told["contributions"]) == ("done", "reader", 7)
    assert traces(desk) == []
    assert desk.wall(ARTICLE["url"]) == []
    states = {desk.look(it["id"])["message_state"] for it in answers}
    assert states == {"erased", "none"}
    assert desk.broken() == []


@pytest.mark.clause("5.1")
def test_clause_5_1_an_erasure_by_reference_takes_that_contribution_only(desk: Desk) -> None:
    first, second = published(desk), published(desk)
    told = asked(desk, "erase", reference=first["reference"].lower().replace("-", " "))
    assert told["outcome"]["messages"] == 1
    assert desk.look(first["id"])["message_state"] == "erased"
    assert [it["display_name"] for it in desk.wall(ARTICLE["url"])] == [NAME]
    asked(desk, "erase", reference=second["reference"])
    assert traces(desk) == []


@pytest.mark.parametrize("kind", ["erase", "withdraw"])
def test_reports_of_readers_go_with_the_message(desk: Desk, kind: str) -> None:
    """A withdrawn message that was public is kept as evidence, and so are the reports of it."""
    answer, other = published(desk), published(desk)
    for it in (answer, other):
        path = f"/api/v1/wall/{desk.message_id(it['id'])}/reports"
        assert desk.client.post(path, json={"reason": "offensive"}).status_code == 202
    told = asked(desk, kind, reference=answer["reference"])
    assert told["outcome"].get("reports", 0) == (kind == "erase")
    desk.session.rollback()
    left = desk.session.scalars(select(Report.message_id)).all()
    kept = [other] if kind == "erase" else [answer, other]
    assert sorted(left) == sorted(desk.message_id(it["id"]) for it in kept)
    assert desk.broken() == []


def test_a_report_of_an_erased_message_is_found(desk: Desk) -> None:
    answer = published(desk)
    id_ = desk.message_id(answer["id"])
    asked(desk, "erase", reference=answer["reference"])
    with transaction(desk.session):
        desk.session.add(Report(message_id=id_, reporter="x", reported_at=utc.now()))
    (found,) = desk.broken()
    assert (found.invariant, found.ids) == ("erased_messages_are_empty", [id_])


def test_money_that_comes_later_is_booked_and_brings_nothing_back(desk: Desk) -> None:
    answer = desk.given(display_name=NAME, email=EMAIL, message=MESSAGE, article=ARTICLE)
    asked(desk, "erase", reference=answer["reference"])
    desk.bench.pay(answer["checkout_url"])
    desk.bench.settle()
    desk.deliver_all()
    now = desk.look(answer["id"])
    assert (now["status"], now["message_state"]) == ("paid", "erased")
    assert [row["reference"] for row in desk.export() if row["type"] == "contribution"] == [now["reference"]]
    assert traces(desk) == []
    assert desk.broken() == []


@pytest.mark.parametrize("decision", ["publish", "reject", "remove", "undo", "escalate"])
def test_an_erased_message_is_never_decided_again(desk: Desk, decision: str) -> None:
    answer = published(desk)
    asked(desk, "erase", reference=answer["reference"])
    response = desk.decide(desk.message_id(answer["id"]), decision, reason="spam")
    assert (response.status_code, response.get_json()["code"]) == (409, "not_decidable")


def test_a_repeated_key_is_a_conflict_after_it(desk: Desk) -> None:
    body = gift(display_name=NAME, email=EMAIL, message=MESSAGE)
    sent = {"json": body, "headers": {"Idempotency-Key": "a key of hers"}}
    answer = desk.client.post("/api/v1/contributions", **sent).get_json()
    asked(desk, "erase", reference=answer["reference"])
    again = desk.client.post("/api/v1/contributions", **sent)
    assert (again.status_code, again.get_json()["code"]) == (409, "idempotency_conflict")
    desk.session.rollback()
    assert desk.session.scalars(select(IdempotencyKey.body_hash)).one() == ""
    assert traces(desk) == []


def test_erasing_twice_changes_nothing_more(desk: Desk) -> None:
    answer = published(desk)
    asked(desk, "erase", reference=answer["reference"])
    again = asked(desk, "erase", reference=answer["reference"])
    assert again["outcome"] == {"contributions": 1}
    assert desk.broken() == []


def test_the_certificate_says_what_was_removed_and_not_of_whom(desk: Desk) -> None:
    spread(desk)
    told = by_email(desk, "erase")
    for role in ("admin", "auditor"):
        found = desk.client.get(
            f"{API}/certificates/{told['certificate']}", headers=desk.headers(role)
        ).get_json()
        assert (found["kind"], found["verified"], found["request"]) == ("erase", True, told["id"])
        assert len(found["contributions"]) == 7
    removed = found["removed"]
    assert removed["names"] == removed["emails"] == 7
    assert removed["messages"] == 6
    assert removed["notes"] == 5
    assert removed["title_hints"] == 7
    assert removed["saved_answers"] == 7
    assert removed["flags"] >= 1
    assert removed["events"] >= 6
    with pytest.raises(Exception, match="added, never changed"), transaction(desk.session):
        desk.session.execute(text("UPDATE privacy_certificate SET by = 'another'"))


def test_no_trail_of_the_staff_names_the_person(desk: Desk) -> None:
    spread(desk)
    by_email(desk, "erase")
    desk.session.rollback()
    own = select(AuditEntry.action).where(AuditEntry.action.startswith("privacy"))
    actions = list(desk.session.scalars(own.order_by(AuditEntry.sequence)))
    assert actions == ["privacy.requested", "privacy.erase"]
    row = desk.session.scalars(select(PrivacyRequest)).one()
    assert (row.email_sealed, row.email_index, row.changes_sealed) == (None, None, None)
    assert desk.wiring.settings.erasure_log.read_text().count(row.certificate or "-") == 1


def test_an_address_that_nobody_came_with_is_answered_at_once(desk: Desk) -> None:
    told = asked(desk, "erase", email="tidak.ada@contoh.example")
    assert (told["state"], told["contributions"], told["certificate"]) == ("done", 0, None)
    desk.session.rollback()
    assert desk.session.scalars(select(Certificate)).all() == []
    assert traces(desk, ("tidak.ada",)) == []


def files(desk: Desk) -> list[Any]:
    """Every kind of file of the closed month, made anew: bytes, or a workbook's cells."""
    found = []
    for kind in KINDS:
        response = desk.client.get(
            "/api/v1/desk/finance/export", query_string={**NOVEMBER, **kind}, headers=desk.headers("finance")
        )
        assert response.status_code == 200, response.text
        found.append(_cells(response.data) if kind["format"] == "xlsx" else response.data)
    return found


def totals(desk: Desk) -> dict[str, Any]:
    """All figures that finance and the public are told of the months."""
    headers = desk.headers("finance")
    paths = ("summary?from=2026-11-01&to=2026-12-31&by=month", "books", "periods/2026-11", "payouts")
    told = {
        path: desk.client.get(f"/api/v1/desk/finance/{path}", headers=headers).get_json() for path in paths
    }
    told["public"] = desk.client.get("/api/v1/transparency").get_json()
    desk.session.rollback()
    told["hashes"] = list(desk.session.execute(select(PeriodManifest.manifest, PeriodManifest.sha256)).all())
    return told


@pytest.mark.clause("5.1")
def test_a_closed_month_is_as_it_was(desk: Desk, clock: Any) -> None:  # noqa: F811  # the fixture
    """Every total and hash, and every file of the month byte by byte, whoever is erased or takes
    the consent back; the next month closes on it."""
    published(desk, amount="30000")
    given(desk, amount="40000")
    a_month(desk, clock)
    before, sums = files(desk), totals(desk)
    by_email(desk, "erase")
    assert (files(desk), totals(desk)) == (before, sums)
    references = {row["reference"] for row in csv.DictReader(io.StringIO(before[0].decode()))}
    for place, reference in enumerate(sorted(references - {""})):
        asked(desk, ("erase", "withdraw")[place % 2], reference=reference)
    assert (files(desk), totals(desk)) == (before, sums)
    clock.shift(31 * 24 * 3600)
    assert (
        closing(desk, thirds(look(desk, "2026-12")["to_allocate"].get("IDR", "0")), "2026-12").status_code
        == 200
    )
    assert desk.broken() == []


def test_two_erasures_at_once_are_one(postgresql_desk: Desk) -> None:
    """Both are carried out, one after the other; the second finds nothing left."""
    desk = postgresql_desk
    answer = published(desk)
    desk.headers("admin")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: asked(desk, "erase", reference=answer["reference"]), range(2)))
    assert sorted(it["outcome"].get("messages", 0) for it in done) == [0, 1]
    desk.session.rollback()
    assert desk.session.scalars(select(Message.text)).one() == ""
    assert desk.broken() == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_index_of_texts_keeps_no_part_of_the_words(desk: Desk) -> None:
    """Deleted parts of words would stay in the index's segments until these are merged."""
    answer = published(desk)
    for number in range(5):
        desk.paid(message=f"Ucapan lain nomor {number}")
    terms = text("SELECT COUNT(*) FROM temp.seen WHERE term IN ('wqx', 'xzj', 'zjv')")
    raw = text("SELECT COUNT(*) FROM message_search_data WHERE instr(block, CAST('zjv' AS BLOB)) > 0")
    desk.session.rollback()
    desk.session.execute(text("CREATE VIRTUAL TABLE temp.seen USING fts5vocab(main, message_search, row)"))
    assert desk.session.scalar(terms) == 3
    asked(desk, "erase", reference=answer["reference"])
    desk.session.rollback()
    assert desk.session.scalar(raw) == 0
    assert (
        desk.session.scalar(text("SELECT COUNT(*) FROM message_search WHERE message_search MATCH 'ucapan'"))
        == 5
    )
    desk.session.execute(text("DROP TABLE IF EXISTS temp.seen"))
    desk.session.commit()
