"""Text as one compares it: in lower case, without accents, and also as it is written where a keyboard has no umlauts."""

import re
import unicodedata

LONGEST = 2000  # characters; the time for sorting accents grows with the square of their number
WHOLE_LETTERS = str.maketrans("łøđıæœ", "lodiao")
"""Letters that Unicode normalisation doesn't reduce to ASCII."""
SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"})
ACCENTS = re.compile("[\u0300-\u036f]{9,}")  # more than any writing puts on one letter


def plain_letters(text: str) -> str:
    """`Müller` as `muller`."""
    letters = unicodedata.normalize("NFKD", ACCENTS.sub("", text[:LONGEST]).casefold()).translate(WHOLE_LETTERS)
    return "".join(char for char in letters if not unicodedata.combining(char))


def spelled_out(text: str) -> str:
    """`Müller` as `mueller`."""
    return plain_letters(unicodedata.normalize("NFC", ACCENTS.sub("", text[:LONGEST]).casefold()).translate(SPELLED_OUT))


def search_text(*texts: str) -> str:
    """Everything by which one of these texts may be searched, one to a line."""
    lines: dict[str, None] = {}
    for text in texts:
        lines |= dict.fromkeys(line for line in (plain_letters(text), spelled_out(text)) if line)
    return "\n".join(lines)
