"""Why a cell has no usable number, and what was changed in one that does: a code, a sentence, advice.

The codes are stored with rejected records and counted in reports, so their meaning must not change.
"""

from typing import NamedTuple


class Words(NamedTuple):
    sentence: str
    advice: str
    title: str = ""  # in two or three words


LOST = "Enter the number again, or export the column as text."
ONE_ONLY = "Keep one number in the cell."

PROBLEMS: dict[str, Words] = {
    "phone_missing": Words("The phone number is missing.", "Enter a number, or leave the row out."),
    "no_digits": Words("The phone number has no digits.", "Enter the number."),
    "letters": Words("The phone number contains letters.", "Keep only the number in the cell."),
    "extension": Words("The phone number has an extension.", "Remove the extension; Voiso only dials whole numbers."),
    "tel_link": Words("The cell contains a “tel:” link.", "Keep only the number in the cell."),
    "fax_number": Words("The file says that this is a fax or a pager.", "Enter the contact's telephone number."),
    "other_person": Words("The file says that this is another person's number.", "Enter the contact's own number."),
    "old_number": Words("The file says that this number is an old one.", "Enter the number in use."),
    "unknown_label": Words("There is a label beside the number.", "Answer the question about this label."),
    "bidi_control": Words("Hidden characters reverse the order of the digits.", "Type the number again by hand."),
    "mixed_digits": Words("The digits are from different scripts.", "Type the number again in one script."),
    "unexpected_character": Words(
        "The phone number has a character that doesn't belong there.",
        "Keep only digits, spaces, dots, slashes, hyphens, brackets and a leading +.",
    ),
    "two_numbers": Words("The cell contains two numbers.", ONE_ONLY),
    "date": Words("This is a date, not a phone number.", "Check that you chose the right column."),
    "damaged_scientific": Words("The spreadsheet shortened this number; digits are lost.", LOST),
    "damaged_decimal": Words("The spreadsheet turned this into a decimal number.", LOST),
    "damaged_fraction": Words("The spreadsheet damaged this number: it has a fraction.", LOST),
    "damaged_too_many_digits": Words("More than 15 digits; spreadsheets keep only 15.", LOST),
    "damaged_rounded": Words(
        "Ends in five or more zeros, as if a spreadsheet rounded it.",
        "If the number is right, write it with + and the country code. If not, enter it again.",
    ),
    "unknown_calling_code": Words("No country has this country code.", "Correct the digits after the +."),
    "too_short": Words("The number is too short for its country.", "Add the missing digits, or check the default country."),
    "too_long": Words("The number is too long for its country.", "Remove the extra digits, or check the default country."),
    "not_in_use": Words("This number is not in use in its country.", "Check the number, and the default country."),
    "no_country": Words(
        "The number has no country code, and no country is chosen.",
        "Choose a country, or add + and the country code.",
    ),
    "ambiguous_number": Words(
        "Without a country code this could be a number of two countries.",
        "Choose its country, or add + and the country code.",
    ),
    "other_writing": Words(
        "The number is not written as its source writes numbers.",
        "Write it with + and the country code.",
        "Written otherwise",
    ),
}

WARNINGS: dict[str, Words] = {
    "trunk_prefix_removed": Words("Prefix after the country code (mostly 0) removed.", "Check that the number looks right."),
    "leading_zero_missing": Words("Read as a national number that lost its leading zero.", "Check that the country is right."),
    "could_be_national": Words(
        "Read as international, like others in the column. It could be national.",
        "If that's wrong, change how numbers without + are read.",
    ),
    "could_be_international": Words(
        "Read as national, like others in the column. It could be international.",
        "If that's wrong, change how numbers without + are read.",
    ),
    "mark_removed": Words("A mark or label beside the number was removed.", "Check that the number looks right."),
    "characters_replaced": Words(
        "Hidden characters were removed, or digits of another script converted.",
        "Check that the number looks right.",
    ),
}

DAMAGED = frozenset(code for code in PROBLEMS if code.startswith("damaged_"))
"""Damage done by a spreadsheet program; above 1% of the rows the file as a whole gets a note."""
