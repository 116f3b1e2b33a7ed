"""What readers, payers, banks and the processor do in a run, and what the service hears of it."""

import dataclasses
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

import time_machine
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy.orm import Session

from service import clock
from service.db import db
from service.demo.article import URL as ARTICLE
from service.processors.registry import Processors
from tests.moderation.expected import SECOND_EYES, Expected
from tests.support.benches import SandboxBench
from tests.support.databases import Postgresql, Sqlite
from tests.support.desk import Desk
from tests.support.forms import hidden
from tests.support.sandbox import Delivery

MOST = 10  # messages of one run: they fit on one page
WHICH = st.integers(0, 4 * MOST - 1)
SEEDS = st.integers(0, 99)


@dataclasses.dataclass
class Stage:
    """What all runs share: an app and a database that is emptied for each."""

    app: Flask
    backend: Sqlite | Postgresql

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        with self.app.app_context():
            engine = db.engine
        engine.dispose()
        self.backend.empty()
        wiring, bench = self.app.extensions["wiring"], SandboxBench()
        self.app.extensions["wiring"] = dataclasses.replace(
            wiring,
            processors=Processors([bench.processor], bench.name),
            settings=dataclasses.replace(wiring.settings, second_eyes=(SECOND_EYES,)),
        )
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield Desk(self.app, bench, self.backend.name, session)
        finally:
            self.app.extensions["wiring"] = wiring
            bench.close()


class Readers(RuleBasedStateMachine):
    """Readers give and report, and the processor tells of their money when it likes."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.clock = self.open.enter_context(time_machine.travel(clock.now()))
        self.desk = self.open.enter_context(self.stage.desk())
        self.now = 0
        self.messages: list[Expected] = []
        self.underway: list[Delivery] = []
        self.delivered: list[Delivery] = []

    def one(self, which: int, fits: Callable[[Expected], Any] = lambda _: True) -> Expected:
        """Three times of four one that fits, if there is any, so that acts do not come to nothing."""
        fitting = [it for it in self.messages if fits(it)] if which % 4 else []
        among = fitting or self.messages
        return among[which // 4 % len(among)]

    @initialize()
    def two_have_paid(self) -> None:
        for _ in range(2):
            self.give(True, True, False, True)

    @precondition(lambda self: len(self.messages) < MOST)
    @rule(says=st.sampled_from((True, True, True, False)), named=st.booleans(), anonymous=st.booleans(),
          pays=st.booleans())  # fmt: skip
    def give(self, says: bool, named: bool, anonymous: bool, pays: bool) -> None:
        number = len(self.messages)
        name = f"Nama-{number}-x" if named else None
        answer = self.desk.given(
            article={"url": ARTICLE},
            amount="31337",
            message=f"pesan-{number}-kata" if says else None,
            display_name=name,
            anonymous=anonymous or None,
        )
        message_id = self.desk.message_id(answer["id"]) if says else None
        shown = None if anonymous else name
        made = Expected(number, answer["id"], message_id, shown, answer["checkout_url"], 31_337_00)
        self.messages.append(made)
        if pays:
            self.desk.sandbox.choose(made.checkout_url, "pay")
            self.hear(True)

    @rule(which=WHICH, outcome=st.sampled_from(("pay", "pay", "decline", "expire")), told=st.booleans())
    def choose(self, which: int, outcome: str, told: bool) -> None:
        """What the reader does with the checkout, if it is still open."""
        it, parts = self.one(which, lambda it: not it.known), self.desk.sandbox.parts
        checkout = parts.payments.checkout(self.checkout_of(it))
        if checkout["status"] != "open":
            return
        if outcome == "expire":
            parts.payments.expire(checkout["id"])
        else:
            self.desk.sandbox.choose(it.checkout_url, outcome)
        self.hear(told)

    @rule(
        which=WHICH,
        what=st.sampled_from(("full", "full", "half", "dispute", "won", "lost", "fail")),
        told=st.booleans(),
    )
    def money_moves(self, which: int, what: str, told: bool) -> None:
        """A refund outside the service, a dispute and its end, a refund that the bank sent back."""
        payment = self.payment_of(self.one(which, self.payment_of))
        if payment is None:
            return
        left = payment["amount"] - payment["refunded"]
        if what in ("won", "lost", "fail"):
            self.comes_to_an_end(payment["id"], what)
        elif left > 0 and what == "dispute":
            self.desk.bench.dispute(payment["id"])
        elif left > 0:
            self.desk.bench.refund(payment["id"], None if what == "full" else -(-left // 200))
        self.hear(told)

    def comes_to_an_end(self, payment: str, outcome: str) -> None:
        store = self.desk.sandbox.parts.store
        kind = "refund" if outcome == "fail" else "dispute"
        for found in [it for it in store.every(kind) if it["payment"] == payment]:
            if outcome == "fail" and not found.get("failed"):
                self.desk.bench.fail_refund(found["id"])
            elif found.get("status") == "open":
                self.desk.bench.close_dispute(found["id"], outcome)

    @precondition(lambda self: self.underway)
    @rule(seed=SEEDS)
    def events_arrive(self, seed: int) -> None:
        """Some of what is under way, in any order, some of it twice; the rest comes later."""
        rng = random.Random(seed)
        rng.shuffle(self.underway)
        count = rng.randint(1, len(self.underway))
        arriving, self.underway = self.underway[:count], self.underway[count:]
        for delivery in arriving:
            self.deliver(delivery)
            if rng.random() < 0.3:
                self.deliver(rng.choice(self.delivered))

    def sweep(self) -> None:
        self.desk.sweep()
        for it in self.messages:
            if it.is_asked_about:
                self.learn_all(it)

    @rule(which=WHICH, reader=st.integers(1, 4), on_page=st.booleans())
    def report(self, which: int, reader: int, on_page: bool) -> None:
        it = self.one(which, lambda it: it.public)
        if it.message_id is None:
            return
        place = f"/wall/messages/{it.message_id}/report"
        page = self.desk.client.get(place)
        assert page.status_code == (200 if it.public else 404)
        form = hidden(page.text) | {"reason": "offensive"}
        here = {"REMOTE_ADDR": f"192.0.2.{reader}"}
        if on_page and it.public:
            answer = self.desk.client.post(place, data=form, environ_overrides=here)
        else:
            api = f"/api/v1/wall/{it.message_id}/reports"
            answer = self.desk.client.post(api, json={}, environ_overrides=here)
        assert answer.status_code in ((202, 303) if it.public else (404,)), answer.text
        if it.public:
            it.report(here["REMOTE_ADDR"])

    def hear(self, told: bool) -> None:
        self.underway += self.desk.bench.deliveries()
        while told and self.underway:
            self.deliver(self.underway.pop(0))

    def deliver(self, delivery: Delivery) -> None:
        response = self.desk.deliver(self.desk.bench.signed_again(delivery))
        assert response.status_code == 200
        self.delivered.append(delivery)
        checkout = delivery.event["data"]["checkout"]
        (it,) = (it for it in self.messages if self.checkout_of(it) == checkout)
        it.known[delivery.event["id"]] = delivery.event

    def learn_all(self, it: Expected) -> None:
        for record in self.desk.sandbox.parts.payments.checkout(self.checkout_of(it))["history"]:
            it.known[record["id"]] = record

    def checkout_of(self, it: Expected) -> str:
        return it.checkout_url.rpartition("/")[2]

    def payment_of(self, it: Expected) -> Any:
        payments = self.desk.sandbox.parts.payments
        checkout = payments.checkout(self.checkout_of(it))
        return payments.payment(checkout["payment"]) if checkout["status"] == "paid" else None
