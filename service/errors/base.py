"""What every refusal is, and those that belong to no feature."""

from collections.abc import Mapping
from typing import Any, ClassVar


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


class PasswordNeeded(ValidationFailed):
    """A sensitive act some time after signing in: the own password comes with it (ASVS 5.0, 7.5.1)."""

    code = "password_needed"
    title = N_("Please confirm with your password")


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


class LinkEnded(Refusal):
    """A link that confirms something was used already, or its time is over."""

    status, code = 410, "link_ended"
    title = N_("This link is no longer valid")
    detail = N_("It was used already, or its time is over. Ask again if you still need it.")


class MailUnavailable(Refusal):
    """Mail cannot be sent: none is set up, or the mail server cannot be reached."""

    status, code = 503, "mail_unavailable"
    title = N_("No mail can be sent")
    detail = N_("A mail is needed for this, and sending mail is not possible at the moment.")

    @property
    def retry_after(self) -> int:
        return 60
