"""The rooms of the desk in order, and which of them the caller may enter: as their routes declare."""

from dataclasses import dataclass

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from service.errors import N_
from service.web import access
from service.web.access import Caller


@dataclass(frozen=True, slots=True)
class Room:
    """A page that others lie below: its address, its name, and what is done there."""

    path: str
    name: str
    purpose: str = ""


DESK = (
    Room("/desk/moderation", N_("Moderation"), N_("Readers' messages and what becomes of them.")),
    Room("/desk/finance", N_("Finance"), N_("Exports, closed months, payouts and exceptions.")),
    Room("/desk/contributions", N_("Contributions"), N_("What is known of one, found by its reference.")),
    Room("/desk/switch", N_("Switch"), N_("Open or close contributions, for all or a part.")),
    Room("/desk/admin", N_("Administration"), N_("Staff, tokens, the audit trail and privacy requests.")),
)
ADMINISTRATION = (
    Room("/desk/admin", N_("Overview")),
    Room("/desk/admin/staff", N_("Staff")),
    Room("/desk/admin/tokens", N_("Tokens")),
    Room("/desk/admin/privacy", N_("Privacy requests")),
    Room("/desk/admin/audit", N_("Audit trail")),
)


def open_to_caller() -> list[Room]:
    """The rooms for the caller's roles; none where nobody is known."""
    return _open(DESK)


def of_administration() -> list[Room]:
    """The rooms within the administration for the caller's roles."""
    return _open(ADMINISTRATION)


def _open(rooms: tuple[Room, ...]) -> list[Room]:
    found = access.known_caller()
    return [room for room in rooms if found and _may_enter(found, room)]


def _may_enter(caller: Caller, room: Room) -> bool:
    """Whether there is such a page, and the caller holds what its route declares."""
    try:
        endpoint, _ = current_app.create_url_adapter(request).match(room.path, method="GET")  # type: ignore[union-attr]  # there is a request
    except HTTPException:
        return False
    return access.declared(current_app, endpoint) in caller.permissions
