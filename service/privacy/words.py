"""Codes of privacy requests in words for people; message ids of the catalogue."""

from service.errors import N_

KIND_WORDS = {
    "export": N_("Copy of all data"),
    "correct": N_("Correction"),
    "restrict": N_("Restriction"),
    "withdraw": N_("Consent taken back"),
    "erase": N_("Erasure"),
    "lift": N_("End of a restriction"),
}
STATE_WORDS = {
    "awaiting_confirmation": N_("waits for the link to be confirmed"),
    "done": N_("done"),
    "expired": N_("not confirmed in time"),
}
# What an act counts, store by store.
REMOVED = {
    "contributions": N_("Contributions"),
    "names": N_("Names"),
    "emails": N_("E-mail addresses"),
    "messages": N_("Messages"),
    "flags": N_("Flags on messages"),
    "notes": N_("Moderators' notes"),
    "reports": N_("Reports of readers"),
    "title_hints": N_("Article titles that were sent"),
    "saved_answers": N_("Saved answers of repeated requests"),
    "events": N_("Events of the processor"),
    "taken_down": N_("Messages taken off the wall"),
}
CLASSES = {
    "unpaid_contribution": N_("Contributions that were never paid"),
    "hidden_message": N_("Rejected and removed messages"),
    "email": N_("E-mail addresses"),
    "webhook_body": N_("Events of the processor"),
    "bank_line": N_("Descriptions of bank lines that are no payout"),
    "privacy_request": N_("Proofs of privacy requests"),
    "done_effect": N_("Notes of what was done in the background"),
    "sent_letter": N_("Notes of letters that were sent"),
}
FILES = {
    "idempotency_key": N_("Keys of repeated requests"),
    "export_file": N_("Export files"),
    "mail_file": N_("Mails in the development folder"),
}
