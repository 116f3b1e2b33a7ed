"""The sandbox with what a test does to it."""

import random
from typing import Any

from tests.support.benches.base import Bench, Took, standing_of
from tests.support.sandbox import Delivery, LocalSandbox, sign


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
        return standing_of(store.find("payment", payment)["amount"], gone + lost, open_)

    def balance(self) -> int:
        return sum(row["net"] for row in self.processor.parts.store.every("balance"))

    def close(self) -> None:
        self.processor.close()
