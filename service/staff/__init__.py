"""The people of the desk: accounts, tokens, permissions, the audit trail."""
