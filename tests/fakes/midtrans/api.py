"""The HTTP API that a merchant's server calls: Snap under /snap/v1, the Core API under /v2 and /v1."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

from tests.fakes.midtrans import changes
from tests.fakes.midtrans.answers import status
from tests.fakes.midtrans.opening import TAKEN, faults, open_page, unknown_fields
from tests.fakes.midtrans.payouts import mutation
from tests.fakes.midtrans.records import Transaction
from tests.fakes.midtrans.world import World, utc_millis

Answer = tuple[int, dict[str, Any]]
KEY_LIFETIME = 300
SNAP_CANCEL = re.compile(r"/snap/v1/transactions/([^/]+)/cancel")
CORE = re.compile(r"/v2/([^/]+)/(status|expire|cancel)")
REFUND = re.compile(r"/v2/[^/]+/refund(/online/direct)?")
NO_AUTH = "Access denied due to unauthorized transaction, please check client or server key"
CANNOT_MODIFY = "Merchant cannot modify the status of the transaction"


class Api:
    """Answers requests over one world, and keeps what they should never have asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.taken_status = 406
        self.core_errors_as_http = False
        self.refuses_to_expire = False
        self.unknown_fields: list[str] = []
        self.forbidden_calls: list[tuple[str, str, str]] = []
        self.unknown_calls: list[tuple[str, str]] = []

    def answer(self, request: Request) -> Answer:
        if REFUND.fullmatch(request.path):
            self.forbidden_calls.append((request.method, request.path, request.get_data(as_text=True)))
            return 403, self._core("403", "The API key does not have permission to perform the request")
        if not self._known(request):
            return self._unauthorized(request)
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        saved = self.world.saved.get(key) if key else None
        if saved is not None and self.world.now() - saved[0] < KEY_LIFETIME:
            return saved[1], saved[2]
        answered = self._route(request)
        if key and _succeeded(answered):
            self.world.saved[key] = (self.world.now(), *answered)
        return answered

    def _known(self, request: Request) -> bool:
        given = request.authorization
        return (
            given is not None
            and given.type == "basic"
            and given.username == self.world.server_key
            and not given.password
        )

    def _unauthorized(self, request: Request) -> Answer:
        if request.path.startswith("/snap/"):
            return 401, {"error_messages": [NO_AUTH]}
        return 401, self._core("401", NO_AUTH)

    def _route(self, request: Request) -> Answer:
        method, path = request.method, request.path
        if (method, path) == ("POST", "/snap/v1/transactions"):
            return self._open(request)
        if (method, path) == ("GET", "/v1/balance/mutation"):
            return self._mutation(request)
        if method == "POST" and (token := SNAP_CANCEL.fullmatch(path)):
            return self._cancel_page(token[1])
        core = CORE.fullmatch(path)
        if core and method == ("GET" if core[2] == "status" else "POST"):
            return self._about(core[1], core[2])
        self.unknown_calls.append((method, path))
        return 404, self._core("404", "The requested resource is not found")

    def _open(self, request: Request) -> Answer:
        try:
            body = json.loads(request.get_data())
        except ValueError:
            return 400, {"error_messages": ["request body is not JSON"]}
        strange = list(unknown_fields(body))
        self.unknown_fields.extend(strange)
        wrong = [*faults(body), *(f"unknown field {name}" for name in strange)]
        if wrong:
            return 400, {"error_messages": wrong}
        if body["transaction_details"]["order_id"] in self.world.orders:
            return self.taken_status, {"error_messages": [TAKEN]}
        return 201, dict(open_page(self.world, body))

    def _cancel_page(self, token: str) -> Answer:
        page = self.world.pages.get(token)
        if page is None:
            return 404, {"error_messages": ["token not found"]}
        if page.canceled_at is not None:
            return 400, {"error_messages": ["token already canceled"]}
        tried = self.world.transactions.get(page.order_id)
        if tried is not None and tried.status not in changes.RETRIED:
            return 400, {"error_messages": ["Transaction is on progress"]}
        page.canceled_at = self.world.now()
        return 200, {"canceled_at": utc_millis(page.canceled_at)}

    def _about(self, identifier: str, verb: str) -> Answer:
        found = self.world.find_transaction(identifier)
        if found is None:
            return self._coded(self._core("404", "Transaction doesn't exist."))
        if verb == "status":
            return self._coded(status(self.world, found))
        if verb == "expire":
            waiting = () if self.refuses_to_expire else ("pending",)
            return self._change(found, changes.expire, waiting, "407", "Success, transaction has expired")
        open_to = ("pending", "capture")
        return self._change(found, changes.cancel, open_to, "200", "Success, transaction is canceled")

    def _change(
        self,
        found: Transaction,
        verb: Callable[[World, Transaction], None],
        open_to: tuple[str, ...],
        code: str,
        message: str,
    ) -> Answer:
        if found.status not in open_to:
            return self._coded(self._core("412", CANNOT_MODIFY))
        verb(self.world, found)
        told = status(self.world, found)
        del told["signature_key"]
        return self._coded({**told, "status_code": code, "status_message": message})

    def _mutation(self, request: Request) -> Answer:
        try:
            start = datetime.fromisoformat(request.args["start_time"])
            end = datetime.fromisoformat(request.args["end_time"])
        except (KeyError, ValueError):
            return 400, self._core("400", "start_time and end_time must be ISO 8601")
        if request.args.get("currency") != "IDR" or None in (start.tzinfo, end.tzinfo) or end < start:
            return 400, self._core("400", "currency must be IDR, times need an offset and an order")
        return 200, mutation(self.world, start, end)

    def _core(self, code: str, message: str) -> dict[str, Any]:
        return {"status_code": code, "status_message": message, "id": self.world.uuid()}

    def _coded(self, body: dict[str, Any]) -> Answer:
        """The Core API puts its verdict into the body; the HTTP status stays 200 unless switched."""
        code = int(body["status_code"])
        failed = code >= 400 and code != 407
        return (code if failed and self.core_errors_as_http else 200), body


def _succeeded(answered: Answer) -> bool:
    http, body = answered
    code = int(body.get("status_code", http))
    return http < 300 and (code < 300 or code == 407)
