"""The editor's switchboard: turn the switch (clause 4.3), and see what it did in numbers."""
