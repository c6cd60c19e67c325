"""Names of fields in Voiso's answers. In a map by phone number, by email or by key a name is a value, which isn't kept."""

import re
from collections.abc import Collection

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
THREE_DIGITS = re.compile(r"[0-9]{3}")
MOST_NAMES = 30  # of an object that isn't a map
HIDDEN = "<key>"


def shown_name(name: str, secrets: Collection[str] = ()) -> str:
    """The name of a field, or HIDDEN where it may be a value: a number, an email, a key."""
    is_plain = NAME.fullmatch(name) and not THREE_DIGITS.search(name)
    return name if is_plain and not any(secret and secret in name for secret in secrets) else HIDDEN
