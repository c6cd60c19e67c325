"""Parts of a cell that isn't one number: the numbers in it, or the number without its extension. For repairs that a person
asks for; a reader never does this."""

import re

from voisoadmin.phones.spelling import EXTENSION, LONE_DIGITS, LONGEST_CELL, SHORT_NUMBER, plain_text_of

BETWEEN = re.compile(
    r"[,;|&\n\r]+|\s+(?:/|or|and|oder|und|ou|et|o|y|e)\s+|(?<=\d)\s*(?=\+)|(?<=\d{5})\s*/\s*(?=[+\d])", re.IGNORECASE
)
LAST_DIGITS = re.compile(r" \d{1,2}\Z")
NOT_A_DIGIT = re.compile(r"\D")
OTHER_CHARACTERS = re.compile(r"[^0-9+ ()./-]+")
MAY_BE_A_DIGIT = re.compile(r"[0-9][^0-9+ ()./-]+[0-9]|[0-9][^\W0-9_]|[^\W0-9_][0-9]")
EMPTY_BRACKETS = re.compile(r"\([ ./-]*\)")
TWO_OF_DIGITS = re.compile(r"([0-9]{9,}) +([0-9]{9,})")


def numbers_in(text: str) -> list[str]:
    """The numbers of a cell that holds several, as written."""
    two = TWO_OF_DIGITS.fullmatch(text.strip())
    if two:
        return list(two.groups())
    parts = (part.strip() for part in BETWEEN.split(text[:LONGEST_CELL]))
    return [part for part in parts if len(NOT_A_DIGIT.sub("", part)) >= SHORT_NUMBER]


def without_extension(text: str) -> str:
    """The number before an extension; "" if there is none."""
    plain = plain_text_of(text[:LONGEST_CELL])
    found = EXTENSION.search(plain)
    if found:
        return plain[: found.start() + 1].strip()
    return LAST_DIGITS.sub("", plain) if LONE_DIGITS.fullmatch(plain) else ""


def without_words(text: str) -> str:
    """The cell without the words and signs around its number; "" if one of them may be a mistyped digit."""
    plain = text[:LONGEST_CELL]
    if MAY_BE_A_DIGIT.search(plain):
        return ""
    return EMPTY_BRACKETS.sub(" ", OTHER_CHARACTERS.sub(" ", plain)).strip(" ./-")
