"""The sandbox's own books: balance rows, payouts that succeed or fail, charges of its own."""

import time
from collections.abc import Callable

from service.processors.sandbox.refusal import Refused
from service.processors.sandbox.store import Document, Store, new_id, on_day, seconds_now

_SETTLES_AFTER_DAYS = 2


class Books:
    """What the sandbox holds for us, row by row."""

    def __init__(self, store: Store, announce: Callable[[Document], None]) -> None:
        self._store = store
        self._announce = announce
        self.page_size = 100

    def add(self, kind: str, gross: int, fee: int, currency: str, source: str) -> Document:
        """A row that the next payout pays out; minor units, signed."""
        row = {
            "id": new_id("txn"),
            "type": kind,
            "source": source,
            "amount": gross,
            "fee": fee,
            "net": gross - fee,
            "currency": currency,
            "created": seconds_now(),
            "available_on": on_day(seconds_now() + _SETTLES_AFTER_DAYS * 24 * 3600),
            "payout": None,
        }
        self._store.put("balance", row, owner="unsettled")
        return row

    def explain(self, row_id: str, record: Document) -> None:
        """Keep which record made a row."""
        self._store.put("made", {"id": row_id, "record": record})

    def row(self, row_id: str) -> Document:
        """A row with the record that made it, if one did."""
        found = self._store.find("balance", row_id)
        if found is None:
            raise Refused(404, "no such balance transaction")
        made = self._store.find("made", row_id)
        return {**found, "record": made["record"] if made else None}

    def rows(self, payout: str | None, since: int, until: int, after: str | None) -> Document:
        """A page of rows, oldest first: of one payout, or of all that were made in a time."""
        listed = self._store.owned("balance", payout) if payout else self._store.every("balance")
        found = [row for row in listed if since <= row["created"] < until]
        start = next((place + 1 for place, row in enumerate(found) if row["id"] == after), 0)
        end = start + self.page_size
        return {"data": found[start:end], "has_more": end < len(found)}

    def pay_out(self) -> Document:
        """Settle all that is unsettled and send it to the bank at once."""
        with self._store.work():
            rows = self._store.owned("balance", "unsettled")
            total = sum(row["net"] for row in rows)
            if not rows or total <= 0:
                return {"payout": None, "amount": total}
            now = seconds_now()
            own = self.add("payout", -total, 0, rows[0]["currency"], "")
            payout = {
                "id": new_id("po"),
                "amount": total,
                "currency": rows[0]["currency"],
                "created": now,
                "arrival": on_day(now),
                "rows": [row["id"] for row in rows],
                "balance_transaction": own["id"],
                "status": "paid",
            }
            for row in rows:
                self._store.put("balance", row | {"payout": payout["id"]}, owner=payout["id"])
            self._store.put("balance", own | {"source": payout["id"]}, owner="sent")
            self._store.put("payout", payout, owner="all")
            told = ("amount", "currency", "arrival", "rows", "balance_transaction")
            self._tell("payout.paid", payout["id"], {name: payout[name] for name in told}, own["id"])
            return {"payout": payout["id"], "amount": total}

    def fail_payout(self, payout_id: str) -> Document:
        """The bank sends a payout back: its amount is unsettled again, as a row of its own."""
        with self._store.work():
            payout = self._store.find("payout", payout_id)
            if payout is None or payout["status"] != "paid":
                raise Refused(404, "no such payout that was paid")
            self._store.put("payout", payout | {"status": "failed"}, owner="all")
            row = self.add("payout_failure", payout["amount"], 0, payout["currency"], payout_id)
            told = {name: row[name] for name in ("amount", "fee", "currency", "available_on")}
            self._tell("payout.failed", payout_id, {**told, "balance_transaction": row["id"]}, row["id"])
            return {"payout": payout_id, "status": "failed"}

    def charge(self, amount: int, currency: str = "IDR") -> Document:
        """A charge of the sandbox's own, which it announces to nobody; minor units."""
        with self._store.work():
            row = self.add("service_charge", -amount, 0, currency, "")
            told = {name: row[name] for name in ("amount", "fee", "currency", "available_on")}
            record = {
                "id": new_id("evt"),
                "type": "balance.adjusted",
                "created": seconds_now(),
                "data": {**told, "balance_transaction": row["id"], "live": False},
            }
            self.explain(row["id"], record)
            return {"balance_transaction": row["id"]}

    def payouts(self) -> list[Document]:
        return self._store.owned("payout", "all")

    def _tell(self, kind: str, payout_id: str, data: Document, row_id: str) -> None:
        record = {
            "id": new_id("evt"),
            "type": kind,
            "created": int(time.time()),
            "data": {**data, "payout": payout_id, "live": False},
        }
        self.explain(row_id, record)
        self._announce(record)
