"""Deliver events as signed webhooks: at least once, retried, and spoilt when scripted."""

import json
import logging
import random
import threading
import time
from collections.abc import Callable

import requests

from service.processors.sandbox import signature
from service.processors.sandbox.faults import Faults
from service.processors.sandbox.store import Document, Store

log = logging.getLogger(__name__)

_TICK = 0.05  # seconds between looks at what is due
_SHUFFLE_QUIET = 0.5  # seconds without a new event after which shuffled ones are sent
_GIVES_UP = 3 * 24 * 3600  # seconds for which a delivery is retried
_LONGEST_WAIT = 60.0


class Delivery:
    """Keeps what is to be sent in the store and sends it from one thread of its own."""

    def __init__(self, store: Store, faults: Faults, url: str, secret: str) -> None:
        self._store, self._faults, self._url, self._secret = store, faults, url, secret
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._start_lock = threading.Lock()

    def announce(self, event: Document) -> None:
        """Put an event in line, as the script in force says."""
        script = self._faults.next_delivery()
        if script.drop:
            return
        now = time.time()
        for _ in range(script.duplicate):
            place = {
                "id": f"{event['id']}:{random.getrandbits(64):x}",
                "event": event,
                "at": now + script.delay_s + (_SHUFFLE_QUIET if script.shuffle else 0),
                "first": now,
                "tries": 0,
                "shuffle": script.shuffle,
            }
            self._store.put("delivery", place, owner="line")

    def run(self, pass_time: Callable[[], None]) -> None:
        """Start sending, once for this process; ``pass_time`` is called at each tick."""
        with self._start_lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, args=(pass_time,), daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _loop(self, pass_time: Callable[[], None]) -> None:
        session = requests.Session()
        while not self._ended.wait(_TICK):
            try:
                pass_time()
                self._send_due(session)
            except Exception:  # a broken delivery must not end the deliveries
                log.exception("sandbox delivery")

    def _send_due(self, session: requests.Session) -> None:
        line = self._store.owned("delivery", "line")
        due = [place for place in line if place["at"] <= time.time()]
        shuffled = [place for place in due if place["shuffle"]]
        random.shuffle(shuffled)
        for place in [place for place in due if not place["shuffle"]] + shuffled:
            if self._ended.is_set():
                return
            if self._send(session, place["event"]) or time.time() - place["first"] > _GIVES_UP:
                self._store.drop("delivery", place["id"])
            else:
                place["tries"] += 1
                place["at"] = time.time() + min(2.0 ** place["tries"] / 2, _LONGEST_WAIT)
                self._store.put("delivery", place, owner="line")

    def _send(self, session: requests.Session, event: Document) -> bool:
        body = json.dumps(event).encode()
        headers = {
            signature.HEADER: signature.sign(body, self._secret, int(time.time())),
            "Content-Type": "application/json",
        }
        try:
            answer = session.post(self._url, data=body, headers=headers, timeout=(2, 10))
        except requests.RequestException:
            return False
        return 200 <= answer.status_code < 300
