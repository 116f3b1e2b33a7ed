"""What staff cannot do, or cannot do now."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.errors.base import N_, Refusal
from service.money import Money


class LastAdmin(Refusal):
    status, code = 409, "last_admin"
    title = N_("Somebody has to remain administrator")
    detail = N_("This is the last active administrator. Give somebody else that role first.")


class OwnAccount(Refusal):
    status, code = 409, "own_account"
    title = N_("Another administrator has to do this")
    detail = N_("Nobody changes their own roles, deactivates their own account or makes a link for it.")


class StaleRevision(Refusal):
    status, code = 409, "stale_revision"
    title = N_("Somebody was faster")
    detail = N_("This message was decided in the meantime. Please look at it again.")


class NotDecidable(Refusal):
    status, code = 409, "not_decidable"
    title = N_("This cannot be decided")
    detail = N_("The message is not in a state in which this decision is possible.")


class ClaimedByOther(Refusal):
    status, code = 409, "claimed_by_other"
    title = N_("Somebody else is reading this")
    detail = N_("Another moderator has claimed this message. Take one that is free.")


class PeriodNotReady(Refusal):
    """A month cannot be closed; ``blockers`` are the reasons, as codes."""

    status, code = 409, "period_not_ready"
    title = N_("This month cannot be closed yet")
    detail = N_("The month must be over, the month before closed, and every exception explained.")

    def __init__(self, blockers: Sequence[str]) -> None:
        super().__init__()
        self.blockers = list(blockers)

    def extra(self) -> Mapping[str, Any]:
        return {"blockers": self.blockers}


class PeriodClosed(Refusal):
    status, code = 409, "period_closed"
    title = N_("This month is closed already")
    detail = N_("A closed month never changes. What is known later is booked on the first open day.")


class AllocationMismatch(Refusal):
    """The allocation is not what there is to allocate; ``sums`` are (expected, given)."""

    status, code, clause = 422, "allocation_mismatch", "2.1"
    title = N_("The allocation does not add up")
    detail = N_(
        "The three purposes together must be exactly the contributions of the month less what went back."
    )

    def __init__(self, sums: Sequence[tuple[Money, Money]]) -> None:
        super().__init__()
        self.sums = list(sums)

    def extra(self) -> Mapping[str, Any]:
        return {
            "sums": [
                {
                    "currency": expected.currency,
                    "expected": expected.export_text(),
                    "given": given.export_text(),
                }
                for expected, given in self.sums
            ]
        }


class ExportNotReady(Refusal):
    status, code = 409, "export_not_ready"
    title = N_("The file is still being made")
    detail = N_("Please wait a moment and try again.")

    @property
    def retry_after(self) -> int:
        return 2
