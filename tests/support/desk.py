"""One test's service: the app, its database, its processor, and the acts of its people."""

import csv
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from service import clock
from service.contributions import sweep
from service.contributions.model import Contribution, Message
from service.controls.turning import Change
from service.db import transaction
from service.finance.model import Payout
from service.jobs import check, effects
from service.money import Money
from service.processors.base import Order
from service.staff import tokens
from service.switchboard.turn import read_scope, turn
from service.webhooks import inbox
from service.wiring import Wiring
from tests.support.sandbox import Delivery, LocalSandbox

ARTICLE = "https://kompas.com/kemensos/read/2020/03/01/di-era-digital"
VERSION = "2026-11"


def gift(**changes: Any) -> dict[str, Any]:
    """A body for POST /contributions; a change to None drops the field."""
    body: dict[str, Any] = {
        "amount": "25000",
        "currency": "IDR",
        "message": "Terima kasih, Kompas!",
        "display_name": "Sri Wahyuni",
        "article": {"url": ARTICLE},
        "locale": "id",
        "terms": {"version": VERSION, "accepted": True},
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


@dataclass
class Desk:
    """Everything a test of one feature needs."""

    app: Flask
    bench: Any
    database: str
    session: Session
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        """A browser or program of its own; what the test read before is forgotten."""
        self.session.rollback()
        return self.app.test_client()

    @property
    def sandbox(self) -> LocalSandbox:
        """The processor, where it is the sandbox."""
        sandbox: LocalSandbox = self.bench.processor
        return sandbox

    @property
    def wiring(self) -> Wiring:
        wiring: Wiring = self.app.extensions["wiring"]
        return wiring

    def give(self, key: str | None = None, **changes: Any) -> Any:
        """POST /contributions; the response."""
        return self.client.post(
            "/api/v1/contributions",
            json=gift(**changes),
            headers={"Idempotency-Key": key or secrets.token_hex(8)},
        )

    def given(self, **changes: Any) -> dict[str, Any]:
        """A contribution with an open checkout."""
        response = self.give(**changes)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.get_json()
        return answer

    def paid(self, **changes: Any) -> dict[str, Any]:
        """A contribution that is paid, its webhooks delivered."""
        answer = self.given(**changes)
        self.bench.pay(answer["checkout_url"])
        self.bench.settle()
        self.deliver_all()
        return self.look(answer["id"])

    def published(self, **changes: Any) -> dict[str, Any]:
        """A paid contribution whose message was published."""
        answer = self.paid(**changes)
        self.decide(self.message_id(answer["id"]), "publish")
        return self.look(answer["id"])

    def look(self, contribution_id: str) -> dict[str, Any]:
        """GET /contributions/{id}."""
        answer: dict[str, Any] = self.client.get(f"/api/v1/contributions/{contribution_id}").get_json()
        return answer

    def deliver(self, delivery: Delivery) -> Any:
        return self.client.post(
            f"/webhooks/{self.bench.name}", data=delivery.body, headers=dict(delivery.headers)
        )

    def deliver_all(self) -> None:
        for delivery in self.bench.deliveries():
            assert self.deliver(delivery).status_code == 200

    def sweep(self) -> sweep.Swept:
        return sweep.sweep(self.session, self.wiring, everything=True)

    def token(self, role: str) -> str:
        """A bearer token of a role, the same within one test."""
        if role not in self._tokens:
            with transaction(self.session):
                self._tokens[role] = tokens.issue(self.session, role, role, "test")[1]
        return self._tokens[role]

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(role)}"}

    def message_id(self, contribution_id: str) -> str:
        self.session.rollback()
        found = select(Message.id).where(Message.contribution_id == contribution_id)
        return self.session.scalars(found).one()

    def decide(self, message_id: str, decision: str, revision: int | None = None, **rest: Any) -> Any:
        """POST a decision as a moderator, on the newest revision unless one is named."""
        if revision is None:
            self.session.rollback()
            revision = self.session.get(Message, message_id).revision
            self.session.rollback()
        return self.client.post(
            f"/api/v1/desk/moderation/messages/{message_id}/decision",
            json={"decision": decision, "revision": revision, **rest},
            headers=self.headers("moderator"),
        )

    def wall(self, article: str = ARTICLE, **query: Any) -> list[dict[str, Any]]:
        response = self.client.get("/api/v1/wall", query_string={"article": article, **query})
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.get_json()["items"]
        return items

    def export(self, **query: str) -> list[dict[str, str]]:
        """The movements of the year, as a finance clerk downloads them."""
        response = self.client.get(
            "/api/v1/desk/finance/export",
            query_string={"from": "2026-01-01", "to": f"{clock.now().year + 1}-12-31", **query},
            headers=self.headers("finance"),
        )
        assert response.status_code == 200, response.text
        return list(csv.DictReader(io.StringIO(response.text, newline="")))

    def broken(self) -> list[check.Finding]:
        """The invariants that do not hold."""
        self.session.rollback()
        return [finding for finding in check.run(self.session, self.wiring, thorough=True) if finding.broken]

    def retry_waiting(self) -> int:
        self.session.rollback()
        return inbox.retry_waiting(self.session, self.wiring, everything=True)

    def command(self, *arguments: str, input: str | None = None) -> Any:  # click's own name
        """A command of the command line, in this process."""
        self.session.rollback()
        return self.app.test_cli_runner().invoke(args=list(arguments), input=input)

    def payout(self) -> str:
        """The newest payout that we know of."""
        self.session.rollback()
        return self.session.scalars(select(Payout.ref).order_by(Payout.id.desc()).limit(1)).one()

    def turn(self, *, open_: bool, scope: str = "all", **change: Any) -> None:
        """Set a switch as the editor does."""
        found = read_scope(self.session, scope, self.wiring)
        with transaction(self.session):
            turn(self.session, Change(open=open_, scope=found, **change), "test")

    def close_feature(self, scope: str = "all", **change: Any) -> None:
        self.turn(open_=False, scope=scope, **change)

    def open_feature(self, scope: str = "all", **change: Any) -> None:
        self.turn(open_=True, scope=scope, **change)

    def work_off(self) -> int:
        """What the worker does with the outbox."""
        self.session.rollback()
        with self.app.app_context():
            return effects.run_due(self.session, self.wiring)

    def change_amount(self, contribution_id: str, rupiah: int) -> None:
        """As if the page had been opened for another amount."""
        with transaction(self.session):
            self.session.get_one(Contribution, contribution_id).amount_minor = rupiah * 100

    def rewrite_message(self, message_id: str, text: str) -> None:
        """As an erasure does it."""
        with transaction(self.session):
            self.session.get_one(Message, message_id).text = text

    def explain(self, run: Callable[[], object]) -> str:
        """The plan of the first statement that something executes, for a table of a million."""
        statements: list[tuple[Any, Any]] = []

        def note(_c: object, _cur: object, statement: str, parameters: Any, *_: object) -> None:
            statements.append((statement, parameters))

        self.session.rollback()
        engine = self.session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        try:
            run()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        statement, parameters = next(found for found in statements if found[0].startswith("SELECT"))
        connection = self.session.connection()
        lite = self.database == "sqlite"
        if not lite:
            for costly_when_large in ("enable_seqscan", "enable_sort"):
                connection.exec_driver_sql(f"SET LOCAL {costly_when_large} = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if lite else ''}{statement}", parameters)
        return "\n".join(str(row) for row in plan)

    def order(self, attempt_id: str, rupiah: int = 25_000) -> Order:
        """What a checkout of nobody's is opened for."""
        return Order(
            attempt_id=attempt_id,
            contribution_id="c" * 32,
            reference="AS-0000-0000",
            amount=Money.of_major(rupiah, "IDR"),
            locale="id",
            expires_at=(clock.now() + timedelta(hours=1)).replace(microsecond=0),
            return_url="http://localhost/back",
        )
