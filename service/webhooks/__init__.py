"""Events of processors: received once, applied, kept."""
