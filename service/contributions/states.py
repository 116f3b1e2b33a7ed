"""What a contribution's status is, derived from recorded facts in any order (pure).

`reversed` if reversals reach what was paid; else `disputed` if a dispute is open; else
`paid` if a success is known; else the state of the latest attempt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The contract's words for where a contribution stands."""

    CREATED = "created"
    AWAITING_PAYMENT = "awaiting_payment"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    DISPUTED = "disputed"
    REVERSED = "reversed"


class FactKind(StrEnum):
    """What can be known of a payment."""

    PENDING = "pending"
    FAILED = "failed"
    EXPIRED = "expired"
    SUCCEEDED = "succeeded"
    DENIED = "denied"
    SETTLED = "settled"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    DISPUTE_REINSTATED = "dispute_reinstated"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"


class MessageState(StrEnum):
    """The contract's words for where a message stands."""

    NONE = "none"
    HELD = "held"
    PENDING = "pending"
    PUBLISHED = "published"
    REJECTED = "rejected"
    REMOVED = "removed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class AttemptState:
    """One attempt as far as the status needs it."""

    id: str
    number: int
    has_checkout: bool


@dataclass(frozen=True, slots=True)
class KnownFact:
    """One fact as far as the status needs it; ``amount`` in minor units."""

    attempt_id: str
    kind: FactKind
    ref: str
    amount: int = 0


OPEN = frozenset({Status.CREATED, Status.AWAITING_PAYMENT, Status.PROCESSING})
RETRYABLE = frozenset({Status.FAILED, Status.EXPIRED})


def status_of(attempts: Sequence[AttemptState], facts: Iterable[KnownFact]) -> Status:
    """The status that these facts amount to; their order does not matter."""
    known = list(facts)
    paid = _total(known, FactKind.SUCCEEDED)
    if paid and _reversed(known) >= paid:
        return Status.REVERSED
    if paid and _open_disputes(known):
        return Status.DISPUTED
    if paid:
        return Status.PAID
    if not attempts:
        return Status.CREATED
    latest = max(attempts, key=lambda attempt: attempt.number)
    return state_of_attempt(latest, known)


def went_back_too_much(facts: Iterable[KnownFact]) -> bool:
    """Whether more went back than was paid, as a dispute of the whole after a refund can do."""
    known = list(facts)
    return _returned(known) + _taken(known) > _total(known, FactKind.SUCCEEDED)


def state_of_attempt(attempt: AttemptState, facts: Iterable[KnownFact]) -> Status:
    """Where one attempt stands: a late failure never hides a success."""
    kinds = {fact.kind for fact in facts if fact.attempt_id == attempt.id}
    if FactKind.SUCCEEDED in kinds:
        return Status.PAID
    if kinds & {FactKind.FAILED, FactKind.DENIED}:
        return Status.FAILED
    if FactKind.EXPIRED in kinds:
        return Status.EXPIRED
    if FactKind.PENDING in kinds:
        return Status.PROCESSING
    return Status.AWAITING_PAYMENT if attempt.has_checkout else Status.CREATED


def _total(facts: Iterable[KnownFact], kind: FactKind) -> int:
    return sum(fact.amount for fact in facts if fact.kind == kind)


def _refs(facts: Iterable[KnownFact], *kinds: FactKind) -> set[str]:
    return {fact.ref for fact in facts if fact.kind in kinds}


def _open_disputes(facts: Sequence[KnownFact]) -> set[str]:
    closed = _refs(facts, FactKind.DISPUTE_WON, FactKind.DISPUTE_LOST)
    return _refs(facts, FactKind.DISPUTE_OPENED, FactKind.DISPUTE_WITHDRAWN) - closed


def _reversed(facts: Sequence[KnownFact]) -> int:
    """What went back for good: refunds that went through, what lost disputes took, and
    payments that were denied after they had been there."""
    lost = _refs(facts, FactKind.DISPUTE_LOST)
    return _returned(facts) + _taken([fact for fact in facts if fact.ref in lost])


def _returned(facts: Sequence[KnownFact]) -> int:
    """What refunds sent back and what was denied after it had been there. A refund that failed
    gives back only what is known to have gone."""
    refunded, paid = _refs(facts, FactKind.REFUNDED), _refs(facts, FactKind.SUCCEEDED)
    came_back = _total([fact for fact in facts if fact.ref in refunded], FactKind.REFUND_FAILED)
    denied = _total([fact for fact in facts if fact.ref in paid], FactKind.DENIED)
    return _total(facts, FactKind.REFUNDED) - came_back + denied


def _taken(facts: Sequence[KnownFact]) -> int:
    """What disputes hold of the money, whatever became of them."""
    return _total(facts, FactKind.DISPUTE_WITHDRAWN) - _total(facts, FactKind.DISPUTE_REINSTATED)
