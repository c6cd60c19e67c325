"""Putting sentences together."""

NOTHING_SENT = "Nothing was sent."


def with_nothing_sent(sentences: str) -> str:
    """The sentences and "Nothing was sent.", which a few of them say already."""
    return sentences if NOTHING_SENT in sentences else f"{sentences} {NOTHING_SENT}"
