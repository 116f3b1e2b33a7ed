"""The rights of whom data is about: requests, what is done about them, retention, keys."""
