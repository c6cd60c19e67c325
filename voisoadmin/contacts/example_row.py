"""The example of the template, which many leave in their file: it is no contact."""

from collections.abc import Collection

from voisoadmin.contacts.fields import BY_NAME, NAME, PHONE

NUMBER = "".join(filter(str.isdecimal, BY_NAME[PHONE].example))
IN_USE = "447415550012"
"""The number that the template of the first release had; only beside the same name and source is it the example."""
PERSON, SOURCE = BY_NAME[NAME].example, BY_NAME["source"].example


def is_example(phone: str, name: str, cells: Collection[str]) -> bool:
    """Whether these are the cells of the example. Another person may have the number that is in use."""
    if " ".join(name.split()) != PERSON:
        return False
    digits = "".join(filter(str.isdecimal, phone))
    return digits.endswith(NUMBER) or (digits.endswith(IN_USE) and SOURCE in cells)
