"""Why a cell has no usable number, and what was changed in one that does: a code, a sentence, advice.

The codes are stored with rejected records and counted in reports, so their meaning must not change.
"""

from typing import NamedTuple


class Words(NamedTuple):
    sentence: str
    advice: str


LOST = "Type the number, or export the column as text."
ONE_ONLY = "Keep one number in the cell."

PROBLEMS: dict[str, Words] = {
    "phone_missing": Words("The phone number is missing.", "Type the number, or leave the row out."),
    "no_digits": Words("There is no digit in the phone number.", "Type the number."),
    "letters": Words("There are letters in the phone number.", "Leave only the number in the cell."),
    "extension": Words("The phone number has an extension.", "Remove the extension; Voiso dials whole numbers only."),
    "tel_link": Words("The cell holds a “tel:” address.", "Leave only the number in the cell."),
    "bidi_control": Words("Invisible characters turn the digits' order round.", "Type the number again by hand."),
    "mixed_digits": Words("The digits are of different scripts.", "Type the number again in one script."),
    "unexpected_character": Words(
        "There is a character in the phone number that has no place there.",
        "Leave only digits, spaces, dots, slashes, hyphens, brackets, and a + in front.",
    ),
    "two_numbers": Words("There are two numbers in one cell.", ONE_ONLY),
    "date": Words("This is a date, not a phone number.", "Look whether the right column was chosen."),
    "damaged_scientific": Words("The spreadsheet shortened this number; the digits are lost.", LOST),
    "damaged_decimal": Words("The spreadsheet took this for a decimal number.", LOST),
    "damaged_fraction": Words("The number has a fraction; the spreadsheet damaged it.", LOST),
    "damaged_too_many_digits": Words("The number has more than 15 digits; a spreadsheet keeps only 15.", LOST),
    "damaged_rounded": Words(
        "The number ends in five zeros or more, as one that the spreadsheet rounded.",
        "Type the number; if it is right, write it with a + and the country's calling code in front.",
    ),
    "unknown_calling_code": Words("No country has this calling code.", "Correct the digits after the +."),
    "too_short": Words("The number is too short for its country.", "Add the missing digits."),
    "too_long": Words("The number is too long for its country.", "Remove what does not belong to it."),
    "not_in_use": Words("This is not a number in use.", "Check the number at its source."),
    "no_country": Words(
        "The number has no calling code, and no country was chosen.",
        "Choose the country of numbers without a calling code, or write it with + and the calling code.",
    ),
    "ambiguous_number": Words(
        "The number can be read with a calling code or as a national number.",
        "Choose how numbers without + are read, or write it with + and the calling code.",
    ),
}

WARNINGS: dict[str, Words] = {
    "trunk_prefix_removed": Words(
        "The trunk prefix after the calling code was removed.", "Nothing, if the number looks right to you."
    ),
    "leading_zero_missing": Words(
        "The number was read as a national one that lost its leading zero.", "Nothing, if the country is right."
    ),
    "could_be_national": Words(
        "The number was read with its calling code, as others of the column; it could be national.",
        "Choose how numbers without + are read, if this is wrong.",
    ),
    "could_be_international": Words(
        "The number was read as national, as others of the column; it could begin with a calling code.",
        "Choose how numbers without + are read, if this is wrong.",
    ),
    "characters_replaced": Words(
        "Invisible characters or the digits of another script were written plainly.",
        "Nothing, if the number looks right to you.",
    ),
}

DAMAGED = frozenset(code for code in PROBLEMS if code.startswith("damaged_"))
"""Damage done by a spreadsheet program; above 1% of the rows the file as a whole gets a note."""
