"""The fake of Stripe with what a test does to it; every parameter is checked strictly."""

import random
from typing import Any

import stripe

from service.processors.stripe.adapter import StripeProcessor
from tests.fakes.stripe import FakeStripe, NotPossible, strictly_checked
from tests.support.benches.base import Bench, Took, standing_of
from tests.support.sandbox import Delivery
from tests.support.wire import InProcess, session

STRIPE_SECRETS = ("whsec_new", "whsec_old")


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
        return standing_of(charge["amount"], charge["amount_refunded"] + lost, open_)

    def balance(self) -> int:
        return sum(row["net"] for row in self.fake.every("balance_transaction"))
