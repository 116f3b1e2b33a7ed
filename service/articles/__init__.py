"""Articles: the one key of an address, its section, and titles that may be public."""
