"""Labels beside a number that no list knows (“Reception”): a person says whether such a number may be called."""

from collections.abc import Mapping
from typing import NamedTuple

from voisoadmin.contacts.asked_words import AskedWords
from voisoadmin.contacts.questions import LABEL
from voisoadmin.phones import PhoneCell, PhoneResult, Reader
from voisoadmin.phones.marks import UNKNOWN_LABEL
from voisoadmin.phones.spelling import labelled


class Labelled(NamedTuple):
    """A cell without its label."""

    text: str
    found: PhoneResult
    question: str = ""  # about the label; without one the label isn't what keeps the row back
    answer: str = ""


class Labels:
    """The labels of one column. `reader` has seen the column; what it reads here says nothing about it."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.words = AskedWords(LABEL, answers)
        self._reader: Reader | None = None

    def read(self, text: str, region: str, reader: Reader) -> Labelled:
        if self._reader is None:
            self._reader = reader.twin()
        found = number_beside(self._reader, text, region)
        words, bare = labelled(text)
        if found.code:
            return Labelled(bare, found)
        question = self.words.count(words)
        return Labelled(bare, found._replace(warning="mark_removed"), question, self.words.answer(question))


def number_beside(reader: Reader, text: str, region: str) -> PhoneResult:
    """The number of a cell, whatever its label says."""
    return reader.read_cell(_cell(labelled(text)[1], region))


def read_whole(reader: Reader, text: str, region: str) -> PhoneResult:
    """The number of a cell with or without a label; for what is true of a number, however it is written."""
    found = reader.read_cell(_cell(text, region))
    return number_beside(reader, text, region) if found.code == UNKNOWN_LABEL else found


def _cell(text: str, region: str) -> PhoneCell:
    return (text, region) if region else text
