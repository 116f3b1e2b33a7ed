"""Moderation: the queue, decisions, and what moderators never see."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from service.contributions.model import Contribution, Message
from service.finance.model import Movement
from service.moderation.model import Decision
from service.staff.model import AuditEntry
from tests.support.desk import Desk

QUEUE = "/api/v1/desk/moderation/queue"


def queue(desk: Desk, **query: object) -> dict[str, object]:
    response = desk.client.get(QUEUE, query_string=query, headers=desk.headers("moderator"))
    assert response.status_code == 200, response.text
    return response.get_json()


def pending(desk: Desk, **changes: object) -> str:
    return desk.message_id(desk.paid(**changes)["id"])


@pytest.mark.clause("3.2")
def test_clause_3_2_only_paid_messages_wait_in_the_queue(desk: Desk) -> None:
    desk.given(message="not paid")
    desk.paid(message=None)
    desk.paid(message="paid")
    (item,) = queue(desk)["items"]
    assert item["message"] == "paid"
    assert item["revision"] == 1
    assert {"id", "revision", "message", "display_name", "article", "flags", "priority", "received_at",
            "claimed_by", "escalated"} <= set(item)  # fmt: skip


def test_a_reversed_contribution_leaves_the_queue_and_cannot_be_decided(desk: Desk) -> None:
    id_ = pending(desk)
    ref = desk.session.scalars(select(Movement.payment_ref).where(Movement.type == "contribution")).one()
    desk.sandbox.control(refund=ref)
    desk.deliver_all()
    assert queue(desk)["items"] == []
    refused = desk.decide(id_, "publish")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_decidable")


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([("publish", {})], "published"),
        ([("reject", {})], "rejected"),
        ([("reject", {"reason": "spam"})], "rejected"),
        ([("publish", {}), ("remove", {"reason": "offensive"})], "removed"),
        ([("reject", {}), ("publish", {})], "published"),
        ([("publish", {}), ("remove", {"reason": "unlawful"}), ("publish", {})], "published"),
    ],
)
def test_messages_move_as_the_contract_says(
    desk: Desk, steps: list[tuple[str, dict[str, str]]], state: str
) -> None:
    answer = desk.paid()
    id_ = desk.message_id(answer["id"])
    for revision, (decision, rest) in enumerate(steps, start=1):
        response = desk.decide(id_, decision, **rest)
        assert response.status_code == 200
        assert response.get_json()["revision"] == revision + 1
    seen = desk.look(answer["id"])
    assert (seen["message_state"], seen["status"]) == (state, "paid")
    assert len(desk.wall()) == (1 if state == "published" else 0)
    assert desk.broken() == []


@pytest.mark.clause("3.2")
@pytest.mark.parametrize(
    "steps", [["remove"], ["publish", "publish"], ["publish", "reject"], ["reject", "remove"]]
)
def test_other_moves_are_not_decidable(desk: Desk, steps: list[str]) -> None:
    id_ = pending(desk)
    for step in steps[:-1]:
        assert desk.decide(id_, step).status_code == 200
    response = desk.decide(id_, steps[-1], reason="offensive")
    assert (response.status_code, response.get_json()["code"]) == (409, "not_decidable")


def test_an_unpaid_message_cannot_be_decided(desk: Desk) -> None:
    answer = desk.given()
    response = desk.decide(desk.message_id(answer["id"]), "publish")
    assert (response.status_code, response.get_json()["code"]) == (409, "not_decidable")
    assert desk.wall() == []


def test_a_decision_on_an_old_revision_is_stale(desk: Desk) -> None:
    id_ = pending(desk)
    desk.decide(id_, "publish", revision=1)
    response = desk.decide(id_, "reject", revision=1)
    assert (response.status_code, response.get_json()["code"]) == (409, "stale_revision")


def test_of_many_at_once_one_decides(desk: Desk) -> None:
    id_ = pending(desk)
    headers, barrier = desk.headers("moderator"), threading.Barrier(8)

    def decide(number: int) -> int:
        client = desk.app.test_client()
        barrier.wait()
        body = {"decision": "publish" if number % 2 else "reject", "revision": 1}
        return client.post(
            f"/api/v1/desk/moderation/messages/{id_}/decision", json=body, headers=headers
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(decide, range(8)))
    assert statuses == [200, *[409] * 7]
    desk.session.rollback()
    assert desk.session.scalar(select(func.count()).select_from(Decision)) == 1
    assert desk.broken() == []


@pytest.mark.clause("3.3")
def test_clause_3_3_removing_needs_a_reason_of_the_terms(desk: Desk) -> None:
    id_ = pending(desk)
    desk.decide(id_, "publish")
    missing = desk.decide(id_, "remove")
    assert (missing.status_code, missing.get_json()["errors"]["reason"]["code"]) == (422, "required")
    unknown = desk.decide(id_, "remove", reason="ugly")
    assert (unknown.status_code, unknown.get_json()["errors"]["reason"]["code"]) == (422, "unknown_reason")
    assert len(desk.wall()) == 1


@pytest.mark.clause("3.3")
def test_clause_3_3_a_removal_is_audited_and_moves_no_money(desk: Desk) -> None:
    answer = desk.published()
    before = desk.export()
    desk.decide(desk.message_id(answer["id"]), "remove", reason="hate_speech", note="Melanggar")
    after = desk.export()
    assert [{**row, "message_state": ""} for row in after] == [{**row, "message_state": ""} for row in before]
    desk.session.rollback()
    actions = list(desk.session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)))
    assert actions.count("message.remove") == 1
    assert desk.look(answer["id"])["status"] == "paid"


def test_history_tells_who_when_and_why(desk: Desk) -> None:
    id_ = pending(desk)
    desk.decide(id_, "publish", hide_name=True)
    desk.decide(id_, "remove", reason="personal_data", note="Nomor telepon")
    history = desk.client.get(
        f"/api/v1/desk/moderation/messages/{id_}/history", headers=desk.headers("admin")
    ).get_json()["items"]
    assert [(item["decision"], item["reason"], item["note"]) for item in history] == [
        ("publish", None, None),
        ("remove", "personal_data", "Nomor telepon"),
    ]
    assert history[0]["name_hidden"] is True
    assert all(
        item["decided_by"].startswith("token:") and item["decided_at"].endswith("Z") for item in history
    )


@pytest.mark.clause("5.2")
def test_clause_5_2_a_note_with_a_card_number_is_refused(desk: Desk) -> None:
    id_ = pending(desk)
    response = desk.decide(id_, "reject", note="4242 4242 4242 4242")
    assert (response.status_code, response.get_json()["code"]) == (422, "payment_details_refused")


@pytest.mark.clause("1.2")
def test_clause_1_2_the_queue_is_ordered_by_waiting_time_whatever_the_amount(desk: Desk) -> None:
    for number, amount in enumerate(("100000", "10000", "50000")):
        desk.paid(message=f"m{number}", amount=amount)
    first = queue(desk, limit=2)
    second = queue(desk, limit=2, cursor=first["next_cursor"])
    assert [item["message"] for item in (*first["items"], *second["items"])] == ["m0", "m1", "m2"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("body", [
    {}, {"decision": "publish"}, {"decision": "burn", "revision": 1}, {"decision": "publish", "revision": "1"},
    {"decision": "publish", "revision": 1.0}, {"decision": "publish", "revision": 10**12},
    {"decision": "publish", "revision": 1, "state": "published"}, {"decision": "publish", "revision": 1, "hide_name": "yes"},
])  # fmt: skip
def test_malformed_decisions_are_refused(desk: Desk, body: dict[str, object]) -> None:
    id_ = pending(desk)
    response = desk.client.post(
        f"/api/v1/desk/moderation/messages/{id_}/decision", json=body, headers=desk.headers("moderator")
    )
    assert (response.status_code, response.get_json()["code"]) == (422, "validation_failed")


def test_an_unknown_message_is_not_found(desk: Desk) -> None:
    response = desk.client.post(
        f"/api/v1/desk/moderation/messages/{'0' * 32}/decision",
        json={"decision": "publish", "revision": 1},
        headers=desk.headers("moderator"),
    )
    assert response.status_code == 404
    assert (
        desk.client.get(
            f"/api/v1/desk/moderation/messages/{'0' * 32}/history", headers=desk.headers("moderator")
        ).status_code
        == 404
    )


def test_an_erased_message_never_comes_back(desk: Desk) -> None:
    id_ = pending(desk)
    desk.session.rollback()
    row = desk.session.get(Message, id_)
    assert row is not None
    row.state = "erased"
    desk.session.commit()
    for decision in ("publish", "reject", "remove"):
        assert desk.decide(id_, decision, reason="spam").get_json()["code"] == "not_decidable"
    assert desk.session.scalar(select(func.count()).select_from(Contribution)) == 1
