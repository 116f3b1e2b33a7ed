"""Moderators' programs that work on one queue at once, and crash at random."""

import random
import threading
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import requests

SECOND_EYES = "hate_speech"  # the reason that needs two moderators
_REASONS = ("offensive", "spam", "advertising", "off_topic", SECOND_EYES)
_EXPECTED = {
    ("claim", 200, None), ("look", 200, None), ("give back", 204, None), ("bulk", 200, None),
    ("decide", 200, None), ("decide", 409, "stale_revision"), ("decide", 409, "claimed_by_other"),
    ("decide", 403, "not_allowed"),
}  # fmt: skip
_DOWN, _IDLE = 0.05, 0.2  # seconds until a program tries again: the server, the queue
_UNREAD = 0.002  # seconds: the request has gone out, its answer is not waited for
_DESK = "/api/v1/desk/moderation"

Item = dict[str, Any]


class Crashed(Exception):
    """A program is gone, with all that it knew."""


@dataclass
class Told:
    """A lease as a program was told of it: nobody else is told of one on this message meanwhile."""

    message_id: str
    holder: str
    since: datetime
    until: datetime


@dataclass
class Day:
    """What all programs share: where the desk is, how often they crash, whether it is late."""

    url: str
    seed: int
    crashes: float  # chance at each request
    lease: int  # seconds
    calm: threading.Event = field(default_factory=threading.Event)


class Moderator:
    """A program with a token of its own: claims ahead of its work, and decides what it holds."""

    def __init__(self, day: Day, id_: str, secret: str, number: int) -> None:
        self._day, self._id = day, id_
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._chance = random.Random(f"{day.seed}-{number}")
        self._session = requests.Session()
        self._held: deque[Item] = deque()
        self._running: dict[str, Told] = {}
        self.told: list[Told] = []
        self.seen: Counter[tuple[str, int, str | None]] = Counter()
        self.crashes: Counter[str] = Counter()
        self.odd: list[str] = []

    def run(self) -> None:
        """Work until nothing waits any more; begin anew after each crash."""
        begin: Any = self._claim
        while True:
            self._held.clear()
            with requests.Session() as self._session:
                try:
                    begin()
                    while self._step():
                        pass
                    return
                except Crashed:
                    begin = self._chance.choice((self._claim, self._give_back, self._look, self._stay_away))
                    self.crashes[begin.__name__.strip("_").replace("_", " ")] += 1

    def _step(self) -> bool:
        """One act, with the next batch fetched before this one is done; False at the end."""
        if len(self._held) < self._chance.randrange(1, 6):
            self._claim()
        if not self._held:
            self._look()
            return bool(self._held) or self._wait()
        acts = (self._decide_one, self._decide_all, self._intrude, self._give_back)
        (act,) = self._chance.choices(acts, (100, 3, 3, 1))
        act()
        return True

    def _wait(self) -> bool:
        if self._day.calm.is_set() and not self._queue(limit=1):
            return False
        threading.Event().wait(_IDLE)
        return True

    def _stay_away(self) -> None:
        """Until every lease has run out."""
        self._day.calm.wait(self._day.lease + 0.2)

    def _claim(self) -> None:
        answer = self._ask("claim", "POST", "/claims", json={"count": 10})
        self._take(answer.json()["items"])

    def _look(self) -> None:
        """What is held already, also what was forgotten in a crash. It is worked on, and not counted
        as told: a decision that was on its way in the crash may still arrive and end the lease."""
        self._held.clear()
        self._take(
            [item for item in self._queue(limit=100, mine="true") if item["claimed_until"]], told=False
        )

    def _queue(self, **query: Any) -> list[Item]:
        items: list[Item] = self._ask("look", "GET", "/queue", params=query).json()["items"]
        return items

    def _take(self, items: list[Item], *, told: bool = True) -> None:
        now = datetime.now(UTC)
        for item in items:
            if (item["claimed_by"], item["state"]) != (self._id, "pending"):
                self.odd.append(f"claimed by {self._id}: {item}")
                continue
            self._let_go([item["id"]])  # where it was told of before
            self._held.append(item)
            if told:
                lease = Told(item["id"], self._id, now, datetime.fromisoformat(item["claimed_until"]))
                self._running[item["id"]] = lease
                self.told.append(lease)

    def _give_back(self) -> None:
        self._let_go(list(self._running))
        self._held.clear()
        self._ask("give back", "DELETE", "/claims")

    def _let_go(self, ids: Iterable[str]) -> None:
        """From now on others may get these."""
        for id_ in ids:
            if told := self._running.pop(id_, None):
                told.until = min(told.until, datetime.now(UTC))

    def _decide_one(self) -> None:
        """A decision, which is sometimes taken back, and then mostly made again."""
        verdict = self._verdict(item := self._held.popleft())
        decided = self._decide(item, **verdict)
        if decided and verdict["decision"] != "escalate" and self._happens(0.04):
            undone = self._decide(decided, decision="undo")
            if undone and self._happens(0.8):
                self._decide(undone, **self._verdict(undone))

    def _decide_all(self) -> None:
        items = [self._held.popleft() for _ in range(len(self._held))]
        bodies = [{"id": item["id"], "revision": item["revision"]} | self._verdict(item) for item in items]
        self._let_go(item["id"] for item in items)
        for outcome in self._ask("bulk", "POST", "/decisions", json={"items": bodies}).json()["items"]:
            problem = outcome["problem"]
            self._note("decide", outcome["status"], problem and problem["code"])

    def _intrude(self) -> None:
        """Try a decision on whatever waits, whoever holds it."""
        if waiting := self._queue(limit=30):
            item = self._chance.choice(waiting)
            self._decide(item, **self._verdict(item))

    def _decide(self, item: Item, **verdict: Any) -> Item | None:
        """The message after a decision, or None where it was refused."""
        self._let_go([item["id"]])
        path, body = f"/messages/{item['id']}/decision", verdict | {"revision": item["revision"]}
        answer = self._ask("decide", "POST", path, json=body)
        return answer.json() if answer.status_code == 200 else None

    def _verdict(self, item: Item) -> dict[str, Any]:
        may_escalate = not (item["escalated"] or self._day.calm.is_set())
        weights = (70, 27, 3 * may_escalate)
        (decision,) = self._chance.choices(("publish", "reject", "escalate"), weights)
        return {
            "decision": decision,
            "reason": self._chance.choice(_REASONS) if decision == "reject" else None,
        }

    def _happens(self, chance: float) -> bool:
        return not self._day.calm.is_set() and self._chance.random() < chance

    def _ask(self, what: str, method: str, path: str, **rest: Any) -> requests.Response:
        """The answer, asked for until the server is there; or a crash, mostly while one is on its way."""
        crashes = self._happens(self._day.crashes)
        # What was given back must not be taken from a program's next start.
        if crashes and (method == "DELETE" or self._chance.random() < 0.3):
            raise Crashed
        send = partial(self._session.request, method, f"{self._day.url}{_DESK}{path}", headers=self._headers)
        while True:
            try:
                answer = send(timeout=(5, _UNREAD if crashes else 30), **rest)
                break
            except requests.RequestException as error:
                if crashes:
                    raise Crashed from error
                if isinstance(error, requests.ReadTimeout):
                    self.odd.append(f"{what}: no answer")
                threading.Event().wait(_DOWN)
        self._note(what, answer.status_code, None if answer.ok else answer.json().get("code"), answer.text)
        return answer

    def _note(self, what: str, status: int, code: str | None, text: str = "") -> None:
        self.seen[what, status, code] += 1
        if (what, status, code) not in _EXPECTED:
            self.odd.append(f"{what}: {status} {code} {text[:500]}")


class Moderators:
    """Programs that work at once, each in a thread."""

    def __init__(self, day: Day, tokens: Sequence[tuple[str, str]]) -> None:
        self.all = [Moderator(day, id_, secret, number) for number, (id_, secret) in enumerate(tokens)]
        self._pool = ThreadPoolExecutor(len(tokens))
        self._threads: list[Future[None]] = []

    def start(self) -> None:
        self._threads = [self._pool.submit(one.run) for one in self.all]

    def finish(self, seconds: float) -> None:
        """Wait for all to end; raises what broke in their threads."""
        for thread in self._threads:
            thread.result(timeout=seconds)
        self._pool.shutdown()

    @property
    def told(self) -> list[Told]:
        return [lease for one in self.all for lease in one.told]

    @property
    def odd(self) -> list[str]:
        return [line for one in self.all for line in one.odd]
