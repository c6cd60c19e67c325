"""The process that owns lanes and makes the calls."""
