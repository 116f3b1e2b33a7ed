"""What runs by itself: the worker, its schedules, the checks."""
