"""How a message is told to a moderator: words for its flags, and its JSON."""

from typing import Any

from service.clock import rfc3339
from service.errors import N_
from service.moderation.model import Decision
from service.moderation.queries import QueueItem
from service.screening.screen import KINDS
from service.web.language import translate

REASON_NAMES = {
    "offensive": N_("Offensive"),
    "discriminatory": N_("Discriminatory"),
    "hate_speech": N_("Hate speech"),
    "unlawful": N_("Unlawful"),
    "advertising": N_("Advertising"),
    "personal_data": N_("Personal data"),
    "spam": N_("Spam"),
    "off_topic": N_("Off topic"),
    "not_selected": N_("Not selected"),
}
FLAG_NAMES = {
    "reported": N_("Reported"),
    "escalated": N_("For a lead"),
    "second_eyes": N_("For a second pair of eyes"),
    "threatening": N_("Threat"),
    "hateful": N_("Hate"),
    "abusive": N_("Abuse"),
    "identity_number": N_("Identity number"),
    "account_number": N_("Account number"),
    "phone": N_("Phone number"),
    "email": N_("E-mail address"),
    "link": N_("Link"),
    "promotion": N_("Promotion"),
    "same_text": N_("Same text from many"),
    "repeated_text": N_("Repeated text"),
    "other_language": N_("Other language"),
    "all_caps": N_("All capitals"),
}
_WHY = {
    "threatening": N_("Reads as a threat: “%(evidence)s”"),
    "hateful": N_("Scorns a group: “%(evidence)s”"),
    "abusive": N_("On the list of insults: “%(evidence)s”"),
    "identity_number": N_("A number that is built like an identity number (NIK)"),
    "account_number": N_("A long number beside the name of a bank or wallet"),
    "phone": N_("A number that is built like a telephone number"),
    "email": N_("An e-mail address at %(evidence)s"),
    "link": N_("A web address: %(evidence)s"),
    "promotion": N_("Words of an offer: “%(evidence)s”"),
    "same_text": N_("At least three messages of the last 30 days say the same"),
    "repeated_text": N_("The same over and over, or keys pressed at random"),
    "other_language": N_("Neither Indonesian, nor a language of its regions, nor English"),
    "all_caps": N_("Written in capitals"),
}


def why(kind: str, evidence: str | None) -> str:
    """Why a flag is there, in the moderator's language; never a digit of the message."""
    return translate(_WHY[kind], {"evidence": evidence or ""})


def flags(item: QueueItem) -> list[dict[str, str]]:
    """A message's flags with the reason for each, the most urgent first; reports are one."""
    found = dict(item.flags)
    told = [
        {"kind": kind, "name": translate(FLAG_NAMES[kind]), "why": why(kind, found[kind])}
        for kind in KINDS
        if kind in found
    ]
    if item.reports:
        said = ", ".join(translate(REASON_NAMES[reason]) for reason in item.report_reasons)
        text = translate(N_("Readers who reported it: %(count)s"), {"count": item.reports})
        name = translate(FLAG_NAMES["reported"])
        told.insert(0, {"kind": "reported", "name": name, "why": f"{text} ({said})" if said else text})
    return told


def message(item: QueueItem) -> dict[str, Any]:
    """A message as the API tells it."""
    return {
        "id": item.id,
        "revision": item.revision,
        "state": item.state,
        "message": item.message,
        "display_name": item.display_name,
        "name_hidden": item.name_hidden,
        "article": {
            "url": item.article_url,
            "title": item.article_title,
            "section": item.article_section,
        },
        "flags": flags(item),
        "priority": item.priority,
        "received_at": rfc3339(item.received_at),
        "claimed_by": item.claimed_by,
        "claimed_until": rfc3339(item.claimed_until),
        "escalated": item.escalated,
        "proposed_by": item.proposed_by,
        "decided_by": item.decided_by,
        "decided_at": rfc3339(item.decided_at),
        "reason": item.reason,
    }


def decision(made: Decision) -> dict[str, Any]:
    """A line of a message's history."""
    return {
        "revision": made.revision,
        "decision": made.decision,
        "reason": made.reason,
        "note": made.note,
        "name_hidden": made.name_hidden,
        "escalated": made.escalated,
        "proposed_by": made.proposed_by,
        "undoes": made.undoes,
        "state_before": made.state_before,
        "state_after": made.state_after,
        "decided_by": made.decided_by,
        "decided_at": rfc3339(made.decided_at),
    }
