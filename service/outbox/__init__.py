"""The outbox: effects that must happen after a commit, and that no crash forgets."""
