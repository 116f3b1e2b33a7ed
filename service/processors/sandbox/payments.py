"""What a processor does with money, in small: checkouts, payments, fees, refunds, disputes."""

import time
from collections.abc import Callable
from typing import Any

from service.processors.sandbox.books import Books
from service.processors.sandbox.refusal import Refused
from service.processors.sandbox.store import Document, Store, new_id, seconds_now

# Fee by method: parts per ten thousand of the amount, and a fixed part in minor units.
FEES = {"qris": (70, 0), "gopay": (200, 0), "bank_transfer": (0, 400_000), "card": (290, 200_000)}
DISPUTE_FEE = 5_000_000
DISPUTE_SECONDS = 7 * 24 * 3600  # until when a dispute can be answered
PENDING_SECONDS = 2.0


class Payments:
    """The sandbox's business. Each thing that happens is kept in the history of its checkout
    and announced with ``announce``."""

    def __init__(self, store: Store, books: Books, announce: Callable[[Document], None]) -> None:
        self._store = store
        self._books = books
        self._announce = announce

    def open(self, asked: Document, key: str, page_url: Callable[[str], str]) -> Document:
        """Open a checkout; the same key with the same parameters gives the same one."""
        with self._store.work():
            used = self._store.find("key", key)
            if used is not None:
                if used["asked"] != asked:
                    raise Refused(400, "this idempotency key came with other parameters")
                return self.checkout(used["checkout"])
            checkout = {
                **asked,
                "id": new_id("co"),
                "status": "open",
                "payment": None,
                "created": seconds_now(),
            }
            checkout["url"] = page_url(checkout["id"])
            self._store.put("checkout", checkout, owner=asked["attempt_id"])
            self._store.put("key", {"id": key, "asked": asked, "checkout": checkout["id"]})
            return self.checkout(checkout["id"])

    def checkout(self, checkout_id: str) -> Document:
        """A checkout with the history of all that happened to it."""
        self.pass_time()
        with self._store.work():
            found = self._get("checkout", checkout_id)
            if found["status"] == "open" and found["expires_at"] <= time.time():
                self._expire(found)
            return {**found, "history": self._store.owned("record", checkout_id)}

    def of_attempt(self, attempt_id: str) -> list[Document]:
        return self._store.owned("checkout", attempt_id)

    def expire(self, checkout_id: str) -> Document:
        """Close an open checkout; one that is closed already stays as it is."""
        with self._store.work():
            found = self._get("checkout", checkout_id)
            if found["status"] == "open":
                self._expire(found)
        return self.checkout(checkout_id)

    def choose(self, checkout_id: str, outcome: str, method: str) -> Document:
        """What the payer chose on the hosted page. Raises Refused on a closed page."""
        if outcome not in ("pay", "decline", "pending_pay", "pending_fail", "cancel") or method not in FEES:
            raise Refused(422, "no such outcome or method")
        with self._store.work():
            found = self.checkout(checkout_id)
            if outcome == "cancel":
                return found
            if found["status"] != "open":
                raise Refused(409, "this page is closed")
            payment = {
                "id": new_id("pay"),
                "charge": new_id("ch"),
                "checkout": checkout_id,
                "attempt_id": found["attempt_id"],
                "amount": found["amount"],
                "currency": found["currency"],
                "method": method,
                "refunded": 0,
            }
            self._store.put("payment", payment)
            self._update(found, status="pending", payment=payment["id"])
            if outcome.startswith("pending"):
                self._happen(payment, "payment.pending", {})
                self._later(PENDING_SECONDS, outcome.removeprefix("pending_"), payment["id"])
            else:
                self._finish(payment, "pay" if outcome == "pay" else "fail")
        return self.checkout(checkout_id)

    def refund(self, payment_id: str, amount: int | None) -> Document:
        """A refund made in the processor's own dashboard, outside the service."""
        with self._store.work():
            payment = self._get("payment", payment_id)
            left = payment["amount"] - payment["refunded"]
            amount = left if amount is None else amount
            if not 0 < amount <= left:
                raise Refused(422, "more than what is left of this payment")
            payment["refunded"] += amount
            self._store.put("payment", payment)
            refund = {"id": new_id("re"), "payment": payment_id, "amount": amount}
            self._store.put("refund", refund)
            self._move(payment, "refund.created", -amount, 0, {"refund": refund["id"]})
            return {"refund": refund["id"]}

    def fail_refund(self, refund_id: str) -> Document:
        """The bank could not give a refund to the payer: the money comes back."""
        with self._store.work():
            refund = self._get("refund", refund_id)
            if refund.get("failed"):
                raise Refused(409, "this refund failed already")
            self._store.put("refund", refund | {"failed": True})
            payment = self._get("payment", refund["payment"])
            payment["refunded"] -= refund["amount"]
            self._store.put("payment", payment)
            self._move(payment, "refund.failed", refund["amount"], 0, {"refund": refund_id})
            return {"refund": refund_id}

    def dispute(self, payment_id: str, outcome: str | None) -> Document:
        """A chargeback: the money is withdrawn now, and won or lost a moment later."""
        if outcome not in (None, "won", "lost"):
            raise Refused(422, "a dispute is won or lost")
        with self._store.work():
            payment = self._get("payment", payment_id)
            left = payment["amount"] - payment["refunded"]
            if left <= 0:
                raise Refused(422, "nothing is left of this payment")
            dispute = {"id": new_id("dp"), "payment": payment_id, "amount": left, "status": "open"}
            self._store.put("dispute", dispute)
            self._store.put("payment", payment | {"refunded": payment["amount"]})
            told = {"dispute": dispute["id"], "respond_by": seconds_now() + DISPUTE_SECONDS}
            self._move(payment, "dispute.opened", -left, DISPUTE_FEE, told)
            if outcome:
                self._later(PENDING_SECONDS, outcome, payment_id, dispute["id"])
            return {"dispute": dispute["id"]}

    def end_dispute(self, dispute_id: str, outcome: str) -> Document:
        """Decide an open dispute: what it took comes back when it is won."""
        with self._store.work():
            dispute = self._get("dispute", dispute_id)
            if dispute["status"] != "open" or outcome not in ("won", "lost"):
                raise Refused(409, "a dispute is won or lost once")
            self._store.put("dispute", dispute | {"status": outcome})
            payment = self._get("payment", dispute["payment"])
            if outcome == "lost":
                self._happen(payment, "dispute.lost", {"dispute": dispute_id})
            else:
                payment["refunded"] -= dispute["amount"]
                self._store.put("payment", payment)
                self._move(payment, "dispute.won", dispute["amount"], 0, {"dispute": dispute_id})
            return {"dispute": dispute_id, "status": outcome}

    def pay_out(self) -> Document:
        """Settle all that is unsettled by now and send it to the bank at once."""
        self.pass_time()
        return self._books.pay_out()

    def pass_time(self) -> None:
        """Carry out what was due by now."""
        with self._store.work():
            for due in self._store.owned("later", "due"):
                if due["at"] > time.time():
                    continue
                self._store.drop("later", due["id"])
                if due["what"] in ("pay", "fail"):
                    self._finish(self._get("payment", due["payment"]), due["what"])
                else:
                    self.end_dispute(due["dispute"], due["what"])

    def payment(self, payment_id: str) -> Document:
        return self._get("payment", payment_id)

    def _finish(self, payment: Document, how: str) -> None:
        checkout = self._get("checkout", payment["checkout"])
        if how == "fail":
            self._update(checkout, status="failed")
            self._happen(payment, "payment.failed", {})
            return
        self._update(checkout, status="paid")
        self._happen(payment, "payment.succeeded", {"amount": payment["amount"]})
        share, fixed = FEES[payment["method"]]
        fee = (payment["amount"] * share + 5_000) // 10_000 + fixed
        self._move(payment, "payment.settled", payment["amount"], fee, {})

    def _move(self, payment: Document, kind: str, gross: int, fee: int, data: Document) -> None:
        row = self._books.add(kind, gross, fee, payment["currency"], payment["id"])
        told = {
            "amount": abs(gross),
            "fee": fee,
            "balance_transaction": row["id"],
            "available_on": row["available_on"],
        }
        self._books.explain(row["id"], self._happen(payment, kind, {**told, **data}))

    def _happen(self, payment: Document, kind: str, data: Document) -> Document:
        known = {name: payment[name] for name in ("checkout", "attempt_id", "charge", "method", "currency")}
        return self._tell(payment["checkout"], kind, {**known, "payment": payment["id"], **data})

    def _expire(self, checkout: Document) -> None:
        self._update(checkout, status="expired")
        self._tell(
            checkout["id"],
            "checkout.expired",
            {"checkout": checkout["id"], "attempt_id": checkout["attempt_id"]},
        )

    def _tell(self, checkout_id: str, kind: str, data: Document) -> Document:
        record = {
            "id": new_id("evt"),
            "type": kind,
            "created": seconds_now(),
            "data": {**data, "live": False},
        }
        self._store.put("record", record, owner=checkout_id)
        self._announce(record)
        return record

    def _later(self, seconds: float, what: str, payment_id: str, dispute: str | None = None) -> None:
        due = {
            "id": new_id("due"),
            "at": time.time() + seconds,
            "what": what,
            "payment": payment_id,
            "dispute": dispute,
        }
        self._store.put("later", due, owner="due")

    def _update(self, checkout: Document, **changes: Any) -> None:
        kept = {name: value for name, value in checkout.items() if name != "history"}
        checkout.update(changes)
        self._store.put("checkout", kept | changes, owner=checkout["attempt_id"])

    def _get(self, kind: str, id_: str) -> Document:
        found = self._store.find(kind, id_)
        if found is None:
            raise Refused(404, f"no such {kind}")
        return found
