"""Who may do what, on one page."""

from collections.abc import Iterable

MODERATOR, FINANCE, EDITOR, ADMIN, AUDITOR = "moderator", "finance", "editor", "admin", "auditor"
ROLES = (MODERATOR, FINANCE, EDITOR, ADMIN, AUDITOR)

ENTER_DESK = "enter the desk"
READ_QUEUE = "read the moderation queue"
READ_HISTORY = "read the history of a message"
DECIDE_MESSAGES = "decide messages"
READ_FINANCE = "read and export the books"
RECONCILE = "compare the books with the processor's"
READ_AUDIT = "read the audit trail"

# The auditor reads every room and writes in none; the editor has the switch only.
_ROLES_WITH = {
    ENTER_DESK: ROLES,
    READ_QUEUE: (MODERATOR, AUDITOR),
    READ_HISTORY: (MODERATOR, ADMIN, AUDITOR),
    DECIDE_MESSAGES: (MODERATOR,),
    READ_FINANCE: (FINANCE, AUDITOR),
    RECONCILE: (FINANCE,),
    READ_AUDIT: (ADMIN, AUDITOR),
}


def of_roles(roles: Iterable[str]) -> frozenset[str]:
    """Every permission that one of these roles has."""
    held = set(roles)
    return frozenset(permission for permission, allowed in _ROLES_WITH.items() if held & set(allowed))
