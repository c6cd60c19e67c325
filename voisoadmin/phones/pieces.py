"""Parts of a cell that isn't one number: the numbers in it, or the number without its extension. For repairs that a person
asks for; a reader never does this."""

import re

from voisoadmin.phones.spelling import EXTENSION, LONE_DIGITS, LONGEST_CELL, SHORT_NUMBER, plain_text_of

BETWEEN = re.compile(
    r"[,;|&\n\r]+|\s+(?:/|or|and|oder|und|ou|et|o|y|e)\s+|(?<=\d)\s*(?=\+)|(?<=\d{5})\s*/\s*(?=[+\d])", re.IGNORECASE
)
LAST_DIGITS = re.compile(r" \d{1,2}\Z")
NOT_A_DIGIT = re.compile(r"\D")
NUMBER_CHARACTERS = re.compile(r"[^0-9+ ()./-]+")


def numbers_in(text: str) -> list[str]:
    """The numbers of a cell that holds several, as written."""
    parts = (part.strip() for part in BETWEEN.split(text[:LONGEST_CELL]))
    return [part for part in parts if len(NOT_A_DIGIT.sub("", part)) >= SHORT_NUMBER]


def without_extension(text: str) -> str:
    """The number before an extension; "" if there is none."""
    plain = plain_text_of(text[:LONGEST_CELL])
    found = EXTENSION.search(plain)
    if found:
        return plain[: found.start() + 1].strip()
    return LAST_DIGITS.sub("", plain) if LONE_DIGITS.fullmatch(plain) else ""


def only_number_characters(text: str) -> str:
    """The cell without letters and other characters that no number has."""
    return " ".join(NUMBER_CHARACTERS.sub(" ", text[:LONGEST_CELL]).split())
