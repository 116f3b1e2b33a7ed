"""Apresiasi Spesial: voluntary, one-time reader contributions with a curated message."""
