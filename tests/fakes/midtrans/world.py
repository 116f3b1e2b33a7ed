"""The memory of one fake account, its ids and its clock."""

import random
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.fakes.midtrans.records import Delivery, Page, Refused, Row, Transaction

WIB = timezone(timedelta(hours=7), "WIB")


def wib(at: float) -> str:
    """A time as Midtrans prints it: Jakarta time without its offset."""
    return datetime.fromtimestamp(at, WIB).strftime("%Y-%m-%d %H:%M:%S")


def utc_millis(at: float) -> str:
    """A time as the Snap API prints it when it cancels a token."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rupiah(amount: int) -> str:
    """Whole rupiah as Midtrans prints them."""
    return f"{amount}.00"


class World:
    """Everything the account knows; hold `lock` while touching it."""

    def __init__(self, rng: random.Random, server_key: str, page_base: str) -> None:
        self.lock = threading.RLock()
        self.rng = rng
        self.server_key = server_key
        self.page_base = page_base
        self.merchant_id = f"G{self.digits(9)}"
        self.pages: dict[str, Page] = {}
        self.orders: dict[str, Page] = {}
        self.transactions: dict[str, Transaction] = {}
        self.by_id: dict[str, Transaction] = {}
        self.pending: dict[str, Transaction] = {}
        self.deliveries: list[Delivery] = []
        self.rows: list[Row] = []
        self.unpaid: list[Row] = []
        self.moves: list[tuple[float, str, int]] = []
        self.saved: dict[str, tuple[float, int, dict[str, Any]]] = {}
        self.payouts = 0
        self.reversals = rng.randrange(10_000, 90_000)

    def now(self) -> float:
        return time.time()

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def digits(self, count: int) -> str:
        return str(self.rng.randrange(10 ** (count - 1), 10**count))

    def next_reversal(self) -> int:
        self.reversals += 1
        return self.reversals

    def find_transaction(self, identifier: str) -> Transaction | None:
        """The newest transaction of an order id, or the one with that transaction id."""
        return self.transactions.get(identifier) or self.by_id.get(identifier)

    def get_transaction(self, identifier: str) -> Transaction:
        found = self.find_transaction(identifier)
        if found is None:
            raise Refused(f"{identifier} has no transaction: its payer chose no method")
        return found

    def get_page(self, token_or_url: str) -> Page:
        token = token_or_url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
        if token not in self.pages:
            raise Refused(f"no page has the token {token}")
        return self.pages[token]
