"""Who may do what, on one page."""

from collections.abc import Iterable

MODERATOR, LEAD, FINANCE, EDITOR = "moderator", "lead", "finance", "editor"
ADMIN, AUDITOR = "admin", "auditor"
ROLES = (MODERATOR, LEAD, FINANCE, EDITOR, ADMIN, AUDITOR)

ENTER_DESK = "enter the desk"
READ_QUEUE = "read the moderation queue"
READ_HISTORY = "read the history of a message"
DECIDE_MESSAGES = "decide messages"
DECIDE_ESCALATED = "decide what was escalated"
READ_STATISTICS = "read the statistics of moderation"
READ_FINANCE = "read and export the books"
EXPORT = "make export files"
RECONCILE = "compare the books with the processor's"
EXPLAIN_EXCEPTIONS = "explain exceptions of the books"
IMPORT_BANK_LINES = "import and match bank lines"
CLOSE_PERIOD = "close a month"
READ_ADMINISTRATION = "read who the staff are"
ADMINISTER = "look after staff and tokens"
READ_AUDIT = "read the audit trail"
READ_CONTRIBUTIONS = "find a contribution by its reference"
READ_STATUS = "read how a contribution stands"
READ_EVERYTHING = "read everything known of a contribution"
MAKE_EVIDENCE = "make evidence for a dispute"
READ_SWITCH = "read how the switch stands"
TURN_SWITCH = "open and close the feature"
READ_PRIVACY = "read the record of privacy requests"
HANDLE_PRIVACY = "carry out privacy requests"

# A lead is a moderator who also decides what others escalated. The auditor reads every room and writes in none; the editor has the switch only.
_ROLES_WITH = {
    ENTER_DESK: ROLES,
    READ_QUEUE: (MODERATOR, LEAD, AUDITOR),
    READ_HISTORY: (MODERATOR, LEAD, ADMIN, AUDITOR),
    DECIDE_MESSAGES: (MODERATOR, LEAD),
    DECIDE_ESCALATED: (LEAD,),
    READ_STATISTICS: (LEAD, ADMIN, AUDITOR),
    READ_FINANCE: (FINANCE, AUDITOR),
    EXPORT: (FINANCE,),
    RECONCILE: (FINANCE,),
    EXPLAIN_EXCEPTIONS: (FINANCE,),
    IMPORT_BANK_LINES: (FINANCE,),
    CLOSE_PERIOD: (FINANCE,),
    READ_ADMINISTRATION: (ADMIN, AUDITOR),
    ADMINISTER: (ADMIN,),
    READ_AUDIT: (ADMIN, AUDITOR),
    READ_CONTRIBUTIONS: ROLES,
    READ_STATUS: (FINANCE, EDITOR, ADMIN, AUDITOR),
    READ_EVERYTHING: (ADMIN, AUDITOR),
    MAKE_EVIDENCE: (FINANCE, AUDITOR),
    READ_SWITCH: ROLES,
    TURN_SWITCH: (EDITOR, ADMIN),
    READ_PRIVACY: (ADMIN, AUDITOR),
    HANDLE_PRIVACY: (ADMIN,),
}


def of_roles(roles: Iterable[str]) -> frozenset[str]:
    """Every permission that one of these roles has."""
    held = set(roles)
    return frozenset(permission for permission, allowed in _ROLES_WITH.items() if held & set(allowed))


def of_token(role: str) -> frozenset[str]:
    """What a token of a role may do: all but looking after people and tokens, which people do."""
    return of_roles([role]) - {ADMINISTER}
