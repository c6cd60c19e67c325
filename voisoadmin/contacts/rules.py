"""The version of the rules that judge a row. A file that was checked by other rules is checked again before it is sent."""

import phonenumbers

RULES = 11
"""Raised with each change of what is ready, asked or refused; CHANGES says in words what the change does."""

CHANGES = {
    2: "Numbers without a country code that may belong to another country are asked about.",
    3: "A column of countries decides whose numbers those without a country code are.",
    4: "Rows with cells in the wrong columns are asked about.",
    5: "Marks such as “p:” and “Mobile:” are removed; a label that says fax, another person or old keeps a number out.",
    6: "Hidden rows, sums, footers and the template example are left out; an unknown label beside a number is asked about.",
    7: "Parts of a name are joined; a bad optional cell keeps no row out; the country code that a workbook shows is used.",
    8: "Apostrophes around cells, aligned columns and whole lines in one cell are read; the delimiter may be asked about.",
    9: "More hidden rows, footers and contract numbers are left out; a first contact is no header; digits as of China ask.",
    10: "Short rows whose number may be a fax’s and lines in quotes ask; pagers and numbers of the type “fax” aren’t called.",
    11: "More columns of other people’s phones, of contract numbers and of who may be called are known, and statuses count.",
}
NEW_NUMBERS = "The list of numbers in use is newer."


def rules_in_force() -> str:
    """`2/9.0.43`: our rules, and the release of phonenumbers."""
    return f"{RULES}/{phonenumbers.__version__}"


def changes_since(version: str) -> list[str]:
    """What has changed since a check of this version, in sentences; "" is a check from before versions were stored."""
    rules, _, numbers = version.partition("/")
    changes = [sentence for number, sentence in CHANGES.items() if number > int(rules or 1)]
    return [*changes, NEW_NUMBERS] if numbers not in {"", phonenumbers.__version__} else changes
