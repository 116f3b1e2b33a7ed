"""What roles are called on pages."""

from service.errors import N_

ROLE_WORDS = {
    "moderator": N_("Moderator"),
    "lead": N_("Lead moderator"),
    "finance": N_("Finance"),
    "editor": N_("Editor"),
    "admin": N_("Administrator"),
    "auditor": N_("Auditor"),
}
ROLE_PURPOSES = {
    "moderator": N_("reads and decides readers' messages"),
    "lead": N_("also decides what others escalated, and reads statistics"),
    "finance": N_("exports and reconciles the books, closes months"),
    "editor": N_("opens and closes contributions"),
    "admin": N_("looks after staff, tokens and privacy requests, reads the audit trail"),
    "auditor": N_("reads everything, changes nothing"),
}
