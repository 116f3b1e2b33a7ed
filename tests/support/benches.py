"""Every processor with what a test does to it: payers, banks, faults, and the truth about money."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import stripe

from service.processors import base
from service.processors.midtrans.adapter import MidtransProcessor
from service.processors.stripe.adapter import StripeProcessor
from tests.fakes.midtrans import FakeMidtrans
from tests.fakes.stripe import FakeStripe, NotPossible, strictly_checked
from tests.support.sandbox import Delivery, LocalSandbox, sign
from tests.support.wire import InProcess, session

STRIPE_SECRETS = ("whsec_new", "whsec_old")


@dataclass(frozen=True)
class Took:
    """A payment that the processor took: for which attempt, and how much in minor units."""

    attempt_id: str
    payment_ref: str
    minor: int


class Bench:
    """What each processor can do to us. References are what the acts give back."""

    name: str
    processor: Any
    wire: InProcess
    finds_checkouts = True
    tells_refund_failures = True
    settles_by_file = False
    can_win_disputes = True
    same_key_other_amount_refused = True

    def pay(self, url: str) -> None:
        raise NotImplementedError

    def deliveries(self) -> list[Delivery]:
        raise NotImplementedError

    def signed_again(self, delivery: Delivery) -> Delivery:
        """A delivery as it is sent now: each sending is signed at its own time."""
        return delivery

    def read(self, deliveries: Sequence[Delivery] | None = None) -> list[base.Happening]:
        """What deliveries tell, each said once, asking where the body does not tell."""
        told: list[base.Happening] = []
        for it in self.deliveries() if deliveries is None else deliveries:
            event = self.processor.read_event(it.headers, it.body)
            found = event.happenings
            if found is None:
                found = self.processor.complete(event.projection)
            told += [happening for happening in found if not said(happening, told)]
        return told

    def close(self) -> None:
        """Nothing is held open."""


def _standing(paid: int, gone: int, disputed: bool) -> str:
    """What the contribution's status has to be after all that the processor knows."""
    if gone >= paid:
        return "reversed"
    return "disputed" if disputed else "paid"


def said(happening: base.Happening, told: Sequence[base.Happening]) -> bool:
    """Whether the same fact was told before: witnesses may differ in its second."""
    return any(type(it) is type(happening) and it.ref == happening.ref for it in told)


class SandboxBench(Bench):
    name = "sandbox"

    def __init__(self, rng: random.Random | None = None) -> None:
        self.processor = LocalSandbox()
        self.wire = self.processor.wire

    def pay(self, url: str) -> None:
        self.processor.choose(url, "pay")

    def decline(self, url: str) -> None:
        self.processor.choose(url, "decline")

    def pay_slowly(self, url: str, ok: bool = True) -> None:
        self.processor.choose(url, "pending_pay" if ok else "pending_fail")

    def finish_slow(self) -> None:
        """What is pending comes to its end now."""
        store = self.processor.parts.store
        for due in store.owned("later", "due"):
            store.put("later", due | {"at": 0}, owner="due")
        self.processor.pass_time()

    def pass_time(self) -> None:
        self.processor.pass_time()

    def settle(self) -> None:
        """The sandbox settles with the payment."""

    def refund(self, payment: str, rupiah: int | None = None) -> str:
        amount = None if rupiah is None else str(rupiah)
        return self.processor.control(refund=payment, amount=amount)["refund"]

    def fail_refund(self, refund: str) -> None:
        self.processor.control(fail_refund=refund)

    def dispute(self, payment: str) -> str:
        return self.processor.control(dispute=payment)["dispute"]

    def close_dispute(self, dispute: str, outcome: str) -> None:
        self.processor.control(end_dispute=dispute, outcome=outcome)

    def pay_out(self) -> str | None:
        return self.processor.control(payout=True)["payout"]

    def fail_payout(self, payout: str) -> None:
        self.processor.control(fail_payout=payout)

    def charge(self, rupiah: int) -> None:
        self.processor.control(charge=str(rupiah))

    def fail_next(self, error: str, count: int = 1) -> None:
        self.processor.control(error=error, count=count)

    def end_faults(self) -> None:
        self.processor.control(reset=True)

    def deliveries(self) -> list[Delivery]:
        return self.processor.take_deliveries()

    def forge(self, event: object, **how: Any) -> Delivery:
        return sign(event, **how)

    def signed_again(self, delivery: Delivery) -> Delivery:
        return sign(delivery.event)

    def took(self) -> list[Took]:
        rows = self.processor.parts.store.every("balance")
        paid = {row["source"] for row in rows if row["type"] == "payment.settled"}
        found = [self.processor.parts.payments.payment(ref) for ref in sorted(paid)]
        return [Took(it["attempt_id"], it["id"], it["amount"]) for it in found]

    def standing(self, payment: str) -> str:
        store = self.processor.parts.store
        gone = sum(
            it["amount"] for it in store.every("refund") if it["payment"] == payment and not it.get("failed")
        )
        disputes = [it for it in store.every("dispute") if it["payment"] == payment]
        lost = sum(it["amount"] for it in disputes if it["status"] == "lost")
        open_ = any(it["status"] == "open" for it in disputes)
        return _standing(store.find("payment", payment)["amount"], gone + lost, open_)

    def balance(self) -> int:
        return sum(row["net"] for row in self.processor.parts.store.every("balance"))

    def close(self) -> None:
        self.processor.close()


class StripeBench(Bench):
    name = "stripe"

    def __init__(self, rng: random.Random | None = None, **settings: Any) -> None:
        settings = {"webhook_secret": STRIPE_SECRETS[0], "dispute_fee": 1_500_000, **settings}
        self.fake = FakeStripe(rng, **settings)
        self.wire = InProcess(self.fake.app)
        http = stripe.RequestsClient(session=session(self.fake.app, self.wire))
        http._sleep_time_seconds = lambda *_: 0  # type: ignore[method-assign]  # between repeats
        self.processor = StripeProcessor(
            self.fake.account.api_key,
            STRIPE_SECRETS,
            checkout_origin=self.fake.account.public_base,
            http_client=http,
        )
        self._later: list[tuple[str, bool]] = []
        self.processor.client = strictly_checked(self.processor.client)

    def pay(self, url: str, method: str = "card") -> None:
        self.fake.pay(url, method)

    def decline(self, url: str) -> None:
        self.fake.decline(url)

    def pay_slowly(self, url: str, ok: bool = True) -> None:
        found = self.fake.pay_later(url)
        self._later.append((found["id"], ok))

    def finish_slow(self) -> None:
        for checkout, ok in self._later:
            self.fake.finish_later(checkout, ok)
        self._later = []

    def pass_time(self) -> None:
        self.fake.pass_time()

    def settle(self) -> None:
        self.fake.settle()

    def refund(self, payment: str, rupiah: int | None = None) -> str:
        return str(self.fake.refund(payment, None if rupiah is None else rupiah * 100)["id"])

    def fail_refund(self, refund: str) -> None:
        self.fake.fail_refund(refund)

    def dispute(self, payment: str) -> str:
        charge = self.fake.get(self.fake.get(payment)["latest_charge"])
        left = charge["amount"] - charge["amount_refunded"]
        if left <= 0 or charge["disputed"]:
            raise NotPossible("nothing is left of this payment")
        return str(self.fake.dispute(payment, amount=left)["id"])

    def close_dispute(self, dispute: str, outcome: str) -> None:
        self.fake.close_dispute(dispute, outcome)

    def pay_out(self) -> str | None:
        made = self.fake.pay_out()
        return str(made["id"]) if made else None

    def fail_payout(self, payout: str) -> None:
        self.fake.fail_payout(payout)

    def charge(self, rupiah: int) -> None:
        self.fake.charge_stripe_fee(rupiah * 100)

    def fail_next(self, error: str, count: int = 1) -> None:
        self.fake.fail_next(error, count)

    def end_faults(self) -> None:
        self.fake.end_faults()

    def deliveries(self) -> list[Delivery]:
        return [Delivery(it.event, it.body, it.headers) for it in self.fake.take_deliveries()]

    def forge(self, event: Any, **how: Any) -> Delivery:
        made = self.fake.sign(event, **how)
        return Delivery(event, made.body, made.headers)

    def signed_again(self, delivery: Delivery) -> Delivery:
        made = self.fake.sign(delivery.body)
        return Delivery(delivery.event, made.body, made.headers)

    def took(self) -> list[Took]:
        """Payments, also those that went back since."""
        paid = [it for it in self.fake.every("charge") if it["paid"]]
        return [Took(it["metadata"]["attempt_id"], it["payment_intent"], it["amount"]) for it in paid]

    def standing(self, payment: str) -> str:
        charge = self.fake.get(self.fake.get(payment)["latest_charge"])
        disputes = [it for it in self.fake.every("dispute") if it["payment_intent"] == payment]
        lost = sum(it["amount"] for it in disputes if it["status"] == "lost")
        open_ = any(it["status"] not in ("lost", "won") for it in disputes)
        return _standing(charge["amount"], charge["amount_refunded"] + lost, open_)

    def balance(self) -> int:
        return sum(row["net"] for row in self.fake.every("balance_transaction"))


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
        return _standing(transaction.amount, transaction.amount if denied else gone, False)

    def balance(self) -> int:
        return sum(amount for _, wallet, amount in self.fake.world.moves if wallet == "effective") * 100


BENCHES: Mapping[str, type[Any]] = {
    "sandbox": SandboxBench,
    "stripe": StripeBench,
    "midtrans": MidtransBench,
}
