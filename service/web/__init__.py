"""The edge: access, errors, language, limits, security."""
