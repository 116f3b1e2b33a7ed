"""Readers who go on giving, paying and looking while the server is killed under them."""

import random
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import requests

from tests.journeys.apart import Apart
from tests.journeys.stack import wait_for
from tests.support.desk import gift

_OUTCOMES = {"pay": 70, "decline": 10, "pending_pay": 8, "pending_fail": 6, "cancel": 6}
_METHODS = ("qris", "gopay", "bank_transfer", "card")
_EXPECTED = {
    "give": {201, 409, 503},
    "look": {200, 503},
    "go on": {200, 201, 503},
    "pay": {303, 409},
}
_RECENT = 40  # gifts that readers still think of
_DOWN = 0.05  # seconds until a reader tries again


@dataclass
class Gift:
    """One key and its body, what was answered to it, and the pages where it can be paid."""

    key: str
    body: dict[str, Any]
    ids: set[str] = field(default_factory=set)
    pages: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @property
    def id(self) -> str | None:
        return next(iter(self.ids), None)

    def learn(self, answer: dict[str, Any]) -> None:
        """Take in an answer: the id, and a page that is new."""
        self.ids.add(answer["id"])
        url = answer["checkout_url"]
        if url and answer["status"] == "awaiting_payment" and url not in self.seen:
            self.seen.add(url)
            self.pages.append(url)


class Readers:
    """Some threads of readers on the same gifts, so that they also meet each other."""

    def __init__(self, service: Apart, seed: int, at_once: int = 6) -> None:
        self._service, self._seed, self._at_once = service, seed, at_once
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(at_once)
        self._threads: list[Future[None]] = []
        self._asking: set[object] = set()
        self.gifts: list[Gift] = []
        self.pending: list[str] = []  # the processor's names of their checkouts
        self.seen: Counter[tuple[str, int]] = Counter()
        self.odd: list[str] = []
        self.slowest = 0.0  # seconds

    def start(self) -> None:
        self._threads = [self._pool.submit(self._read, number) for number in range(self._at_once)]

    def stop(self) -> None:
        """Let everybody end what they do; raises what broke in their threads."""
        self._over.set()
        self._pool.shutdown()
        for thread in self._threads:
            thread.result()

    @property
    def in_flight(self) -> int:
        """Requests that the server was sent and has not answered."""
        return len(self._asking)

    @property
    def refused(self) -> int:
        """How many requests were answered with 503."""
        return sum(count for (_, status), count in list(self.seen.items()) if status == 503)

    @property
    def answered(self) -> int:
        """How many requests to the server went well."""
        seen = list(self.seen.items())
        return sum(count for (what, status), count in seen if what != "pay" and status < 400)

    @property
    def unanswered(self) -> list[Gift]:
        return [given for given in list(self.gifts) if not given.ids]

    def insist(self, seconds: float) -> None:
        """Send every key that has no answer again until it has one: a key that was held when
        the server died is free again after a minute."""
        with requests.Session() as session:
            for given in self.unanswered:
                wait_for(lambda given=given: self._send(session, given) and given.ids, seconds)

    def _read(self, number: int) -> None:
        chance = random.Random(f"{self._seed}-{number}")
        acts = [self._give, self._look, self._go_on, self._pay]
        with requests.Session() as session:
            while not self._over.is_set():
                (act,) = chance.choices(acts, (5, 2, 2, 5))
                if not act(session, chance):
                    # The server is away, or there is nothing to do: pay, or wait a moment.
                    self._pay(session, chance)
                    self._over.wait(_DOWN)

    def _give(self, session: requests.Session, chance: random.Random) -> bool:
        """A new gift, or one that was sent before: unanswered or not, the key says which. Who
        gets no answer at all tries the same again."""
        waiting = self.unanswered
        if waiting and chance.random() < 0.2:
            given = chance.choice(waiting)
        elif self.gifts and chance.random() < 0.15:
            given = chance.choice(self.gifts[-_RECENT:])
        else:
            key = str(UUID(int=chance.getrandbits(128)))
            amount = str(chance.randrange(10, 200) * 1000)
            given = Gift(key, gift(amount=amount))
            self.gifts.append(given)
        while not (sent := self._send(session, given)) and not self._over.is_set():
            self._pay(session, chance)
            self._over.wait(_DOWN)
        return sent

    def _send(self, session: requests.Session, given: Gift) -> bool:
        answer = self._ask(
            session, "give", "POST", "/api/v1/contributions",
            json=given.body, headers={"Idempotency-Key": given.key},
        )  # fmt: skip
        if answer is not None and answer.status_code == 201:
            given.learn(answer.json())
        elif answer is not None and answer.status_code == 409 and answer.json()["code"] != "in_progress":
            self.odd.append(f"give: {answer.text}")
        return answer is not None

    def _look(self, session: requests.Session, chance: random.Random) -> bool:
        id_ = self._known(chance)
        done = chance.choice(("", "?checkout=done"))
        return (
            id_ is not None and self._ask(session, "look", "GET", f"/contributions/{id_}{done}") is not None
        )

    def _go_on(self, session: requests.Session, chance: random.Random) -> bool:
        given = next((given for given in self._some(chance) if given.id), None)
        if given is None:
            return False
        answer = self._ask(session, "go on", "POST", f"/api/v1/contributions/{given.id}/attempts", json={})
        if answer is not None and answer.ok:
            given.learn(answer.json())
        return answer is not None

    def _pay(self, session: requests.Session, chance: random.Random) -> bool:
        """Choose on a hosted page, and go back to where the page sends the reader."""
        for given in self._some(chance):
            try:
                page = given.pages.pop()
            except IndexError:
                continue
            (outcome,) = chance.choices(list(_OUTCOMES), list(_OUTCOMES.values()))
            answer = self._choose(session, page, outcome, chance.choice(_METHODS))
            if outcome == "cancel":
                given.pages.append(page)
            elif outcome.startswith("pending") and answer.status_code == 303:
                self.pending.append(urlsplit(page).path.rpartition("/")[2])
            self._ask(session, "look", "GET", f"/contributions/{given.id}?checkout=done")
            return True
        return False

    def _choose(self, session: requests.Session, page: str, outcome: str, method: str) -> requests.Response:
        form = {"outcome": outcome, "method": method}
        answer = session.post(page, data=form, allow_redirects=False, timeout=30)
        self._note("pay", answer)
        return answer

    def _ask(
        self, session: requests.Session, what: str, method: str, path: str, **rest: Any
    ) -> requests.Response | None:
        """The server's answer, or None where it died or is not there."""
        place = object()
        self._asking.add(place)
        try:
            answer = session.request(method, f"{self._service.url}{path}", timeout=30, **rest)
        except requests.ReadTimeout:
            self.odd.append(f"{what}: no answer")
            return None
        except requests.RequestException:
            return None
        finally:
            self._asking.discard(place)
        self.slowest = max(self.slowest, answer.elapsed.total_seconds())
        self._note(what, answer)
        return answer

    def _note(self, what: str, answer: requests.Response) -> None:
        self.seen[what, answer.status_code] += 1
        if answer.status_code not in _EXPECTED[what] or "Traceback" in answer.text:
            self.odd.append(f"{what}: {answer.status_code} {answer.text[:500]}")

    def _some(self, chance: random.Random) -> list[Gift]:
        recent = self.gifts[-_RECENT:]
        return chance.sample(recent, len(recent))

    def _known(self, chance: random.Random) -> str | None:
        return next((given.id for given in self._some(chance) if given.id), None)
