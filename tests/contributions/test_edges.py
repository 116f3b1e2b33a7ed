"""Edges that are easy to get wrong: late, repeated, changed, refused, and odd."""

import base64
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from service import clock
from service.cli.explain import everything
from service.contributions.model import Attempt, Contribution
from service.finance.model import FinanceException, Movement
from service.webhooks import inbox
from service.webhooks.model import ReceivedEvent
from tests.support.desk import ARTICLE, Desk, gift
from tests.support.forms import filled, send
from tests.support.sandbox import sign


def test_one_refused_attempt_does_not_stop_the_sweep(desk: Desk) -> None:
    lost = desk.given()
    others = [desk.given() for _ in range(3)]
    desk.sandbox.parts.store.drop("checkout", lost["checkout_url"].rpartition("/")[2])
    for other in others:
        desk.sandbox.choose(other["checkout_url"], "pay")
    desk.sandbox.take_deliveries()
    swept = desk.sweep()
    assert (swept.asked, len(swept.failed)) == (4, 1)
    assert {desk.look(other["id"])["status"] for other in others} == {"paid"}


def test_a_fact_that_breaks_the_database_does_not_stop_the_sweep(desk: Desk) -> None:
    odd, good = desk.given(), desk.given()
    for answer in (odd, good):
        desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.sandbox.take_deliveries()
    store = desk.sandbox.parts.store
    for record in store.owned("record", odd["checkout_url"].rpartition("/")[2]):
        record["data"]["currency"] = "QQQQQQQ"
        store.put("record", record, owner=odd["checkout_url"].rpartition("/")[2])
    desk.sweep()
    assert desk.look(good["id"])["status"] == "paid"
    assert desk.look(odd["id"])["status"] == "awaiting_payment"
    kinds = set(desk.session.scalars(select(FinanceException.kind)))
    assert kinds == {"unapplied_fact"}


def test_money_that_cannot_be_applied_reaches_finance(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    event = desk.sandbox.take_deliveries()[0].event
    desk.deliver(sign(event | {"data": {**event["data"], "amount": 1}}))
    (exception,) = desk.session.scalars(select(FinanceException))
    assert (exception.kind, exception.subject) == ("unapplied_event", f"sandbox:{event['id']}")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01"])
@pytest.mark.parametrize(
    "path", ["/api/v1/wall", "/wall", "/api/v1/desk/moderation/queue", "/desk/moderation"]
)
def test_cursors_at_the_ends_of_time_are_refused(desk: Desk, path: str, moment: str) -> None:
    cursor = base64.urlsafe_b64encode(f"{moment} {'a' * 32}".encode()).decode().rstrip("=")
    query = {"cursor": cursor} | ({"article": ARTICLE} if "wall" in path else {})
    response = desk.client.get(path, query_string=query, headers=desk.headers("moderator"))
    assert response.status_code in (200, 422)


@pytest.mark.clause("4.3")
def test_a_closed_feature_opens_no_checkout_for_a_kept_contribution(desk: Desk) -> None:
    desk.sandbox.away = True
    desk.give(key="k")
    desk.sandbox.away = False
    desk.close_feature()
    assert desk.give(key="k").get_json()["code"] == "feature_closed"
    id_ = desk.session.scalars(select(Contribution.id)).one()
    assert desk.client.post(f"/api/v1/contributions/{id_}/attempts").get_json()["code"] == "feature_closed"
    desk.open_feature()
    assert desk.give(key="k").status_code == 201


@pytest.mark.parametrize("email", ["budi123", "12345", "1 2", "a1", "a@b", "@x.id", "a b@c.id"])
def test_addresses_that_are_none_are_refused(desk: Desk, email: str) -> None:
    response = desk.give(email=email)
    assert (response.status_code, response.get_json()["errors"]["email"]["code"]) == (422, "not_email")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_books_do_not_depend_on_the_order_of_events(desk: Desk, order: tuple[int, int]) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "decline")
    desk.deliver_all()
    again = desk.client.post(f"/api/v1/contributions/{answer['id']}/attempts").get_json()
    attempts = list(desk.session.scalars(select(Attempt.id).order_by(Attempt.number)))
    assert again["status"] == "awaiting_payment"
    events = [
        {
            "id": f"evt_{number}", "type": "payment.succeeded", "created": 1_790_000_000 + number,
            "data": {"attempt_id": attempt, "payment": f"pay_{number}", "charge": f"ch_{number}", "amount": 2_500_000,
                     "currency": "IDR", "method": "qris", "live": False},
        }
        for number, attempt in enumerate(attempts)
    ]  # fmt: skip
    for place in order:
        assert desk.deliver(sign(events[place])).get_json()["status"] == "applied"
    rows = desk.session.scalars(select(Movement).order_by(Movement.payment_ref)).all()
    assert [int(row.paid_at.timestamp()) for row in rows if row.paid_at] == [1_790_000_000, 1_790_000_001]
    exceptions = desk.session.scalars(select(FinanceException.subject)).all()
    assert exceptions == [f"{answer['id']}:2"]
    assert desk.broken() == []


def test_a_name_once_hidden_stays_hidden_until_it_is_said_otherwise(desk: Desk) -> None:
    id_ = desk.message_id(desk.paid(display_name="Sri")["id"])
    desk.decide(id_, "publish", hide_name=True)
    desk.decide(id_, "remove", reason="personal_data")
    desk.decide(id_, "publish")
    assert desk.wall()[0]["display_name"] is None
    desk.decide(id_, "remove", reason="spam")
    desk.decide(id_, "publish", hide_name=False)
    assert desk.wall()[0]["display_name"] == "Sri"


def test_an_event_does_not_try_what_waits_for_other_payments(desk: Desk) -> None:
    one, other = desk.given(), desk.given()
    for answer in (one, other):
        desk.sandbox.choose(answer["checkout_url"], "pay")
    deliveries = desk.sandbox.take_deliveries()
    desk.deliver(deliveries[3])  # the other's fee, before its payment
    desk.deliver(deliveries[0])
    desk.deliver(deliveries[1])
    (waiting,) = desk.session.scalars(select(ReceivedEvent).where(ReceivedEvent.status == "waiting"))
    assert waiting.tries == 1
    desk.deliver(deliveries[2])
    desk.session.rollback()
    assert desk.session.scalar(select(func.count()).where(ReceivedEvent.status == "waiting")) == 0
    assert desk.broken() == []


def test_waiting_events_are_tried_when_their_time_has_come(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.deliver(desk.sandbox.take_deliveries()[1])
    assert inbox.retry_waiting(desk.session, desk.wiring) == 0
    desk.sweep()
    with time_machine.travel(clock.now() + timedelta(hours=7), tick=False):
        inbox.retry_waiting(desk.session, desk.wiring)
    desk.session.rollback()
    assert list(desk.session.scalars(select(ReceivedEvent.status))) == ["duplicate"]


@pytest.mark.parametrize(
    "event",
    [
        {"id": "e", "type": "x", "created": 2**62, "data": {}},
        {"id": "e", "type": "x", "created": 10**18, "data": {}},
        {"id": "e", "type": "x", "created": 1, "data": {"method": "a\x00"}},
        {"id": "e", "type": "x", "created": 1, "data": {"method": "\ud800"}},
        {"id": "e", "type": "x", "created": 1, "data": {"amount": float("nan")}},
        {"id": "e", "type": "x", "created": 1, "data": {"method": {"nested": "person"}}},
        {"id": "e", "type": "payout.paid", "created": 1, "data": {"rows": "abc"}},
    ],
)
def test_signed_but_odd_events_are_bad_events(desk: Desk, event: object) -> None:
    response = desk.deliver(sign(event))
    assert (response.status_code, response.get_json()["code"]) == (400, "bad_event")


def test_sending_the_form_again_after_paying_leads_to_thanks(desk: Desk) -> None:
    client = desk.client
    fields = filled(client)
    checkout = client.post("/contribute", data=fields).headers["Location"]
    desk.sandbox.choose(checkout, "pay")
    desk.deliver_all()
    again = client.post("/contribute", data=fields)
    assert again.headers["Location"].startswith("/contributions/")


def test_a_changed_form_sent_three_times_is_one_more_contribution(desk: Desk) -> None:
    client = desk.client
    fields = filled(client)
    client.post("/contribute", data=fields)
    changed = [client.post("/contribute", data=fields | {"amount": "50000"}) for _ in range(3)]
    assert len({response.headers["Location"] for response in changed}) == 1
    desk.session.rollback()
    assert desk.session.scalar(select(func.count()).select_from(Contribution)) == 2


def test_paying_on_needs_the_pages_own_token(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "decline")
    desk.deliver_all()
    for token in ("", "x", "0" * 32):
        refused = desk.client.post(
            f"/contributions/{answer['id']}/pay", data={"terms_version": "2026-11", "token": token}
        )
        assert refused.status_code == 422
    assert desk.look(answer["id"])["status"] == "failed"


def test_a_key_that_comes_back_after_its_time_to_pay_opens_nothing_old(desk: Desk) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        desk.sandbox.away = True
        desk.give(key="k")
        desk.sandbox.away = False
        traveller.shift(timedelta(hours=25))
        answer = desk.give(key="k").get_json()
        assert (answer["status"], answer["checkout_url"]) == ("expired", None)
        again = desk.client.post(f"/api/v1/contributions/{answer['id']}/attempts")
        assert (again.status_code, again.get_json()["status"]) == (201, "awaiting_payment")


@pytest.mark.parametrize("blank", ["\u200b", "\u2060\u200d", " \ufeff "])
def test_what_nobody_can_see_is_blank(desk: Desk, blank: str) -> None:
    assert desk.given(message=blank, display_name=blank)["message_state"] == "none"


@pytest.mark.clause("3.1")
def test_a_tower_of_marks_is_too_long_even_alone(desk: Desk) -> None:
    assert desk.give(message="Z" + "\u0335" * 40).get_json()["errors"]["message"]["code"] == "too_long"


@pytest.mark.clause("5.2")
@pytest.mark.parametrize(
    "article", [f"{ARTICLE}?q=4111+1111+1111+1111", f"{ARTICLE}/４１１１１１１１１１１１１１１１"]
)
def test_clause_5_2_addresses_are_looked_at_as_well(desk: Desk, article: str) -> None:
    assert desk.give(article={"url": article}).get_json()["code"] == "payment_details_refused"


@pytest.mark.clause("5.2")
def test_clause_5_2_a_dropped_name_is_looked_at_as_well(desk: Desk) -> None:
    response = desk.give(display_name="4111111111111111", anonymous=True)
    assert response.get_json()["code"] == "payment_details_refused"


@pytest.mark.parametrize("headers", [{"Origin": "http://["}, {"Origin": "\\"}])
def test_a_malformed_origin_is_a_foreign_one(desk: Desk, headers: dict[str, str]) -> None:
    assert send(desk.client).status_code == 303
    assert desk.client.post("/contribute", data={}, headers=headers).status_code == 403


@pytest.mark.parametrize("host", ["..", "a" * 3000, "a b", "evil.example/x", "[::1", "é"])
def test_a_host_that_is_none_is_refused(desk: Desk, host: str) -> None:
    assert desk.client.get("/", headers={"Host": host}).status_code == 400


def test_answers_to_readers_do_not_vary_by_cookie_and_those_to_staff_are_not_stored(desk: Desk) -> None:
    wall = desk.client.get("/api/v1/wall", query_string={"article": ARTICLE})
    assert "Cookie" not in wall.headers.get("Vary", "")
    queue = desk.client.get("/api/v1/desk/moderation/queue", headers=desk.headers("moderator"))
    assert queue.headers["Cache-Control"] == "no-store"


def test_a_language_link_never_leaves_the_site(desk: Desk) -> None:
    page = desk.client.get("/%5Cevil.example/x").text
    assert "\\evil" not in page.partition("</header>")[0]


def test_a_checkout_whose_answer_was_lost_is_asked_for_before_it_expires(desk: Desk) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        desk.sandbox.away = True
        desk.give(key="k")
        desk.sandbox.away = False
        traveller.shift(timedelta(hours=25))
        desk.sandbox.calls.clear()
        desk.give(key="k")
        assert ("GET", "/v1/checkouts") in desk.sandbox.calls


def test_what_was_quarantined_is_explained_with_its_contribution(desk: Desk) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    event = desk.sandbox.take_deliveries()[0].event
    desk.deliver(sign(event | {"data": {**event["data"], "amount": 1}}))
    desk.session.rollback()
    told = everything(desk.session, desk.session.get_one(Contribution, answer["id"]))
    assert [row["status"] for row in told["received"]] == ["quarantined"]
    assert [row["kind"] for row in told["exceptions"]] == ["unapplied_event"]


@pytest.mark.parametrize("value", [1, 0, 1.0, "true", None])
def test_a_flag_is_true_or_false_and_nothing_like_it(desk: Desk, value: object) -> None:
    body = gift() | {"anonymous": value}
    response = desk.client.post("/api/v1/contributions", json=body, headers={"Idempotency-Key": "k"})
    assert response.status_code == 422
    assert "anonymous" in response.get_json()["errors"]


def test_an_invented_method_makes_no_metric_of_its_own(desk: Desk) -> None:
    desk.client.open("/", method="ZZTOP")
    assert "ZZTOP" not in desk.client.get("/metrics").text
