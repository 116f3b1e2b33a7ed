"""What can go wrong between a reader, this service and a processor."""

from service.errors.base import N_, Refusal


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
