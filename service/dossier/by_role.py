"""What of a dossier each role is told, by its permissions (pure)."""

from collections.abc import Collection, Mapping
from typing import Any

from service.staff.permissions import (
    READ_CONTRIBUTIONS,
    READ_EVERYTHING,
    READ_FINANCE,
    READ_QUEUE,
    READ_STATUS,
)

_FIELDS = {
    READ_CONTRIBUTIONS: "reference article",
    READ_STATUS: "status created_at",
    READ_QUEUE: "at_desk",
    READ_FINANCE: (
        "id amount currency checkout_url expires_at paid_at locale terms acceptances attempts facts disputes"
        " movements exceptions received message message_id message_state decisions"
    ),
}
# Moderators are told nothing of what stands in no list of the desk, as before payment and after a reversal:
# that it does not would tell of money. The id opens the reader's page with its amount, so it is not theirs.
_AT_DESK = {
    READ_QUEUE: "message message_id message_state display_name name_hidden decisions decisions.by reports",
}
# Of whom nothing may be used but to keep it (clause 5.1), or who took the consent back.
_PERSONAL = frozenset({"message", "display_name"})


def told_to(permissions: Collection[str], told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dossier that somebody with these permissions sees: the union of their roles."""
    if READ_EVERYTHING in permissions:
        return dict(told)
    tables = (_FIELDS, _AT_DESK) if told["at_desk"] else (_FIELDS,)
    seen = {name for table in tables for held in permissions for name in table.get(held, "").split()}
    if told["withheld"]:
        seen -= _PERSONAL
    shown = {name: value for name, value in told.items() if name in seen}
    if "decisions" in shown and "decisions.by" not in seen:
        shown["decisions"] = [{key: row[key] for key in row if key != "by"} for row in shown["decisions"]]
    return shown
