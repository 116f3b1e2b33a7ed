"""One fake Midtrans account: its WSGI app, what its payers and banks do, and its faults."""

import json
import random
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.fakes.midtrans import answers, changes, hosted, payouts, reversals
from tests.fakes.midtrans.api import Api
from tests.fakes.midtrans.records import Delivery, Page, PayOut, Transaction
from tests.fakes.midtrans.world import World
from tests.support.wire import Hang

FAULTS = ("500", "429", "timeout_before", "timeout_after_success", "malformed")
REFUSALS = {
    "500": "Sorry, we encountered internal server error. We will fix this soon.",
    "429": "Too many requests hit the API too quickly",
}


class Quiet(WSGIRequestHandler):
    """Answers without a line in the log."""

    def log(self, type: str, message: str, *args: object) -> None:
        return


class FakeMidtrans:
    """Acts take an order id, or a page's token or address; amounts are whole rupiah."""

    def __init__(
        self,
        rng: random.Random | None = None,
        server_key: str = "SB-Mid-server-fakefakefakefakefake",
        page_base: str = "https://app.midtrans.test",
    ) -> None:
        self.world = World(rng or random.Random(), server_key, page_base)
        self.api = Api(self.world)
        self._faults: deque[str] = deque()

    # What tests look at

    @property
    def server_key(self) -> str:
        return self.world.server_key

    @property
    def merchant_id(self) -> str:
        return self.world.merchant_id

    @property
    def unknown_fields(self) -> list[str]:
        return self.api.unknown_fields

    @property
    def forbidden_calls(self) -> list[tuple[str, str, str]]:
        return self.api.forbidden_calls

    @property
    def unknown_calls(self) -> list[tuple[str, str]]:
        return self.api.unknown_calls

    def page(self, token_or_url: str) -> Page:
        with self.world.lock:
            return self.world.get_page(token_or_url)

    def transaction(self, order_id: str) -> Transaction:
        with self.world.lock:
            return self.world.get_transaction(order_id)

    # What payers do

    def choose(self, token_or_url: str, method: str = "qris") -> str:
        """Picks qris, gopay, bank_transfer or credit_card; gives the order id."""
        with self.world.lock:
            return changes.choose(self.world, self.world.get_page(token_or_url), method).order_id

    def pay(self, token_or_url: str, method: str = "qris") -> str:
        """Chooses and settles at once; a card is captured between."""
        with self.world.lock:
            order_id = self.choose(token_or_url, method)
            self.settle(order_id)
            return order_id

    # What banks, wallets and the dashboard do

    def settle(self, order_id: str) -> None:
        with self.world.lock:
            changes.settle(self.world, self.world.get_transaction(order_id))

    def capture(self, order_id: str) -> None:
        with self.world.lock:
            changes.capture(self.world, self.world.get_transaction(order_id))

    def challenge(self, order_id: str) -> None:
        with self.world.lock:
            changes.challenge(self.world, self.world.get_transaction(order_id))

    def accept(self, order_id: str) -> None:
        with self.world.lock:
            changes.accept(self.world, self.world.get_transaction(order_id))

    def deny(self, order_id: str) -> None:
        with self.world.lock:
            changes.deny(self.world, self.world.get_transaction(order_id))

    def expire(self, order_id: str) -> None:
        with self.world.lock:
            changes.expire(self.world, self.world.get_transaction(order_id))

    def fail(self, order_id: str) -> None:
        with self.world.lock:
            changes.fail(self.world, self.world.get_transaction(order_id))

    def cancel(self, order_id: str) -> None:
        with self.world.lock:
            changes.cancel(self.world, self.world.get_transaction(order_id))

    def refund(self, order_id: str, amount: int | None = None, reason: str = "asked in the dashboard") -> int:
        with self.world.lock:
            return reversals.refund(self.world, self.world.get_transaction(order_id), amount, reason)

    def chargeback(self, order_id: str, amount: int | None = None, reason: str = "not recognised") -> int:
        with self.world.lock:
            return reversals.chargeback(self.world, self.world.get_transaction(order_id), amount, reason)

    def finish_pending(self) -> list[str]:
        """Lets pages left with pending_pay or pending_fail come to that end; gives the order ids."""
        with self.world.lock:
            due = [waiting for waiting in self.world.pending.values() if waiting.later is not None]
            for transaction in due:
                (changes.settle if transaction.later == "pending_pay" else changes.fail)(
                    self.world, transaction
                )
            return [transaction.order_id for transaction in due]

    def pass_time(self) -> list[str]:
        """Expires transactions whose time is over; pages close by themselves and in silence."""
        with self.world.lock:
            return changes.pass_time(self.world)

    def pay_out(self) -> PayOut | None:
        with self.world.lock:
            return payouts.pay_out(self.world)

    def settlement_report(self, first_date: date, last_date: date) -> str:
        with self.world.lock:
            return payouts.settlement_report(self.world, first_date, last_date)

    # Notifications

    def take_deliveries(self) -> list[Delivery]:
        """All notifications since the last call, oldest first."""
        with self.world.lock:
            taken, self.world.deliveries = self.world.deliveries, []
            return taken

    def sign(self, event_or_bytes: dict[str, Any] | bytes, server_key: str | None = None) -> Delivery:
        return answers.sign(event_or_bytes, server_key or self.world.server_key)

    # Faults

    def fail_next(self, fault: str, count: int = 1) -> None:
        """The next API calls go wrong, in the order asked for; pages are spared."""
        if fault not in FAULTS:
            raise ValueError(f"{fault} is none of {', '.join(FAULTS)}")
        with self.world.lock:
            self._faults.extend([fault] * count)

    def end_faults(self) -> None:
        """Nothing goes wrong any more."""
        with self.world.lock:
            self._faults.clear()

    # The wire

    def app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI application; raises Hang where the real answer would not come in time."""
        request = Request(environ)
        with self.world.lock:
            if request.path.startswith(hosted.PREFIX):
                response = hosted.show(self.world, request)
            else:
                response = self._answer(request)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        fault = self._faults.popleft() if self._faults else None
        if fault == "timeout_before":
            raise Hang(f"{request.method} {request.path}")
        if fault in REFUSALS:
            return _json(int(fault), {"error_messages": [REFUSALS[fault]]})
        status, body = self.api.answer(request)
        if fault == "timeout_after_success":
            raise Hang(f"{request.method} {request.path}")
        answer = _json(status, body)
        if fault == "malformed":
            answer.data = answer.data[: len(answer.data) // 2]
        return answer

    @contextmanager
    def serve(self, hold_s: float = 30.0, own_pages: bool = True) -> Iterator[str]:
        """Serves on a free port of this machine; pages move there too unless `own_pages` is off."""
        released = threading.Event()

        def held(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            try:
                return self.app(environ, start_response)
            except Hang:
                released.wait(hold_s)
                return Response("", 504)(environ, start_response)

        server = make_server("127.0.0.1", 0, held, threaded=True, request_handler=Quiet)
        base = f"http://127.0.0.1:{server.server_port}"
        before = self.world.page_base
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.world.page_base = base if own_pages else before
        try:
            yield base
        finally:
            self.world.page_base = before
            released.set()
            server.shutdown()
            server.server_close()
            thread.join()


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
