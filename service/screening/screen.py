"""Screen one message: every flag that a moderator should see, most urgent first."""

from collections.abc import Callable
from dataclasses import dataclass

from service.screening import contact, insults, shape
from service.screening.folding import Folded, fold
from service.screening.insults import KNOWN


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at. ``evidence`` is the word or host that gave rise to it, as the list
    has it, never a digit that the reader typed; None where there is none to show."""

    kind: str
    evidence: str | None = None


# How urgent a kind is: the higher, the earlier in the queue. The order in which they are shown.
URGENCY = {
    "reported": 100,
    "escalated": 90,
    "second_eyes": 80,
    "threatening": 60,
    "hateful": 50,
    "identity_number": 45,
    "account_number": 40,
    "abusive": 40,
    "phone": 35,
    "email": 35,
    "link": 30,
    "promotion": 30,
    "same_text": 25,
    "repeated_text": 10,
    "other_language": 10,
    "all_caps": 5,
}
# What is no finding in a text, but urgent all the same.
_OF_THE_DESK = frozenset({"reported", "escalated", "second_eyes"})
KINDS = tuple(kind for kind in URGENCY if kind not in _OF_THE_DESK)

_Rule = Callable[[str, Folded, str], str | bool | None]
_RULES: dict[str, _Rule] = {
    "threatening": lambda _text, folded, _host: insults.threat(folded),
    "hateful": lambda _text, folded, _host: insults.hate(folded),
    "abusive": lambda _text, folded, _host: insults.abuse(folded),
    "identity_number": lambda text, _folded, _host: contact.identity_number(text),
    "account_number": lambda text, _folded, _host: contact.account_number(text),
    "phone": lambda text, _folded, _host: contact.phone(text),
    "email": lambda text, _folded, _host: contact.email(text),
    "link": lambda text, _folded, host: contact.link(text, host),
    "promotion": lambda _text, folded, _host: insults.promotion(folded),
    "repeated_text": lambda text, _folded, _host: shape.repeated(text),
    "other_language": lambda text, folded, _host: shape.other_language(text, folded),
    "all_caps": lambda text, _folded, _host: shape.all_caps(text),
}


def screen(text: str, name: str | None = None, own_host: str = "") -> list[Flag]:
    """The flags of a message and of the name beside it (clauses 3.3, 4.1, 5.1), most urgent
    first. ``own_host``: naming the publisher's own site is no link."""
    found: dict[str, Flag] = {}
    for part in (text, name):
        if not part:
            continue
        folded = fold(part, KNOWN)
        for kind, rule in _RULES.items():
            evidence = rule(part, folded, own_host)
            if evidence and kind not in found:
                found[kind] = Flag(kind, _without_digits(evidence) if isinstance(evidence, str) else None)
    found = _alone(found)
    return [found[kind] for kind in KINDS if kind in found]


def priority(kinds: list[str] | set[str]) -> int:
    """Where in the queue a message with these flags stands: 0 for none, higher is earlier."""
    return max((URGENCY[kind] for kind in kinds), default=0)


def _alone(found: dict[str, Flag]) -> dict[str, Flag]:
    """A number is only the most telling kind of number."""
    if "identity_number" in found:
        found = {kind: flag for kind, flag in found.items() if kind not in ("account_number", "phone")}
    return found


def _without_digits(evidence: str) -> str:
    return "".join("•" if char.isdigit() else char for char in evidence)
