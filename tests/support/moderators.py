"""Moderators of a test: each a caller of its own, with the calls of the desk."""

from dataclasses import dataclass
from typing import Any

from service.db import transaction
from service.staff import tokens
from tests.support.desk import Desk

API = "/api/v1/desk/moderation"


@dataclass
class Colleague:
    """One moderator or lead with a token of their own."""

    desk: Desk
    id: str
    headers: dict[str, str]

    def claim(self, count: int = 10, **filters: str) -> list[dict[str, Any]]:
        answer = self.call("POST", "/claims", json={"count": count, **filters})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.get_json()["items"]
        return items

    def decide(self, item: dict[str, Any], decision: str, **rest: Any) -> Any:
        body = {"decision": decision, "revision": item["revision"], **rest}
        return self.call("POST", f"/messages/{item['id']}/decision", json=body)

    def decided(self, item: dict[str, Any], decision: str, **rest: Any) -> dict[str, Any]:
        answer = self.decide(item, decision, **rest)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def refused(self, item: dict[str, Any], decision: str, **rest: Any) -> tuple[int, str]:
        answer = self.decide(item, decision, **rest)
        return answer.status_code, answer.get_json()["code"]

    def queue(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.call("GET", "/queue", query_string=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.get_json()["items"]
        return items

    def said(self, **query: Any) -> list[str]:
        return [item["message"] for item in self.queue(**query)]

    def find(self, text: str, state: str = "pending") -> dict[str, Any]:
        (item,) = [item for item in self.queue(state=state, limit=100) if item["message"] == text]
        return item

    def call(self, method: str, path: str, **rest: Any) -> Any:
        return self.desk.client.open(f"{API}{path}", method=method, headers=self.headers, **rest)


def colleague(desk: Desk, label: str, role: str = "moderator") -> Colleague:
    """Somebody new at the desk."""
    desk.session.rollback()
    with transaction(desk.session):
        token, secret = tokens.issue(desk.session, role, label, "test")
    return Colleague(desk, f"token:{token.id}", {"Authorization": f"Bearer {secret}"})


def wait_in_queue(desk: Desk, *texts: str, **rest: Any) -> None:
    """Messages of paid contributions, in this order."""
    for text in texts:
        desk.paid(message=text, **rest)
