"""The words of a column that a person is asked about: each in a question, those beyond the first few together in one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from voisoadmin.contacts.questions import LONGEST_WORD, MOST_WORDS, OTHERS, asked_about


class AskedWord(NamedTuple):
    code: str  # of the question
    word: str  # as it is in the file
    rows: int
    answer: str  # "" while the question is open


class AskedWords:
    """The words of one column about which there is the same question."""

    def __init__(self, kind: str, answers: Mapping[str, str]) -> None:
        self._kind, self._answers = kind, answers
        self._words: dict[str, str] = {}  # code -> word
        self._counts = Counter[str]()

    def count(self, text: str) -> str:
        """Count a cell with this word; return the code of its question."""
        code = asked_about(self._kind, " ".join(text.casefold().split())[:LONGEST_WORD])
        if code not in self._words and len(self._words) >= MOST_WORDS:
            code, text = asked_about(self._kind, OTHERS), OTHERS
        self._words.setdefault(code, " ".join(text.split())[:LONGEST_WORD])
        self._counts[code] += 1
        return code

    def answer(self, code: str) -> str:
        return self._answers.get(code, "")

    def __iter__(self) -> Iterator[AskedWord]:
        return (AskedWord(code, word, self._counts[code], self.answer(code)) for code, word in self._words.items())
