"""The published terms: texts, versions, acceptance, and what they rule out."""
