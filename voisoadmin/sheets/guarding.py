"""Cells that no spreadsheet program takes for a formula, and back again (OWASP ASVS 1.2.10)."""

import re

# What a spreadsheet program may take for a formula, or for the start of one after it drops characters it can't show.
DANGEROUS = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠]")
GUARDED = re.compile(r"''*[=+\-@\t\r\n\0＝＋－＠]")


def guarded(text: str) -> str:
    """Text that no spreadsheet program evaluates. `unguarded` reverses exactly this."""
    return f"'{text}" if DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """The text before an export guarded it: without the one apostrophe before a formula's sign."""
    return text[1:] if GUARDED.match(text) else text
