"""Every expected refusal: one named exception per condition, safe to show to anyone.

Refusal
├── ValidationFailed, BodyTooLarge, RateLimited, Unavailable
├── by a clause of the terms
│   ├── ArticleNotAllowed (1.1)
│   ├── RecurringNotOffered (4.1)
│   ├── RefundNotOffered (4.2)
│   ├── FeatureClosed (4.3)
│   ├── PaymentDetailsRefused (5.2)
│   └── TermsNotAccepted, TermsOutdated (6.1)
├── IdempotencyConflict, InProgress
├── ProcessorUnavailable
│   └── ProcessorRefused
│       └── ProcessorUnreadable
├── BadSignature, BadEvent
├── NotAuthenticated, NotAllowed, NotFound
├── StaleRevision, NotDecidable, ClaimedByOther
└── PeriodNotReady, PeriodClosed, AllocationMismatch, ExportNotReady

Titles and details are message ids of the translation catalogue; the edge translates them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from service.money import Money


def N_(text: str) -> str:
    """Mark a text for the translation catalogue (gettext's noop marker)."""
    return text


class Refusal(Exception):
    """A request that is refused for a reason the caller may know."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    clause: ClassVar[str | None] = None
    title: ClassVar[str] = N_("The request was refused")
    detail: str = ""

    def __init__(self, detail: str | None = None, **params: Any) -> None:
        super().__init__(detail or self.code)
        self.detail = detail or type(self).detail
        self.params = params

    def extra(self) -> Mapping[str, Any]:
        """Members that this condition adds to the problem document."""
        return {}

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait before another try, where that makes sense."""
        return None


class ValidationFailed(Refusal):
    """Fields are missing or malformed; ``errors`` maps a field to its code and message."""

    status, code = 422, "validation_failed"
    title = N_("Some fields need another look")
    detail = N_("Please check the fields that are named and send again. Nothing you wrote was lost.")

    def __init__(self, errors: Mapping[str, tuple[str, str]]) -> None:
        super().__init__()
        self.errors = dict(errors)


class BodyTooLarge(Refusal):
    status, code = 413, "body_too_large"
    title = N_("Too much was sent")
    detail = N_("The request is larger than this service accepts.")


class RateLimited(Refusal):
    status, code = 429, "rate_limited"
    title = N_("Too many requests")
    detail = N_("Many requests came from your address. Please wait a moment and try again.")

    def __init__(self, retry_after: int = 60) -> None:
        super().__init__()
        self._retry_after = retry_after

    @property
    def retry_after(self) -> int:
        return self._retry_after


class Unavailable(Refusal):
    status, code = 503, "unavailable"
    title = N_("The service is not available right now")
    detail = N_("Nothing was lost. Please try again in a moment.")

    @property
    def retry_after(self) -> int:
        return 10


class ArticleNotAllowed(Refusal):
    status, code, clause = 422, "article_not_allowed", "1.1"
    title = N_("This article does not belong to the publisher")
    detail = N_("Contributions are possible only on the publisher's own articles.")


class RecurringNotOffered(Refusal):
    status, code, clause = 422, "recurring_not_offered", "4.1"
    title = N_("Only one-time contributions")
    detail = N_("A contribution happens once. There is no subscription and no repeated payment.")


class RefundNotOffered(Refusal):
    status, code, clause = 403, "refund_not_offered", "4.2"
    title = N_("Contributions are not refunded")
    detail = N_("A contribution that was made cannot be refunded, as the terms say.")


class FeatureClosed(Refusal):
    """New contributions are closed; ``public_reason`` is paused, maintenance or ended."""

    status, code, clause = 503, "feature_closed", "4.3"
    title = N_("Apresiasi Spesial is closed at the moment")

    def __init__(self, public_reason: str) -> None:
        super().__init__(CLOSED_BECAUSE[public_reason])
        self.public_reason = public_reason

    def extra(self) -> Mapping[str, Any]:
        return {"public_reason": self.public_reason}


CLOSED_BECAUSE = {
    "paused": N_("Contributions are paused for now. Thank you for wanting to support us."),
    "maintenance": N_("Contributions are under maintenance and will be back soon."),
    "ended": N_("Contributions have ended. Thank you for your support."),
}


class PaymentDetailsRefused(Refusal):
    """A text holds what looks like a card number; the text is neither stored nor logged."""

    status, code, clause = 422, "payment_details_refused", "5.2"
    title = N_("Please leave out payment details")
    detail = N_(
        "This looks like a card number. Payment details are entered only on the payment page, never here."
    )

    def __init__(self, field: str) -> None:
        super().__init__()
        self.errors = {field: (self.code, self.detail)}


class TermsNotAccepted(Refusal):
    status, code, clause = 422, "terms_not_accepted", "6.1"
    title = N_("The terms were not accepted")
    detail = N_("A contribution needs your agreement with the terms in force.")


class TermsOutdated(Refusal):
    """An older version was accepted; ``version`` is the one in force."""

    status, code, clause = 409, "terms_outdated", "6.1"
    title = N_("The terms have changed")
    detail = N_("Please read the new terms and send again if you agree. Nothing you wrote was lost.")

    def __init__(self, version: str) -> None:
        super().__init__()
        self.version = version

    def extra(self) -> Mapping[str, Any]:
        return {"terms_version": self.version}


class IdempotencyConflict(Refusal):
    status, code = 409, "idempotency_conflict"
    title = N_("This key was used for something else")
    detail = N_("The same Idempotency-Key came with other content before. Use a new key.")


class InProgress(Refusal):
    status, code = 409, "in_progress"
    title = N_("This is being worked on")
    detail = N_("The same request is still running. Please wait a moment and try again.")

    @property
    def retry_after(self) -> int:
        return 2


class ProcessorUnavailable(Refusal):
    """The payment processor cannot be reached, or answers with an error of its own."""

    status, code = 503, "processor_unavailable"
    title = N_("Sending did not work")
    detail = N_("The transaction has not succeeded yet. Please try again in a moment.")

    @property
    def retry_after(self) -> int:
        return 15


class ProcessorRefused(ProcessorUnavailable):
    """The processor is there, but refuses this one call; others may go through."""


class ProcessorUnreadable(ProcessorRefused):
    """The processor answers this one call with something that we cannot read."""


class BadSignature(Refusal):
    status, code = 400, "bad_signature"
    title = N_("The signature does not fit")
    detail = N_("The event is not signed by the processor, or is too old.")


class BadEvent(Refusal):
    status, code = 400, "bad_event"
    title = N_("This is no event we can read")
    detail = N_("The body is not an event of this processor.")


class NotAuthenticated(Refusal):
    status, code = 401, "not_authenticated"
    title = N_("Please sign in")
    detail = N_("This needs a staff account or token.")


class NotAllowed(Refusal):
    status, code = 403, "not_allowed"
    title = N_("Not allowed")
    detail = N_("Your role does not include this.")


class NotFound(Refusal):
    status, code = 404, "not_found"
    title = N_("Not found")
    detail = N_("There is nothing at this address.")


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
