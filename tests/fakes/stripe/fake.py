"""FakeStripe: one merchant's account at Stripe, in memory, over WSGI and by acts of payers and banks."""

import marshal
import random
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar

from tests.fakes.stripe import (
    api,
    events,
    faults,
    money_objects,
    page,
    payers,
    payouts,
    reversals,
    rows,
    serve,
)
from tests.fakes.stripe.events import Delivery
from tests.fakes.stripe.store import Account, Json, Reference, Store

P = ParamSpec("P")
T = TypeVar("T")


class FakeStripe:
    """Settings are the members of ``Account``. References are ids or objects with an ``id``.

    Every act gives back a copy of what it changed, and queues the events that Stripe would send.
    """

    def __init__(self, rng: random.Random | None = None, **settings: Any) -> None:
        self.account = Account(rng or random.Random(), **settings)
        self.calls: list[api.Call] = []
        self._store = Store(self.account)
        self._lock = threading.RLock()

    def app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI application: the API under /v1/ and the hosted page under /pay/."""
        if environ["PATH_INFO"].startswith("/pay/"):
            answer = page.answer(self._store, self._lock, environ)
        else:
            answer = api.answer(self._store, self._lock, environ, self.calls.append)
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(answer.headers))
        return [answer.body]

    def serve(self) -> AbstractContextManager[str]:
        """The app on a free port of 127.0.0.1; gives its base URL."""
        return serve.serve(self.app, lambda: self.account.hold_s)

    def _do(self, verb: Callable[Concatenate[Store, P], T], *args: P.args, **named: P.kwargs) -> T:
        with self._lock:
            payers.pass_time(self._store)
            return _copy(verb(self._store, *args, **named))

    # What payers do

    def pay(self, session: Reference, method: str = "card") -> Json:
        """The session, paid; ``session`` may also be the address of its page."""
        return self._do(payers.pay, session, method)

    def decline(self, session: Reference) -> Json:
        """The session, still open after a declined card."""
        return self._do(payers.decline, session)

    def pay_later(self, session: Reference, method: str = "id_bank_transfer") -> Json:
        """The session, complete but unpaid."""
        return self._do(payers.pay_later, session, method)

    def finish_later(self, session: Reference, ok: bool = True) -> Json:
        """The session, whose money came or did not."""
        return self._do(payers.finish_later, session, ok)

    def pass_time(self) -> None:
        """Let everything happen that is due by now; any call or act does the same first."""
        self._do(lambda _: None)

    # What Stripe and banks do

    def settle(self, payment_intent: Reference | None = None) -> list[Json]:
        """New balance transactions for paid charges that had none."""
        return self._do(rows.settle, payment_intent)

    def charge_stripe_fee(self, amount: int) -> Json:
        """A balance transaction of ``amount`` settlement minor units that belongs to no payment."""
        return self._do(rows.charge_stripe_fee, amount)

    def refund(
        self,
        payment_intent: Reference,
        amount: int | None = None,
        pending: bool = False,
        unfunded: bool = False,
    ) -> Json:
        """The refund; ``unfunded`` waits for the balance and has no balance transaction yet."""
        return self._do(reversals.refund, payment_intent, amount, pending, unfunded)

    def finish_refund(self, refund: Reference) -> Json:
        return self._do(reversals.finish_refund, refund)

    def fail_refund(self, refund: Reference) -> Json:
        return self._do(reversals.fail_refund, refund)

    def dispute(
        self,
        payment_intent: Reference,
        inquiry: bool = False,
        withdraw: bool = True,
        amount: int | None = None,
    ) -> Json:
        return self._do(reversals.dispute, payment_intent, inquiry, withdraw, amount)

    def withdraw(self, dispute: Reference) -> Json:
        return self._do(reversals.withdraw, dispute)

    def answer_dispute(self, dispute: Reference) -> Json:
        return self._do(reversals.answer_dispute, dispute)

    def close_dispute(self, dispute: Reference, outcome: str) -> Json:
        """``outcome``: won, lost, or warning_closed for an inquiry."""
        return self._do(reversals.close_dispute, dispute, outcome)

    def pay_out(
        self,
        automatic: bool = True,
        reconciled: bool = True,
        arrived: bool = True,
        available_only: bool = False,
    ) -> Json | None:
        """The payout of every row that none has taken, or None when nothing is left to pay out."""
        return self._do(payouts.pay_out, automatic, reconciled, arrived, available_only)

    def arrive(self, payout: Reference) -> Json:
        return self._do(payouts.arrive, payout)

    def end_faults(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._store.faults.clear()

    def complete_reconciliation(self, payout: Reference) -> Json:
        return self._do(payouts.complete_reconciliation, payout)

    def fail_payout(self, payout: Reference) -> Json:
        return self._do(payouts.fail_payout, payout)

    # What tests look at

    def get(self, id_: str) -> Json:
        """Any object by its id."""
        return self._do(lambda store: store.by_id[id_])

    def every(self, name: str) -> list[Json]:
        """Every object of a kind such as ``charge``, oldest first."""
        return self._do(lambda store: list(store.tables.get(name, {}).values()))

    def balance(self) -> Json:
        return self._do(money_objects.balance)

    def take_deliveries(self) -> list[Delivery]:
        """Webhooks not taken yet, in the order of what happened, signed now."""
        with self._lock:
            return events.take(self._store)

    def sign(
        self, event: Mapping[str, Any] | bytes, secret: str | None = None, at: float | None = None
    ) -> Delivery:
        """A delivery of anything, signed with any secret at any time."""
        return events.sign(self._store, event, secret, at)

    def fail_next(self, kind: str, count: int = 1, on: str = "") -> None:
        """Script a fault (see ``faults.KINDS``) for the next calls whose ``METHOD /path`` contains ``on``."""
        with self._lock:
            faults.script(self._store, kind, count, on)


def _copy(value: T) -> T:
    """A deep copy of plain values; marshal is many times as fast as copy.deepcopy."""
    copied: T = marshal.loads(marshal.dumps(value))
    return copied
