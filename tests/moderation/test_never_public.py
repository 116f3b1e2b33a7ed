"""No sequence of calls makes an unpublished, unpaid, removed or erased message public."""

import gc
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from service.contributions import queries, queueing
from service.contributions.model import Contribution, Message
from service.contributions.states import MessageState
from service.db import transaction
from service.demo.article import URL as ARTICLE
from service.moderation.forgetting import forget_notes
from service.staff import tokens
from tests.moderation.acts import WHICH, Readers, Stage
from tests.moderation.expected import CLAIM_SECONDS, SECOND_EYES, Actor, Expected, Verdict
from tests.support.databases import Postgresql, Sqlite

API = "/api/v1/desk/moderation"
SUMMARY = "/api/v1/articles/summary"
PAGES = ("/wall", "/demo/article", SUMMARY)
STEP = 2 * CLAIM_SECONDS // 3  # seconds: two of them and a lease is over
DECISIONS = ("publish", "reject", "remove", "undo", "escalate")
FITTING = {
    "pending": ("publish", "publish", "reject", "escalate", "undo"),
    "published": ("remove", "undo", "publish", "escalate"),
    "rejected": ("publish", "undo"),
    "removed": ("publish", "undo"),
}
VERDICTS = st.tuples(
    st.integers(0, 59),
    st.sampled_from((0, 0, 0, 0, 0, 0, 0, -1, 1)),  # how far off the revision is
    st.sampled_from(("offensive", "offensive", SECOND_EYES, None)),
    st.sampled_from((None, None, True, False)),
)
WHO = st.integers(0, 3)
SHAPE = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}

SEARCH = {
    "max_examples": 200,
    "stateful_step_count": 25,
    "phases": (Phase.generate,),
    "report_multiple_bugs": False,
    "derandomize": True,
}


class NeverPublic(Readers):
    """The desk's people work on what readers say; after each act the public places are compared."""

    staff: tuple[Actor, ...] = ()
    thorough: ClassVar = False
    compared = 0

    @initialize(with_lead=st.sampled_from((True, True, False)))
    def staff_comes_in(self, with_lead: bool) -> None:
        made = [("moderator", "one"), ("moderator", "two"), *([("lead", "lead")] if with_lead else [])]
        self.staff = tuple(self.comes_in(role, label) for role, label in made)
        self.auditor = self.comes_in("auditor", "auditor")

    def comes_in(self, role: str, label: str) -> Actor:
        with transaction(self.desk.session) as session:
            token, secret = tokens.issue(session, role, label, "test")
        return Actor(f"token:{token.id}", role == "lead", {"Authorization": f"Bearer {secret}"})

    @property
    def has_lead(self) -> bool:
        return any(actor.leads for actor in self.staff)

    def at_work(self, who: int) -> Actor:
        """One of the staff, who calls now: what they hold they keep."""
        actor = self.staff[who % len(self.staff)]
        for it in self.messages:
            if it.holder == actor.id and it.held_until > self.now:
                it.held_until = self.now + CLAIM_SECONDS
        return actor

    @rule(which=WHICH, acts=st.lists(st.tuples(WHO, VERDICTS, st.booleans()), min_size=1, max_size=4))
    def decide(self, which: int, acts: list[Any]) -> None:
        it = self.one(which, lambda it: it.can_be_decided)
        for who, asked, on_page in acts if it.message_id else ():
            actor, verdict = self.at_work(who), self.verdict(it, asked)
            send = self.by_form if on_page else self.by_call
            self.compare(it, verdict, actor, send(it, verdict, actor))
            self.the_wall_is_right()

    def by_call(self, it: Expected, verdict: Verdict, actor: Actor) -> int:
        place = f"{API}/messages/{it.message_id}/decision"
        status: int = self.desk.client.post(place, json=body_of(verdict), headers=actor.headers).status_code
        return status

    def by_form(self, it: Expected, verdict: Verdict, actor: Actor) -> int:
        form = {name: value for name, value in body_of(verdict).items() if value is not None}
        if verdict.hide_name is not None:
            form |= {"may_hide": "yes", "hide_name": "yes" if verdict.hide_name else ""}
        place = f"/desk/moderation/{it.message_id}"
        status: int = self.desk.client.post(place, data=form, headers=actor.headers).status_code
        return 200 if status == 303 else status

    @rule(who=WHO, chosen=st.lists(st.tuples(WHICH, VERDICTS), min_size=1, max_size=5))
    def decide_many(self, who: int, chosen: list[Any]) -> None:
        actor = self.at_work(who)
        found = [(self.one(which, lambda it: it.can_be_decided), asked) for which, asked in chosen]
        items = [(it, self.verdict(it, asked)) for it, asked in found if it.message_id]
        sent = [{"id": it.message_id, **body_of(verdict)} for it, verdict in items]
        if not sent:
            return
        answer = self.desk.client.post(f"{API}/decisions", json={"items": sent}, headers=actor.headers)
        assert answer.status_code == 200, answer.text
        for (it, verdict), told in zip(items, answer.get_json()["items"], strict=True):
            self.compare(it, verdict, actor, told["status"])

    def verdict(self, it: Expected, asked: Any) -> Verdict:
        number, off, reason, hide_name = asked
        among = FITTING[it.standing.state] if number % 4 else DECISIONS
        decision = among[number // 4 % len(among)]
        return Verdict(decision, max(1, it.revision + off), reason, hide_name)

    def compare(self, it: Expected, verdict: Verdict, actor: Actor, status: int) -> None:
        done = it.decide(verdict, actor, self.has_lead, self.now)
        assert status == 200 if done else status in (403, 409, 422), (status, verdict, it)

    @rule(who=WHO, count=st.integers(0, 3))
    def hold(self, who: int, count: int) -> None:
        """Claim some, or give everything back."""
        if count:
            self.claim(who, count)
        else:
            self.release(who)

    def claim(self, who: int, count: int) -> None:
        actor = self.at_work(who)
        free = {
            it.message_id
            for it in self.messages
            if it.waits and it.is_for(actor, self.has_lead) and not it.is_held(self.now)
        }
        answer = self.desk.client.post(f"{API}/claims", json={"count": count}, headers=actor.headers)
        taken = {item["id"] for item in answer.get_json()["items"]}
        assert taken <= free
        assert len(taken) == min(count, len(free))
        for it in self.messages:
            if it.message_id in taken:
                it.holder, it.held_until = actor.id, self.now + CLAIM_SECONDS

    def release(self, who: int) -> None:
        actor = self.at_work(who)
        assert self.desk.client.delete(f"{API}/claims", headers=actor.headers).status_code == 204
        for it in self.messages:
            if it.holder == actor.id:
                it.held_until = 0

    @rule(who=WHO, which=WHICH, kind=st.sampled_from(("phone", "all_caps", "reported")))
    def dismiss_a_flag(self, who: int, which: int, kind: str) -> None:
        it, actor = self.one(which), self.at_work(who)
        place = f"{API}/messages/{it.message_id}/flags/{kind}"
        status = self.desk.client.delete(place, headers=actor.headers).status_code
        assert status in ((200, 404) if it.can_be_decided and kind == "phone" else (404,))

    @rule(which=WHICH, sure=st.sampled_from((False, False, True)))
    def is_erased(self, which: int, sure: bool) -> None:
        it = self.one(which)
        if it.message_id is None or not sure:
            return
        with transaction(self.desk.session) as session:
            row = session.get_one(Message, it.message_id)
            row.state, row.text = MessageState.ERASED, ""
            keeps = session.get_one(Contribution, it.contribution_id).keeps_payment
            queueing.place(row, takes_part=keeps)
            forget_notes(session, [it.contribution_id])
        it.erased = True

    @rule(sweeps=st.booleans())
    def time_passes(self, sweeps: bool) -> None:
        self.clock.shift(timedelta(seconds=STEP))
        self.now += STEP
        if sweeps:
            self.sweep()

    @invariant()
    def the_wall_is_right(self) -> None:
        told = {(item["id"], item["display_name"], item["message"]) for item in self.desk.wall(ARTICLE)}
        assert told == {(it.message_id, it.shown_name, it.text) for it in self.messages if it.public}

    @invariant()
    def the_pages_are_right(self) -> None:
        """In a drill all of them after each act, in the ordinary suite one after the other."""
        self.compared += 1
        for place in PAGES if self.thorough else PAGES[self.compared % len(PAGES) :][:1]:
            self.look_at(place)

    def look_at(self, place: str) -> None:
        public = [it for it in self.messages if it.public]
        answer = self.desk.client.get(place, query_string={"article": ARTICLE})
        if place == SUMMARY:
            paid = sum(it.keeps_payment for it in self.messages)
            assert answer.get_json() == {"contributions": paid, "published_messages": len(public)}
        else:
            assert numbers("pesan-", answer.text) == {it.number for it in public}
            assert numbers("Nama-", answer.text) == {it.number for it in public if it.shown_name}

    @invariant()
    def the_queue_holds_what_waits_for_a_decision(self) -> None:
        query = {"limit": "100"}
        answer = self.desk.client.get(f"{API}/queue", query_string=query, headers=self.auditor.headers)
        told = {item["id"]: item for item in answer.get_json()["items"]}
        waiting = {it.message_id: it for it in self.messages if it.waits}
        assert set(told) == set(waiting)
        for id_, it in waiting.items():
            standing, item = it.standing, told[id_]
            assert (item["state"], item["revision"]) == (standing.state, it.revision)
            assert (item["escalated"], item["proposed_by"]) == (standing.escalated, standing.proposed_by)
            assert item["name_hidden"] == standing.hidden

    def teardown(self) -> None:
        with self.open:
            for place in PAGES:
                self.look_at(place)
            assert self.desk.broken() == []


def body_of(verdict: Verdict) -> dict[str, Any]:
    return {name: getattr(verdict, name) for name in ("decision", "revision", "reason", "hide_name")}


def numbers(before: str, page: str) -> set[int]:
    return {int(number) for number in re.findall(rf"{before}(\d+)-", page)}


def play(app: Flask, backend: Sqlite | Postgresql, thorough: bool = False, **shape: Any) -> None:
    """Run the machine on one database."""
    machine = type("Played", (NeverPublic,), {"stage": Stage(app, backend), "thorough": thorough})
    # Requests make little garbage and much that lives; collecting it takes a fifth of the time.
    gc.freeze()
    gc.disable()
    try:
        run_state_machine_as_test(machine, settings=settings(**SHAPE, **shape))
    finally:
        gc.enable()
        gc.unfreeze()


@pytest.mark.clause("3.2")
def test_clause_3_2_nothing_but_what_was_published_and_paid_is_public(
    session_app: Flask, backend: Sqlite | Postgresql
) -> None:
    examples = 14 if backend.name == "sqlite" else 5
    play(session_app, backend, max_examples=examples, stateful_step_count=25)


@pytest.mark.clause("3.2")
@pytest.mark.drill
def test_clause_3_2_holds_in_long_histories(session_app: Flask, backend: Sqlite | Postgresql) -> None:
    play(session_app, backend, thorough=True, max_examples=150, stateful_step_count=60)


def without(dropped: str) -> Callable[[], Any]:
    kept = {"paid": Message.state == MessageState.PUBLISHED, "state": queries.keeps_payment()}
    return lambda: kept[dropped]


def place_erased_too(message: Message, *, takes_part: bool) -> None:
    message.queue = str(message.state) if takes_part else None


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [
        (queries, "is_public", without("paid")),
        (queries, "is_public", without("state")),
        (queueing, "place", place_erased_too),
    ],
    ids=["unpaid messages are public", "unpublished messages are public", "erased messages are decided"],
)
def test_a_planted_fault_is_found(
    session_app: Flask, backend: Any, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, fault: Any
) -> None:
    monkeypatch.setattr(module, name, fault)
    with pytest.raises(AssertionError):
        play(session_app, backend, **SEARCH)
