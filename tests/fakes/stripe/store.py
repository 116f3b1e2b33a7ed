"""Everything the fake holds: the account's settings, its objects by id, and links Stripe does not show."""

import random
import string
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.stripe.errors import NotPossible

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits
NEVER = 1 << 62

Json = dict[str, Any]
Reference = str | Mapping[str, Any]


@dataclass
class Account:
    """Settings of the merchant's account; may be changed between calls."""

    rng: random.Random
    api_key: str = "sk_test_fake"
    webhook_secret: str = "whsec_fake"
    livemode: bool = False
    api_version: str = API_VERSION
    public_base: str = "https://checkout.stripe.test"
    methods: tuple[str, ...] = ("card", "link", "id_bank_transfer")
    minimums: Mapping[str, int] = field(default_factory=lambda: {"idr": 800_000, "usd": 50, "jpy": 50})
    settlement_currency: str = "idr"
    exchange_rate: str | None = (
        None  # settlement minor units for one presentment minor unit, a decimal string
    )
    fees_at_once: bool = False
    fee_basis_points: int = 340
    fee_fixed: int | None = None  # settlement minor units; None takes FIXED_FEES
    tax_basis_points: int = 0  # of the fee; adds a second row to fee_details
    dispute_fee: int | None = None
    dispute_fee_returned: bool = False
    available_after_days: int = 2
    hold_s: float = 3.0  # how long a hanging answer holds the connection


class Store:
    """One account's objects. Whoever holds the fake's lock may read and write."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.tables: dict[str, dict[str, Json]] = {}
        self.by_id: dict[str, Json] = {}
        self.ranks: dict[str, int] = {}  # the order of creation
        self.line_items: dict[str, list[Json]] = {}
        self.intent_data: dict[str, Json] = {}
        self.open_sessions: dict[str, int] = {}
        self.pending_rows: dict[str, int] = {}
        self.unsettled: dict[str, None] = {}
        self.not_paid_out: dict[str, None] = {}
        self.payout_of: dict[str, str] = {}
        self.next_change = NEVER
        self.outbox: list[str] = []
        self.saved: dict[str, Any] = {}
        self.faults: deque[tuple[str, str]] = deque()
        self.request: Json = {"id": None, "idempotency_key": None}

    def now(self) -> int:
        return int(time.time())

    def new_id(self, prefix: str, length: int = 24) -> str:
        return prefix + "".join(self.account.rng.choices(ALPHABET, k=length))

    def add(self, thing: Json) -> Json:
        self.tables.setdefault(thing["object"], {})[thing["id"]] = thing
        self.by_id[thing["id"]] = thing
        self.ranks[thing["id"]] = len(self.ranks)
        return thing

    def get(self, name: str, reference: Reference) -> Json:
        """The object called ``name`` that an id or an object with that id means."""
        id_ = reference if isinstance(reference, str) else reference["id"]
        found = self.tables.get(name, {}).get(id_)
        if found is None:
            raise NotPossible(f"there is no {name} {id_!r}")
        return found

    def watch(self, waiting: dict[str, int], id_: str, until: int) -> None:
        """Let ``pass_time`` look at ``id_`` once ``until`` has come."""
        waiting[id_] = until
        self.next_change = min(self.next_change, until)

    def charge_of(self, reference: Reference) -> Json:
        """The paid charge that a payment intent, a session or the charge itself means."""
        id_ = reference if isinstance(reference, str) else reference["id"]
        if id_.startswith("cs_"):
            id_ = self.get("checkout.session", id_)["payment_intent"] or ""
        if id_.startswith("pi_"):
            id_ = self.get("payment_intent", id_)["latest_charge"] or ""
        charge = self.get("charge", id_)
        if charge["status"] != "succeeded":
            raise NotPossible(f"charge {id_} is {charge['status']}")
        return charge
