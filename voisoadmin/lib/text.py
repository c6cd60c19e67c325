"""Helpers for sentences."""

NOTHING_SENT = "Nothing was sent."


def with_nothing_sent(sentences: str) -> str:
    """The sentences plus "Nothing was sent.", unless they already say so."""
    return sentences if NOTHING_SENT in sentences else f"{sentences} {NOTHING_SENT}"
