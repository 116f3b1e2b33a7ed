"""How somebody's identity was established: in words, without the identity itself."""

import re
from collections.abc import Collection

from service.errors import N_, ValidationFailed
from service.plain_text import clean_line
from service.screening import contact
from service.terms import check

_LONGEST = 500
_SHORTEST = 3
_SHORTEST_NAME = 3  # letters; shorter ones are in too many phrases
_NAMES = N_("Write how identity was established, without the name, address or number of the person.")


def require(text: str | None, names: Collection[str]) -> str:
    """The proof, cleaned. Raises ValidationFailed where it is missing or tells who the person is,
    and PaymentDetailsRefused for a card number (clause 5.2)."""
    proof = clean_line(text or "")
    if len(proof) < _SHORTEST:
        raise ValidationFailed({"proof": ("required", N_("Write how identity was established."))})
    check.refuse_payment_details({"proof": proof})
    if len(proof) > _LONGEST:
        raise ValidationFailed({"proof": ("too_long", N_("This text is too long."))})
    if _tells_who(proof, names):
        raise ValidationFailed({"proof": ("personal", _NAMES)})
    return proof


def _tells_who(proof: str, names: Collection[str]) -> bool:
    said = f" {_words(proof)} "
    if any(f" {words} " in said for words in map(_words, names) if len(words) >= _SHORTEST_NAME):
        return True
    return bool(contact.email(proof)) or contact.phone(proof) or contact.identity_number(proof)


def _words(text: str) -> str:
    """The words of a text, whatever is between them."""
    return " ".join(re.findall(r"\w+", text.casefold()))
