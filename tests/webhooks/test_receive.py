"""The inbox: forged, stale, broken, unknown and repeated events."""

import time

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from service.finance.model import Movement
from service.webhooks import inbox
from service.webhooks.model import ReceivedEvent
from tests.support.desk import Desk
from tests.support.sandbox import Delivery, sign


def rows(desk: Desk) -> list[ReceivedEvent]:
    desk.session.rollback()
    return list(desk.session.scalars(select(ReceivedEvent).order_by(ReceivedEvent.id)))


def paid_event(desk: Desk) -> Delivery:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    return desk.sandbox.take_deliveries()[0]


def changed(delivery: Delivery, **data: object) -> Delivery:
    """The same event with other data, signed by the real processor's key."""
    event = {**delivery.event, "id": f"evt_{time.monotonic_ns()}"}
    return sign(event | {"data": {**event["data"], **data}})


def test_an_event_is_recorded_once_and_counted_each_time(desk: Desk) -> None:
    delivery = paid_event(desk)
    answers = [desk.deliver(delivery).get_json()["status"] for _ in range(5)]
    assert answers == ["applied", *["duplicate"] * 4]
    (row,) = rows(desk)
    assert (row.status, row.deliveries) == ("applied", 5)


def test_the_raw_body_is_not_kept_only_what_is_listed(desk: Desk) -> None:
    delivery = paid_event(desk)
    planted = sign({**delivery.event, "payer": "Sri", "data": {**delivery.event["data"], "card": "4242"}})
    assert desk.deliver(planted).status_code == 200
    (row,) = rows(desk)
    assert "Sri" not in str(row.projection)
    assert "card" not in str(row.projection)
    assert len(row.body_sha256) == 64


@pytest.mark.parametrize("spoil", ["secret", "body", "stale", "future", "none", "junk", "unicode"])
def test_a_forged_event_changes_nothing(desk: Desk, spoil: str) -> None:
    good = paid_event(desk)
    header = {"Sandbox-Signature": good.headers["Sandbox-Signature"]}
    match spoil:
        case "secret":
            bad = sign(good.event, secret="another")
        case "stale":
            bad = sign(good.event, at=int(time.time()) - 301)
        case "future":
            bad = sign(good.event, at=int(time.time()) + 400)
        case "body":
            bad = Delivery(good.event, good.body.replace(b"2500000", b"9900000"), header)
        case "none":
            bad = Delivery(good.event, good.body, {})
        case "junk":
            bad = Delivery(good.event, good.body, {"Sandbox-Signature": "t=,v1==,,=;;"})
        case _:
            bad = Delivery(good.event, good.body, {"Sandbox-Signature": "t=٣,v1=é"})
    response = desk.deliver(bad)
    assert response.status_code == 400
    assert response.get_json()["code"] == "bad_signature"
    assert response.content_type == "application/problem+json"
    assert rows(desk) == []
    assert desk.session.scalar(select(func.count()).select_from(Movement)) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"{}", b'{"id": 1}', b"\xff\xfe", b"[" * 50_000,
        b'{"id":"a","type":"payment.succeeded","created":1,"data":{}}',
        b'{"id":"a","type":"payment.succeeded","created":1,"data":null}',
        b'{"id":"a\\u0000","type":"x","created":1,"data":{}}',
        b'{"id":"a","type":"x","created":1e400,"data":{}}',
        b'{"id":"a","type":"x","created":99999999999999999999,"data":{}}',
        b'{"id":"' + b"a" * 200 + b'","type":"x","created":1,"data":{}}',
    ],
)  # fmt: skip
def test_signed_garbage_is_a_bad_event(desk: Desk, body: bytes) -> None:
    response = desk.deliver(sign(body))
    assert (response.status_code, response.get_json()["code"]) == (400, "bad_event")
    assert rows(desk) == []


def test_an_unused_type_is_kept_and_answered_200(desk: Desk) -> None:
    response = desk.deliver(sign({"id": "evt_1", "type": "customer.created", "created": 1, "data": {"x": 1}}))
    assert (response.status_code, response.get_json()["status"]) == (200, "unused")
    assert rows(desk)[0].status == "unused"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": 2_500_001}, "another amount than asked for"),
        ({"amount": 25_000}, "another amount than asked for"),
        ({"currency": "USD"}, "another currency than asked for"),
        ({"live": True}, "wrong mode"),
        ({"attempt_id": "0" * 32}, "no such attempt"),
    ],
)
def test_what_disagrees_with_the_attempt_is_quarantined(
    desk: Desk, change: dict[str, object], reason: str
) -> None:
    good = paid_event(desk)
    response = desk.deliver(changed(good, **change))
    assert (response.status_code, response.get_json()["status"]) == (200, "quarantined")
    assert rows(desk)[0].reason == reason
    assert desk.session.scalar(select(func.count()).select_from(Movement)) == 0
    # A poison event does not stop the next.
    assert desk.deliver(good).get_json()["status"] == "applied"
    assert desk.broken() == []


def test_a_quarantined_event_can_be_replayed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    good = paid_event(desk)
    with monkeypatch.context() as broken:
        broken.setattr("service.finance.postings.contribution", lambda *_: 1 / 0)
        assert desk.deliver(good).get_json()["status"] == "quarantined"
    (row,) = rows(desk)
    assert row.reason == "bug: ZeroDivisionError"
    assert inbox.replay(desk.session, row.id, desk.wiring) == "applied"
    assert desk.look(desk.export()[0]["contribution_id"])["status"] == "paid"
    assert desk.broken() == []


def test_bodies_over_256_kib_are_refused(desk: Desk) -> None:
    response = desk.deliver(sign(b"x" * (256 * 1024 + 1)))
    assert (response.status_code, response.get_json()["code"]) == (413, "body_too_large")
    assert desk.deliver(sign(b"x" * (256 * 1024))).status_code == 400


def test_an_unknown_processor_is_not_found(desk: Desk) -> None:
    assert desk.client.post("/webhooks/paypal", data=b"{}").status_code == 404


def test_a_database_that_is_away_is_503_and_the_retry_succeeds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = paid_event(desk)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    with monkeypatch.context() as broken:
        broken.setattr("service.webhooks.inbox._record", away)
        refused = desk.deliver(good)
    assert (refused.status_code, refused.get_json()["code"]) == (503, "unavailable")
    assert desk.deliver(good).get_json()["status"] == "applied"
