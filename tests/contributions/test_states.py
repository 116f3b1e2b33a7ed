"""The status is a function of the recorded facts, whatever their order."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contributions.states import (
    AttemptState,
    FactKind,
    KnownFact,
    Status,
    status_of,
)

A, B = AttemptState("a", 1, True), AttemptState("b", 2, True)
PENDING = KnownFact("a", FactKind.PENDING, "p")
FAILED = KnownFact("a", FactKind.FAILED, "p")
EXPIRED = KnownFact("a", FactKind.EXPIRED, "c")
PAID = KnownFact("a", FactKind.SUCCEEDED, "p", 100)
PAID_AGAIN = KnownFact("b", FactKind.SUCCEEDED, "q", 100)
REFUND = KnownFact("a", FactKind.REFUNDED, "r", 100)
REFUND_ALL = KnownFact("a", FactKind.REFUNDED, "r9", 100)
PART = KnownFact("a", FactKind.REFUNDED, "r1", 40)
REST = KnownFact("a", FactKind.REFUNDED, "r2", 60)
REFUND_FAILED = KnownFact("a", FactKind.REFUND_FAILED, "r", 100)
DISPUTE = KnownFact("a", FactKind.DISPUTE_OPENED, "d")
WITHDRAWN = KnownFact("a", FactKind.DISPUTE_WITHDRAWN, "d", 100)
REINSTATED = KnownFact("a", FactKind.DISPUTE_REINSTATED, "d", 100)
DENIED = KnownFact("a", FactKind.DENIED, "p", 100)
WON = KnownFact("a", FactKind.DISPUTE_WON, "d")
LOST = KnownFact("a", FactKind.DISPUTE_LOST, "d")


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([], Status.AWAITING_PAYMENT),
        ([PENDING], Status.PROCESSING),
        ([PENDING, FAILED], Status.FAILED),
        ([EXPIRED], Status.EXPIRED),
        ([PAID], Status.PAID),
        ([PENDING, PAID], Status.PAID),
        ([FAILED, PAID], Status.PAID),
        ([EXPIRED, PAID], Status.PAID),
        ([PAID, PART], Status.PAID),
        ([PAID, PART, REST], Status.REVERSED),
        ([PAID, REFUND], Status.REVERSED),
        ([PAID, REFUND, REFUND_FAILED], Status.PAID),
        # A failure that comes before its refund takes nothing from another one.
        ([PAID, REFUND_FAILED, REFUND_ALL], Status.REVERSED),
        ([PAID, DISPUTE], Status.DISPUTED),
        ([PAID, DISPUTE, WON], Status.PAID),
        ([PAID, DISPUTE, LOST], Status.PAID),
        ([PAID, DISPUTE, WITHDRAWN], Status.DISPUTED),
        ([PAID, WITHDRAWN], Status.DISPUTED),
        ([PAID, DISPUTE, WITHDRAWN, LOST], Status.REVERSED),
        ([PAID, DISPUTE, WITHDRAWN, REINSTATED, WON], Status.PAID),
        ([PAID, DISPUTE, WITHDRAWN, WON], Status.PAID),
        ([DENIED], Status.FAILED),
        ([PENDING, DENIED], Status.FAILED),
        ([PAID, DENIED], Status.REVERSED),
        ([REFUND], Status.AWAITING_PAYMENT),
    ],
)
def test_the_status_of_facts_in_every_order(facts: list[KnownFact], status: Status) -> None:
    for order in permutations(facts):
        assert status_of([A], order) == status


def test_the_latest_attempt_speaks_until_something_is_paid() -> None:
    assert status_of([A, B], [FAILED]) == Status.AWAITING_PAYMENT
    assert status_of([A, AttemptState("b", 2, False)], [FAILED]) == Status.CREATED
    assert status_of([A, B], [FAILED, PAID]) == Status.PAID


def test_two_payments_need_two_reversals() -> None:
    assert status_of([A, B], [PAID, PAID_AGAIN, REFUND]) == Status.PAID


FACTS = [PENDING, FAILED, EXPIRED, PAID, PART, REST, DISPUTE, WON, LOST]


@given(st.permutations(FACTS), st.integers(0, len(FACTS)))
def test_a_success_is_never_hidden_by_a_late_failure(facts: list[KnownFact], cut: int) -> None:
    known = facts[:cut]
    status = status_of([A], known)
    assert (PAID in known) == (status in (Status.PAID, Status.DISPUTED, Status.REVERSED))
    assert status == status_of([A], reversed(known))
