"""Turn the switch and close down what it closes, in one transaction."""

import hashlib

from sqlalchemy.orm import Session

from service import clock
from service.clock import rfc3339
from service.contributions import closing_down
from service.contributions.closing_down import CLOSE_SCOPE
from service.controls import switches, turning
from service.controls.model import Switch
from service.controls.scopes import Scope
from service.controls.settings import CLOSED, SCHEDULED, state_at
from service.controls.turning import Change
from service.errors import N_, ArticleNotAllowed, ValidationFailed
from service.outbox.put import put
from service.plain_text import is_storable
from service.terms import check
from service.wiring import Wiring

_UNKNOWN = N_("Write all, section:NAME or article:URL, with an article of the publisher.")


def turn(session: Session, change: Change, actor: str) -> Switch:
    """Set one scope's switch, inside a transaction. A closing that begins now puts down the
    open checkouts of its scope to be expired; a later one does so when it begins.

    Raises ValidationFailed for times that make no sense, PaymentDetailsRefused for a reason with a
    card number (clause 5.2).
    """
    check.refuse_payment_details({"reason": change.reason})
    switch = turning.set_switch(session, change, actor)
    state = state_at(switch, clock.now())
    if state == CLOSED:
        closing_down.expire_open(session, change.scope)
    elif state == SCHEDULED:
        put(session, CLOSE_SCOPE, _subject(switch), {"scope": switch.scope}, switch.from_at)
    return switch


def read_scope(session: Session, text: str, wiring: Wiring) -> Scope:
    """The scope of ``all``, ``section:NAME`` or ``article:URL``. One that was set before stays
    known when the configuration does not name it any more. Raises ValidationFailed."""
    if not is_storable(text):
        raise _wrong(_UNKNOWN)
    try:
        scope = Scope.of_text(text.strip())
        if switches.find(session, scope) is not None:
            return scope
        if scope.kind == "article":
            return Scope("article", wiring.addresses.read(scope.name).key)
    except (ValueError, ArticleNotAllowed) as error:
        raise _wrong(_UNKNOWN) from error
    if scope.kind == "section" and scope.name not in wiring.addresses.sections:
        raise _wrong(N_("No such section is configured."))
    return scope


def _wrong(message: str) -> ValidationFailed:
    return ValidationFailed({"scope": ("unknown_scope", message)})


def _subject(switch: Switch) -> str:
    """The same for the same beginning of the same scope, however long its name is."""
    return f"{hashlib.sha256(switch.scope.encode()).hexdigest()[:32]} {rfc3339(switch.from_at)}"
