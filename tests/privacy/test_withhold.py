"""Restriction, withdrawal, correction and the copy: what each does to wall, queue and data."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.contributions.model import Contribution, Message
from tests.privacy.people import (
    API,
    ARTICLE,
    EMAIL,
    HINT,
    MESSAGE,
    NAME,
    NOTE,
    ask,
    asked,
    by_email,
    given,
    published,
    traces,
)
from tests.support.desk import Desk

pytestmark = pytest.mark.clause("5.1")

QUEUE = "/api/v1/desk/moderation/queue"


def wall(desk: Desk) -> list[dict[str, Any]]:
    return desk.wall(ARTICLE["url"])


def queue(desk: Desk, state: str = "pending") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.client.get(
        QUEUE, query_string={"state": state}, headers=desk.headers("moderator")
    ).get_json()["items"]
    return found


def row(desk: Desk, contribution_id: str) -> Contribution:
    desk.session.rollback()
    return desk.session.get_one(Contribution, contribution_id, populate_existing=True)


@pytest.mark.clause("5.1")
def test_clause_5_1_what_is_restricted_is_kept_and_nothing_else(desk: Desk) -> None:
    public, waits = published(desk), given(desk)
    told = by_email(desk, "restrict")
    assert told["outcome"] == {"contributions": 2, "messages": 2}
    assert wall(desk) == queue(desk) == queue(desk, "published") == []
    for answer in (public, waits):
        id_ = desk.message_id(answer["id"])
        refused = desk.decide(id_, "publish" if answer is waits else "remove", reason="spam")
        assert refused.get_json()["code"] == "not_decidable"
    report = desk.client.post(f"/api/v1/wall/{desk.message_id(public['id'])}/reports", json={})
    assert report.status_code == 404
    assert row(desk, public["id"]).display_name == NAME
    assert desk.look(public["id"])["message_state"] == "published"
    finance = desk.client.get(
        f"/api/v1/desk/contributions/{public['reference']}", headers=desk.headers("finance")
    )
    assert "message" not in finance.get_json()
    assert desk.broken() == []


def test_a_restriction_is_lifted_again(desk: Desk) -> None:
    public, waits = published(desk), given(desk)
    told = by_email(desk, "restrict")
    path = f"{API}/requests/{told['id']}/lift"
    assert desk.client.post(path, headers=desk.headers("auditor")).status_code == 403
    lifted = desk.client.post(path, headers=desk.headers("admin"))
    assert lifted.status_code == 200
    assert lifted.get_json()["lifted_at"] is not None
    assert [it["id"] for it in wall(desk)] == [desk.message_id(public["id"])]
    assert [it["id"] for it in queue(desk)] == [desk.message_id(waits["id"])]
    again = desk.client.post(path, headers=desk.headers("admin"))
    assert (again.status_code, again.get_json()["code"]) == (409, "not_decidable")
    assert desk.broken() == []


def test_what_another_request_restricts_stays_so(desk: Desk) -> None:
    public = published(desk)
    first = asked(desk, "restrict", reference=public["reference"])
    asked(desk, "restrict", reference=public["reference"])
    path = f"{API}/requests/{first['id']}/lift"
    assert desk.client.post(path, headers=desk.headers("admin")).status_code == 200
    assert wall(desk) == []


def test_money_for_a_restricted_contribution_is_booked_and_its_message_waits(desk: Desk) -> None:
    answer = desk.given(display_name=NAME, email=EMAIL, message=MESSAGE, article=ARTICLE)
    told = asked(desk, "restrict", reference=answer["reference"])
    desk.bench.pay(answer["checkout_url"])
    desk.bench.settle()
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "paid"
    assert queue(desk) == []
    assert desk.broken() == []
    desk.client.post(f"{API}/requests/{told['id']}/lift", headers=desk.headers("admin"))
    assert [it["message"] for it in queue(desk)] == [MESSAGE]


@pytest.mark.clause("5.1")
def test_clause_5_1_whoever_takes_the_consent_back_leaves_the_wall(desk: Desk) -> None:
    public, waits = published(desk), given(desk)
    told = by_email(desk, "withdraw")
    assert (told["outcome"]["taken_down"], told["outcome"]["messages"]) == (1, 1)
    assert wall(desk) == queue(desk) == queue(desk, "removed") == []
    assert desk.look(public["id"])["message_state"] == "removed"
    assert desk.look(waits["id"])["message_state"] == "erased"
    for answer in (public, waits):
        found = row(desk, answer["id"])
        assert (found.display_name, found.email_sealed, found.email_index) == (None, None, None)
        refused = desk.decide(desk.message_id(answer["id"]), "publish")
        assert refused.get_json()["code"] == "not_decidable"
        refused = desk.decide(desk.message_id(answer["id"]), "undo")
        assert refused.get_json()["code"] == "not_decidable"
    assert traces(desk, ("kembang",)) == []
    assert desk.broken() == []


@pytest.mark.parametrize("state", ["pending", "published", "rejected", "removed"])
def test_a_corrected_name_is_seen_by_a_moderator_before_anybody_else(desk: Desk, state: str) -> None:
    """Clause 3.2: nothing uncurated is public. A published message goes on without its name."""
    answer = published(desk) if state in ("published", "removed") else given(desk)
    id_ = desk.message_id(answer["id"])
    if state in ("rejected", "removed"):
        desk.decide(id_, {"rejected": "reject", "removed": "remove"}[state], reason="spam")
    seen = revision(desk, id_)
    told = asked(desk, "correct", reference=answer["reference"], display_name="Melati Putih")
    assert told["outcome"] == {"contributions": 1, "names": 1}
    assert [it["display_name"] for it in wall(desk)] == ([None] if state == "published" else [])
    stale = desk.decide(id_, "publish", revision=seen)
    assert stale.get_json()["code"] == "stale_revision"
    if state == "published":
        assert desk.decide(id_, "undo").status_code == 200
    else:
        assert desk.decide(id_, "publish").status_code == 200
    assert [it["display_name"] for it in wall(desk)] == ["Melati Putih"]
    assert desk.broken() == []


def test_a_removal_that_is_taken_back_does_not_show_the_new_name(desk: Desk) -> None:
    answer = published(desk)
    id_ = desk.message_id(answer["id"])
    asked(desk, "correct", reference=answer["reference"], display_name="Melati Putih")
    desk.decide(id_, "remove", reason="spam")
    desk.decide(id_, "undo")
    assert [it["display_name"] for it in wall(desk)] == [None]


def test_an_undo_after_a_correction_brings_back_the_state_before(desk: Desk) -> None:
    answer = given(desk)
    id_ = desk.message_id(answer["id"])
    desk.decide(id_, "reject", reason="spam")
    asked(desk, "correct", reference=answer["reference"], display_name="Melati Putih")
    desk.decide(id_, "publish")
    assert desk.decide(id_, "undo").get_json()["state"] == "rejected"


def test_an_undo_after_a_correction_brings_back_the_reason_too(desk: Desk) -> None:
    """However often: a corrected name makes a revision that no decision made."""
    answer = published(desk)
    id_ = desk.message_id(answer["id"])
    desk.decide(id_, "remove", reason="spam")
    asked(desk, "correct", reference=answer["reference"], display_name="Melati Putih")
    for _ in range(3):
        assert desk.decide(id_, "publish").status_code == 200
        undone = desk.decide(id_, "undo").get_json()
        assert (undone["state"], undone["reason"]) == ("removed", "spam")


def test_reports_stay_open_while_a_name_is_corrected(desk: Desk) -> None:
    answer = published(desk)
    id_ = desk.message_id(answer["id"])
    assert desk.client.post(f"/api/v1/wall/{id_}/reports", json={"reason": "offensive"}).status_code == 202
    asked(desk, "correct", reference=answer["reference"], display_name="Melati Putih")
    assert [it["id"] for it in queue(desk)] == [id_]
    assert desk.broken() == []


def test_an_address_is_corrected_and_found_under_the_new_one_only(desk: Desk) -> None:
    answer = published(desk)
    told = by_email(desk, "correct", new_email="melati@contoh.example")
    assert told["outcome"] == {"contributions": 1, "emails": 1}
    found = row(desk, answer["id"])
    assert desk.wiring.sealer.unseal(found.email_sealed or "", found.id) == "melati@contoh.example"
    assert asked(desk, "export", email=EMAIL)["contributions"] == 0
    assert asked(desk, "export", email="melati@contoh.example")["state"] == "awaiting_confirmation"
    assert wall(desk)[0]["display_name"] == NAME


def test_name_and_address_can_be_taken_out(desk: Desk) -> None:
    answer = published(desk)
    asked(desk, "correct", reference=answer["reference"], display_name=None, new_email=None)
    found = row(desk, answer["id"])
    assert (found.display_name, found.email_sealed) == (None, None)
    assert wall(desk)[0]["display_name"] is None
    assert desk.broken() == []


def test_what_was_erased_or_withdrawn_gets_no_name_again(desk: Desk) -> None:
    for kind in ("erase", "withdraw"):
        answer = published(desk)
        asked(desk, kind, reference=answer["reference"])
        told = asked(
            desk, "correct", reference=answer["reference"], display_name="Melati", new_email="m@c.example"
        )
        assert told["outcome"] == {"contributions": 0}
        assert row(desk, answer["id"]).display_name is None
    assert traces(desk, ("melati", "m@c.example")) == []


@pytest.mark.clause("5.1")
def test_clause_5_1_the_copy_tells_all_that_is_known(desk: Desk) -> None:
    first = published(desk)
    given(desk)
    told = by_email(desk, "export")
    response = desk.client.get(f"{API}/requests/{told['id']}/export", headers=desk.headers("admin"))
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Cache-Control"] == "no-store"
    copy = response.get_json()
    mine = next(it for it in copy["contributions"] if it["id"] == first["id"])
    assert (mine["email"], mine["display_name"], mine["message"]) == (EMAIL, NAME, MESSAGE)
    assert mine["article_title_sent"] == HINT
    assert mine["acceptances"][0]["version"] == first["terms"]["version"]
    assert mine["acceptances"][0]["agreement"]
    assert [(it["decision"], it["note"]) for it in mine["decisions"]] == [("publish", NOTE)]
    assert {it["type"] for it in mine["movements"]} == {"contribution", "fee"}
    assert mine["flags"]
    assert [it["kind"] for it in copy["requests"]] == ["export"]
    assert len(copy["contributions"]) == 2
    assert "token:" not in str(mine["decisions"])


def test_no_copy_is_kept_and_none_is_made_after_three_days(desk: Desk) -> None:
    published(desk)
    told = by_email(desk, "export")
    path = f"{API}/requests/{told['id']}/export"
    assert desk.client.get(path, headers=desk.headers("auditor")).status_code == 403
    assert desk.client.get(path, headers=desk.headers("admin")).status_code == 200
    assert {it.partition(":")[0] for it in traces(desk, ("wqxzjv",))} - {
        "test.sqlite",
        "test.sqlite-wal",
    } <= {
        "message",
        "message_search",
        "message_search_content",
        "message_search_data",
    }
    by_email(desk, "erase")
    copy = desk.client.get(path, headers=desk.headers("admin"))
    assert not [word for word in (NAME, EMAIL, MESSAGE) if word in copy.text]
    with time_machine.travel(clock.now() + timedelta(hours=73)):
        assert desk.client.get(path, headers=desk.headers("admin")).status_code == 404


def test_the_copy_of_another_kind_of_request_is_not_found(desk: Desk) -> None:
    told = asked(desk, "restrict", reference=published(desk)["reference"])
    path = f"{API}/requests/{told['id']}/export"
    assert desk.client.get(path, headers=desk.headers("admin")).status_code == 404


def test_somebody_restricted_can_still_ask(desk: Desk) -> None:
    answer = published(desk)
    asked(desk, "restrict", reference=answer["reference"])
    for kind in ("export", "withdraw", "erase"):
        assert ask(desk, kind, reference=answer["reference"]).status_code == 201
    assert desk.broken() == []
    desk.session.rollback()
    assert desk.session.scalars(select(Message.text)).one() == ""


def revision(desk: Desk, message_id: str) -> int:
    desk.session.rollback()
    return desk.session.get_one(Message, message_id, populate_existing=True).revision
