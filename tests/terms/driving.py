"""Drive the whole service with asks, and look at what leaves it and what is public."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.routing import Rule

from service.contributions.model import Contribution, Message
from tests.support.desk import Desk
from tests.terms.asks import (
    ASKS,
    COMMANDS,
    HAPPENINGS,
    PLACES,
    PLANTED,
    WITHOUT_MODERATORS,
    Call,
    calls,
    commands,
    events,
    methods_of,
    send,
)
from tests.terms.watching import Watched, public_texts, published, watch

SHAPE: dict[str, Any] = {
    "deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "phases": (Phase.generate,),
}  # fmt: skip
# Files, and the end of a session that nobody has.
LEFT_ALONE = {"security.logout", "static", "security.static"}


class Reached(AssertionError):
    """There is a path."""


def rules_of(desk: Desk) -> list[Rule]:
    return [it for it in desk.app.url_map.iter_rules() if it.endpoint not in LEFT_ALONE]


@dataclass
class Driver:
    """One run: what was done, and how much of it went through."""

    desk: Desk
    watched: Watched
    statuses: dict[str, set[int]] = field(default_factory=dict)
    heard: list[Any] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)

    def ids(self) -> dict[str, str]:
        """Of a contribution with a message, one that can be decided if there is any."""
        session = self.desk.session
        session.rollback()
        message = session.scalars(
            select(Message).order_by(Message.queue.is_(None), Message.id).limit(1)
        ).first()
        if message is None:
            self.desk.give(message=PLANTED)
            return self.ids()
        contribution = session.get_one(Contribution, message.contribution_id)
        found = {
            "contribution_id": contribution.id,
            "message_id": message.id,
            "reference": contribution.reference,
        }
        session.rollback()
        return found

    def call(self, call: Call) -> None:
        rules = rules_of(self.desk)
        rule = rules[call.rule % len(rules)]
        answer = send(self.desk, rule, call, self.ids())
        self.statuses.setdefault(rule.endpoint, set()).add(answer.status_code)
        if answer.is_json and answer.status_code >= 400:
            self.codes.add(answer.get_json().get("code", ""))
        assert answer.status_code < 500 or answer.status_code == 503, (rule, call, answer.text)

    def happen(self, what: str) -> None:
        """Something at the processor, and what it tells of it."""
        bench = self.desk.bench
        attempts = [it.payment_ref for it in bench.took()]
        if what in ("pay", "pay slowly", "decline"):
            url = (self.desk.give(message=PLANTED).get_json() or {}).get("checkout_url")
            if url is None:
                return
            {"pay": bench.pay, "pay slowly": bench.pay_slowly, "decline": bench.decline}[what](url)
        elif what == "time":
            bench.pass_time()
        elif what == "settle":
            bench.settle()
        elif what == "pay out":
            bench.pay_out()
        elif attempts and bench.standing(attempts[-1]) == "paid":
            {"refund": bench.refund, "dispute": bench.dispute}[what](attempts[-1])
        self.hear()

    def hear(self) -> None:
        for delivery in self.desk.bench.deliveries():
            self.heard.append(delivery.event)
            self.desk.deliver(delivery)

    def tell(self, which: int, ask: Any, place: int) -> None:
        """An event of the processor's with an ask in it, properly signed."""
        if not self.heard:
            return
        event = json.loads(json.dumps(self.heard[which % len(self.heard)]))
        where, names = event, [name for name, value in event.items() if isinstance(value, dict)]
        while names and place % 2:
            where, place = where[names[place % len(names)]], place // 2
            names = [name for name, value in where.items() if isinstance(value, dict)]
        where.update(ask)
        if place % 3 == 0:
            event["id"] = f"evt_{which}_{place}"
        answer = self.desk.deliver(self.desk.bench.forge(event))
        assert answer.status_code in (200, 400, 503), answer.text

    def look(self) -> None:
        """Nothing was asked of the processor that the terms rule out, and nothing is public."""
        found: list[object] = list(self.watched.found(self.desk.bench.name))
        found += [public_texts(self.desk)] if PLANTED in public_texts(self.desk) else []
        if found or published(self.desk):
            raise Reached(found)

    def command(self, words: tuple[str, ...]) -> None:
        done = self.desk.command(*words)
        assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
        if words not in COMMANDS:
            assert done.exit_code == 2, (words, done.output)

    def give(self, ask: dict[str, Any]) -> None:
        answer = self.desk.give(message=PLANTED, **ask)
        self.codes |= {answer.get_json()["code"]} if answer.status_code >= 400 else set()


def steps(roles: tuple[str, ...]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """A few acts; requests most often."""
    requests = calls(roles).map(lambda it: ("call", (it,)))
    acts = (
        requests, requests, requests,
        st.sampled_from(HAPPENINGS).map(lambda it: ("happen", (it,))),
        events.map(lambda it: ("tell", it)),
        commands.map(lambda it: ("command", (it,))),
        st.sampled_from(ASKS).map(lambda it: ("give", (dict(it),))),
    )  # fmt: skip
    return st.lists(st.one_of(*acts), min_size=6, max_size=12)


def drive(desk: Desk, examples: int, roles: tuple[str, ...] = WITHOUT_MODERATORS) -> Driver:
    """Do many generated things, and look after each few of them."""
    driver = Driver(desk, watch(desk))
    for what in HAPPENINGS:
        driver.happen(what)

    @settings(max_examples=examples, **SHAPE)
    @given(steps(roles))
    def run(acts: list[tuple[str, Any]]) -> None:
        for name, arguments in acts:
            getattr(driver, name)(*arguments)
        desk.command("feature", "open")
        driver.look()

    run()
    return driver


def each_once(driver: Driver, roles: tuple[str, ...]) -> None:
    """So that nothing is left out by chance: every route as anybody calls it, every one that writes
    for each role as it is meant and with asks, and every command."""
    chance = random.Random(4)
    driver.happen("pay")
    for place, rule in enumerate(rules_of(driver.desk)):
        usual = "body" if rule.rule.startswith("/api/") else "form"
        for method, name in enumerate(methods_of(rule)):
            for role in dict.fromkeys(roles if name != "GET" else roles[:1]):
                driver.call(Call(place, method, role, (), usual, True))
                if name == "GET":
                    continue
                asks = tuple(chance.sample(ASKS, 2))
                driver.call(Call(place, method, role, asks, chance.choice(PLACES), chance.random() < 0.5))
    for words in COMMANDS:
        driver.command(words)
    driver.desk.command("feature", "open")
    driver.look()
