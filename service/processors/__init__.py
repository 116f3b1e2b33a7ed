"""Payment processors: the port, the registry, one adapter for each."""
