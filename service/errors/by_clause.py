"""What a clause of the terms rules out."""

from collections.abc import Mapping
from typing import Any

from service.errors.base import N_, Refusal


class ArticleNotAllowed(Refusal):
    status, code, clause = 422, "article_not_allowed", "1.1"
    title = N_("This article does not belong to the publisher")
    detail = N_("Contributions are possible only on the publisher's own articles.")


class EntitlementNotOffered(Refusal):
    status, code, clause = 422, "entitlement_not_offered", "1.2"
    title = N_("Nothing is given in return")
    detail = N_("A contribution is voluntary. There are no rewards, levels or memberships for it.")


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
