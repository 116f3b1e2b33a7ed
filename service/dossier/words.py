"""Codes of a dossier in words for people; message ids of the catalogue."""

from service.errors import N_
from service.finance.exceptions import KINDS, STATES
from service.moderation.answers import REASON_NAMES
from service.web.language import translate

_STATUSES = {
    "created": N_("stored, no checkout yet"),
    "awaiting_payment": N_("waiting for payment"),
    "processing": N_("being processed"),
    "paid": N_("paid"),
    "failed": N_("failed"),
    "expired": N_("expired"),
    "disputed": N_("disputed"),
    "reversed": N_("went back"),
}
_MESSAGE_STATES = {
    "none": N_("no message"),
    "held": N_("held until payment"),
    "pending": N_("waiting for a moderator"),
    "published": N_("published"),
    "rejected": N_("rejected"),
    "removed": N_("removed"),
    "erased": N_("erased"),
}
_DECISIONS = {
    "publish": N_("Publish"),
    "reject": N_("Reject"),
    "remove": N_("Remove"),
    "undo": N_("Undo"),
    "escalate": N_("To a lead"),
}
_FACTS = {
    "pending": N_("Payment pending"),
    "failed": N_("Payment failed"),
    "expired": N_("Checkout expired"),
    "succeeded": N_("Payment succeeded"),
    "denied": N_("Payment denied"),
    "settled": N_("Settled by the processor"),
    "refunded": N_("Refunded outside the service"),
    "refund_failed": N_("Refund failed, money came back"),
    "dispute_opened": N_("Dispute opened"),
    "dispute_withdrawn": N_("Money withdrawn by a dispute"),
    "dispute_reinstated": N_("Money of a dispute came back"),
    "dispute_won": N_("Dispute won"),
    "dispute_lost": N_("Dispute lost"),
}
_MOVEMENTS = {
    "contribution": N_("Contribution"),
    "fee": N_("Fee"),
    "refund_external": N_("Refund outside the service"),
    "refund_failed": N_("Refund failed"),
    "chargeback": N_("Withdrawn by a dispute"),
    "chargeback_reversed": N_("Returned by a dispute"),
    "dispute_fee": N_("Fee of a dispute"),
}
_DISPUTES = {"open": N_("open"), "won": N_("won"), "lost": N_("lost")}
_ALL = {
    "status": _STATUSES,
    "message": _MESSAGE_STATES,
    "decision": _DECISIONS,
    "reason": REASON_NAMES,
    "fact": _FACTS,
    "movement": _MOVEMENTS,
    "dispute": _DISPUTES,
    "exception": KINDS,
    "exception_state": STATES,
}


def word(kind: str, code: str | None) -> str:
    """A code in the reader's language; itself where there is no word for it."""
    return translate(_ALL[kind].get(str(code), str(code))) if code else ""
