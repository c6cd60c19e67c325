"""Whole numbers as people and addresses write them."""

MOST_DIGITS = 18  # each such number fits a column of the database


def whole_number(text: str, *, least: int = 0, most: int | None = None) -> int | None:
    """The number, or None for anything else: only ASCII digits, no more than fit a column, within the limits."""
    if len(text) > MOST_DIGITS or not (text.isascii() and text.isdecimal()):
        return None
    number = int(text)
    return number if least <= number and (most is None or number <= most) else None
