"""What a request may not name or hold, wherever in it and whatever its shape (pure)."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from service.errors import EntitlementNotOffered, RecurringNotOffered, RefundNotOffered, Refusal
from service.terms.check import refuse_payment_details

# By the words that a field's name is made of.
RECURRENCE = frozenset(
    ["recurring", "recurrence", "interval", "frequency", "subscription", "subscriptions", "subscribe"]
)
ENTITLEMENT = frozenset(
    [
        "entitlement",
        "entitlements",
        "reward",
        "rewards",
        "perk",
        "perks",
        "tier",
        "membership",
        "plan",
        "badge",
        "benefit",
        "benefits",
        "voucher",
    ]
)
REFUND = frozenset(["refund", "refunds", "refundable"])
_ASKED: Sequence[tuple[frozenset[str], type[Refusal]]] = (
    (RECURRENCE, RecurringNotOffered),
    (ENTITLEMENT, EntitlementNotOffered),
    (REFUND, RefundNotOffered),
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def refuse(sent: Mapping[str, Any], apart: Collection[str] = ()) -> None:
    """Refuse a body that so much as names a recurrence (clause 4.1), something to be had for the
    money (1.2) or a refund (4.2), or that holds a card number (5.2).

    ``apart`` are the paths whose text is no concern of clause 5.2. Raises RecurringNotOffered,
    EntitlementNotOffered, RefundNotOffered, PaymentDetailsRefused.
    """
    found = list(_walk(sent))
    words = {word for path, _ in found for word in _words(path)}
    for names, refusal in _ASKED:
        if names & words:
            raise refusal
    for path, text in found:
        refuse_payment_details({"body": path})  # a name can be a number, too, and is not told again
        if path not in apart:
            refuse_payment_details({path: text})


def _words(path: str) -> Iterator[str]:
    return (word.lower() for word in _WORD.findall(path))


def _walk(sent: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every value with its path, dotted where it is nested. Not by recursion: depth is the sender's."""
    waiting: list[tuple[str, Any]] = [("", sent)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [(f"{path}.{name}".lstrip("."), inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(path, inner) for inner in value]
        if isinstance(value, Mapping | list):
            yield path, ""
        else:
            yield path, str(value)
