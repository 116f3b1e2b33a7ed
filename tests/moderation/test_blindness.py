"""No route of the moderation room tells, or even reads, an amount, an address or a payment."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from service.contributions.model import Attempt, Contribution, Message, PaymentFact
from service.finance.model import Movement
from service.moderation.queries import STATES
from tests.support.desk import ARTICLE, Desk

ROOMS = ("moderation", "moderation_desk", "moderation_acts")
API, PAGES = "/api/v1/desk/moderation", "/desk/moderation"
AMOUNT, EMAIL = "9123457", "tanaman.hias@contoh.example"
COLUMNS = ("amount_minor", "email_sealed", "email_index", "currency", "checkout_ref", "checkout_url")
TABLES = ("attempt", "payment_fact", "movement", "posting", "payout", "acceptance")
SECRETS = re.compile(rf"{'|'.join(COLUMNS)}|\b(?:{'|'.join(TABLES)})\b", re.IGNORECASE)
EVERY_FILTER = {
    "section": "Kemensos", "article": ARTICLE, "flag": "phone", "reason": "spam", "moderator": "token:x",
    "since": "2020-01-01", "until": "2099-01-01T00:00:00Z", "text": "terima kasih", "mine": "true",
}  # fmt: skip


@dataclass
class Room:
    """One of the staff at work: all that they are told, and all that is asked of the database."""

    desk: Desk
    role: str
    answers: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    worked: set[tuple[str, str]] = field(default_factory=set)

    def call(self, method: str, path: str, cards: bool = False, **sent: Any) -> Any:
        headers = self.desk.headers(self.role) | ({"X-Wants": "cards"} if cards else {})
        client = self.desk.client
        with self.listening():
            response = client.open(path, method=method, headers=headers, **sent)
        assert response.status_code < 500, (path, response.text)
        self.answers.append(f"{response.status}\n{response.headers}\n{response.text}")
        if response.status_code < 400:
            endpoint, _ = self.desk.app.url_map.bind("localhost").match(path, method)
            self.worked.add((endpoint, method))
        return response

    @contextmanager
    def listening(self) -> Iterator[None]:
        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            self.statements.append(statement)

        engine = self.desk.session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        yield
        event.remove(engine, "before_cursor_execute", note)

    def revision(self, message_id: str) -> int:
        self.desk.session.rollback()
        return self.desk.session.get_one(Message, message_id).revision

    def verdict(self, message_id: str, decision: str, **rest: Any) -> dict[str, Any]:
        return {"decision": decision, "revision": self.revision(message_id), **rest}

    def decide(self, message_id: str, decision: str, **rest: Any) -> Any:
        body = self.verdict(message_id, decision, **rest)
        return self.call("POST", f"{API}/messages/{message_id}/decision", json=body)


def routes(app: Flask) -> set[tuple[str, str]]:
    """Every route of the room as the app knows it."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.partition(".")[0] in ROOMS
    }


def plant(desk: Desk) -> list[str]:
    """Messages in every standing, each with the same secrets behind it; the ids of those that a
    moderator may see come first."""
    flagged = "Terima kasih, hubungi 0812-3456-7890 di http://contoh.test"
    given = {"amount": AMOUNT, "email": EMAIL, "message": flagged}
    seen = [desk.paid(**given) for _ in range(3)]
    published, unpaid, gone = desk.published(**given), desk.given(**given), desk.paid(**given)
    movements = select(Movement.payment_ref).where(Movement.contribution_id == gone["id"])
    desk.sandbox.control(refund=desk.session.scalars(movements).first())
    desk.deliver_all()
    ids = [desk.message_id(answer["id"]) for answer in (*seen, published, unpaid, gone)]
    report = desk.client.post(f"/api/v1/wall/{ids[3]}/reports", json={"reason": "offensive"})
    assert report.status_code == 202
    return ids


def secrets_of(desk: Desk) -> set[str]:
    """All that is planted in the database and must stay there."""
    minor = f"{AMOUNT}00"
    found = {minor, AMOUNT, "9.123.457", "9,123,457", f"{AMOUNT}.00", EMAIL, "tanaman.hias"}
    desk.session.rollback()
    for row in desk.session.scalars(select(Contribution)):
        found |= {row.id, row.reference, row.reference.replace("-", ""), row.email_sealed, row.email_index}
    for attempt in desk.session.scalars(select(Attempt)):
        found |= {attempt.id, attempt.checkout_ref, attempt.checkout_url}
    found |= set(desk.session.scalars(select(PaymentFact.ref)))
    for names in desk.session.execute(select(Movement.payment_ref, Movement.charge_ref)):
        found |= set(names)
    return {value for value in found if value}


def read_everything(room: Room, ids: list[str]) -> None:
    for state in STATES:
        for query in ({"state": state}, {"state": state, "limit": "1"}, EVERY_FILTER | {"state": state}):
            first = room.call("GET", f"{API}/queue", query_string=query).get_json()
            room.call("GET", PAGES, query_string=query)
            if first["next_cursor"]:
                room.call("GET", f"{API}/queue", query_string=query | {"cursor": first["next_cursor"]})
    for id_ in ids:
        room.call("GET", f"{API}/messages/{id_}/history")
        room.call("GET", f"{PAGES}/messages/{id_}")
    room.call("GET", f"{PAGES}/arrivals", query_string={"after": "2020-01-01T00:00:00Z", "active": "yes"})
    room.call("GET", f"{API}/statistics")
    room.call("GET", f"{PAGES}/statistics")
    room.call("GET", f"{PAGES}/shift")


def act_by_calls(room: Room, ids: list[str]) -> None:
    room.call("POST", f"{API}/claims", json={"count": 10})
    room.call("DELETE", f"{API}/messages/{ids[0]}/flags/phone")
    for id_ in ids:
        for decision in ("escalate", "undo", "publish", "undo", "reject", "undo"):
            room.decide(id_, decision)
        items = [{"id": id_, **room.verdict(id_, "publish", hide_name=True)}]
        room.call("POST", f"{API}/decisions", json={"items": items * 2})
        room.decide(id_, "remove", reason="spam", note="Iklan")
        room.decide(id_, "undo")
        room.decide(id_, "undo")
    room.call("DELETE", f"{API}/claims")


def act_on_pages(room: Room, ids: list[str], cards: bool) -> None:
    room.call("POST", f"{PAGES}/claims", cards, data={"flag": "phone"})
    room.call("POST", f"{PAGES}/{ids[1]}/flags/{'link' if cards else 'phone'}", cards)
    for id_ in ids:
        for decision in ("publish", "undo", "remove", "burn"):
            form = room.verdict(id_, decision, reason="spam", note="Iklan", may_hide="1", hide_name="yes")
            room.call("POST", f"{PAGES}/{id_}", cards, data=form)
    chosen = [f"{id_}:{room.revision(id_)}" for id_ in ids]
    room.call("POST", f"{PAGES}/bulk", cards, data={"decision": "publish", "chosen": chosen})
    chosen = [f"{ids[2]}:{room.revision(ids[2])}"]
    room.call("POST", f"{PAGES}/bulk", cards, data={"decision": "remove", "reason": "spam", "chosen": chosen})
    room.decide(ids[2], "undo")
    room.call("POST", f"{PAGES}/release", cards)


@pytest.mark.clause("1.2", "5.1")
@pytest.mark.parametrize("role", ["moderator", "lead"])
def test_amount_email_and_payment_never_reach_a_moderator(desk: Desk, role: str) -> None:
    ids = plant(desk)
    planted = secrets_of(desk)
    room = Room(desk, role)
    read_everything(room, ids)
    act_by_calls(room, ids)
    for cards in (False, True):
        act_on_pages(room, ids, cards)
    read_everything(room, ids)
    left_out = {name for name, _ in routes(desk.app) - room.worked}
    for_leads = {"moderation.read_statistics", "moderation_desk.show_statistics"}
    assert left_out == (set() if role == "lead" else for_leads), "walk new routes above as well"
    everything = "\n".join(room.answers)
    assert [value for value in planted if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", everything)] == []
    assert [statement for statement in room.statements if SECRETS.search(statement)] == []


def test_the_walk_sees_what_it_should_not(desk: Desk) -> None:
    """The same eyes find the secrets where they may be read."""
    plant(desk)
    room, planted = Room(desk, "finance"), secrets_of(desk)
    path, year = "/api/v1/desk/finance/export", {"from": "2020-01-01", "to": "2099-12-31"}
    room.call("GET", path, query_string=year)
    assert any(value in answer for answer in room.answers for value in planted)
    assert any(SECRETS.search(statement) for statement in room.statements)
