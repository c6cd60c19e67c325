"""Telephone numbers: which digits a cell spells, whether they are a number in use, and if not, why."""

from voisoadmin.phones.phone_result import PhoneResult
from voisoadmin.phones.problems import DAMAGED, PROBLEMS, WARNINGS, Words
from voisoadmin.phones.reader import PhoneCell, Reader
from voisoadmin.phones.settled import INTERNATIONAL, Numbers, UnknownRegion

__all__ = [
    "DAMAGED",
    "INTERNATIONAL",
    "PROBLEMS",
    "WARNINGS",
    "Numbers",
    "PhoneCell",
    "PhoneResult",
    "Reader",
    "UnknownRegion",
    "Words",
]
