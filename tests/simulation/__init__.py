"""Deterministic simulation: production code, with clock, network, crashes and processor from a seed."""
