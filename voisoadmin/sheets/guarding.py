"""Cells that no spreadsheet program takes for a formula, and back again (OWASP ASVS 1.2.10)."""

import re

# What a spreadsheet program may take for a formula, or for the beginning of one after it drops what it cannot show.
DANGEROUS = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠]")
GUARDED = re.compile(r"''*[=+\-@\t\r\n\0＝＋－＠]")


def guarded(text: str) -> str:
    """Text that no spreadsheet program evaluates. `unguarded` takes exactly that back."""
    return f"'{text}" if DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """The text as it was before an export guarded it: without the one apostrophe that stands before a formula's sign."""
    return text[1:] if GUARDED.match(text) else text
