"""Jobs of the runtime itself."""


def canary() -> None:
    """Does nothing. When it is taken, `manage.py work` knows that the queue works."""
