"""The fake of Midtrans with what a test does to it."""

import random
from datetime import date
from typing import Any

from service.processors import base
from service.processors.midtrans.adapter import MidtransProcessor
from tests.fakes.midtrans import FakeMidtrans
from tests.support.benches.base import Bench, Took, standing_of
from tests.support.sandbox import Delivery
from tests.support.wire import InProcess


class MidtransBench(Bench):
    name = "midtrans"
    finds_checkouts = False
    tells_refund_failures = False
    settles_by_file = True
    can_win_disputes = False
    same_key_other_amount_refused = False

    def __init__(self, rng: random.Random | None = None) -> None:
        self.fake = FakeMidtrans(rng)
        self.wire = InProcess(self.fake.app)
        self.processor = MidtransProcessor(
            self.fake.server_key, self.fake.world.page_base, "https://api.midtrans.test", self.wire
        )
        self._later: list[tuple[str, bool]] = []
        self._paid: list[str] = []

    def pay(self, url: str) -> None:
        self._paid.append(self.fake.pay(url, self._method(url)))

    def decline(self, url: str) -> None:
        self.fake.deny(self.fake.choose(url, self._method(url)))

    def pay_slowly(self, url: str, ok: bool = True) -> None:
        self._later.append((self.fake.choose(url, "bank_transfer"), ok))

    def _method(self, url: str) -> str:
        return "qris" if self.fake.page(url).amount <= 10_000_000 else "bank_transfer"

    def finish_slow(self) -> None:
        for order_id, ok in self._later:
            if self.fake.transaction(order_id).status != "pending":
                continue
            if ok:
                self.fake.settle(order_id)
                self._paid.append(order_id)
            else:
                self.fake.fail(order_id)
        self._later = []

    def pass_time(self) -> None:
        self.fake.pass_time()

    def settle(self) -> None:
        """Midtrans settles with the payment, and tells it by its file."""

    def _order(self, payment: str) -> str:
        return next(order for order in self._paid if self.fake.transaction(order).id == payment)

    def refund(self, payment: str, rupiah: int | None = None) -> str:
        return str(self.fake.refund(self._order(payment), rupiah))

    def dispute(self, payment: str) -> str:
        return str(self.fake.chargeback(self._order(payment)))

    def deny_late(self, payment: str) -> None:
        self.fake.deny(self._order(payment))

    def close_dispute(self, dispute: str, outcome: str) -> None:
        """A chargeback is decided when Midtrans tells it."""

    def pay_out(self) -> str | None:
        made = self.fake.pay_out()
        return made.id if made else None

    def report(self) -> str:
        """The settlement file of all days."""
        return self.fake.settlement_report(date(2000, 1, 1), date(2100, 1, 1))

    def file(self) -> base.SettlementFile:
        found: base.SettlementFile = self.processor.read_settlement_file(self.report())
        return found

    def fail_next(self, error: str, count: int = 1) -> None:
        self.fake.fail_next(error, count)

    def end_faults(self) -> None:
        self.fake.end_faults()

    def deliveries(self) -> list[Delivery]:
        return [Delivery(it.event, it.body, it.headers) for it in self.fake.take_deliveries()]

    def forge(self, event: Any, secret: str | None = None, at: int | None = None) -> Delivery:
        if isinstance(event, bytes):
            return Delivery(event, event, {})
        made = self.fake.sign(event, secret)
        return Delivery(event, made.body, made.headers)

    def took(self) -> list[Took]:
        rows = [row for row in self.fake.world.rows if row.kind == "payment"]
        return [
            Took(row.transaction.order_id[:32], row.transaction.id, row.transaction.amount * 100)
            for row in rows
        ]

    def standing(self, payment: str) -> str:
        transaction = self.fake.transaction(self._order(payment))
        gone = sum(it.amount for it in (*transaction.refunds, *transaction.chargebacks))
        denied = transaction.status in ("deny", "cancel")
        return standing_of(transaction.amount, transaction.amount if denied else gone, False)

    def balance(self) -> int:
        return sum(amount for _, wallet, amount in self.fake.world.moves if wallet == "effective") * 100
