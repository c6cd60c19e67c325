"""Jobs of the runtime itself."""


def canary() -> None:
    """Nothing. That it was taken shows `manage.py work` that the queue flows."""
