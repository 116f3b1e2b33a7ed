"""Screening: what a moderator should look at in a message, and why. Pure; it decides nothing."""
