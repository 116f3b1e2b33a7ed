"""Closing a month: after that nothing dated in it is added or changed (promise 5)."""
