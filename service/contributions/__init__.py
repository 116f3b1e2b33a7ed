"""The reader's act: give, pay, go on, and what becomes public of it."""
