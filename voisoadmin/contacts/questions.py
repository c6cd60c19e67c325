"""What a check asks a person before anything is sent, and what it reports beside the rows.

A question concerns rows that could reach the wrong person: without an answer they are not sent. Answers are choices of the
upload, by the question's code; a question asked once for each word of a column has the word behind its code.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from voisoadmin.phones import INTERNATIONAL
from voisoadmin.phones.countries import countries

COUNTRY = "no_country_code"
SHIFTED = "shifted_rows"
SEVERAL_PHONES = "several_phone_columns"
OTHER_PHONES = "other_peoples_phone"
FLAG_WORD = "do_not_call_word"
ACTIVE_WORD = "active_word"
ACTIVE_UNKNOWN = "active_unknown"
LABEL = "phone_label"
UNKNOWN_COLUMN, UNKNOWN_ANSWER = "unknown_column", "unknown_answer"  # why a choice can't be used

SENTENCES = {
    COUNTRY: "{numbers}. {question}",
    SHIFTED: "{rows} cells in the wrong columns.{many} What is right?",
    SEVERAL_PHONES: "Several columns could be the phone number: {names}. Choose the one to call.",
    OTHER_PHONES: "Only {names} holds phone numbers, and they may not be the contacts' own. Choose the one to call.",
    FLAG_WORD: "{rows} {have} “{word}” in “{column}”. May they be called?",
    ACTIVE_WORD: "{rows} {have} “{word}” in “{column}”. Send them as active or inactive?",
    LABEL: "{rows} {have} “{word}” beside the number in “{column}”. May these numbers be called?",
    ACTIVE_UNKNOWN: "{rows} may have been set inactive in Voiso. Send them as active or inactive?",
}
"""Each question by its code, in words."""

ANSWERS = {
    LABEL: {"call": "Call them", "leave_out": "Leave them out"},
    FLAG_WORD: {"call": "Call them", "leave_out": "Do-not-call: leave them out"},
    ACTIVE_UNKNOWN: {"active": "As active", "inactive": "As inactive: not dialled", "leave_out": "Leave them out"},
    ACTIVE_WORD: {"active": "As active", "inactive": "As inactive: not dialled", "leave_out": "Leave them out"},
}
"""What can be answered to questions about words, with its label."""

LEAVE_OUT = "leave_out"
OTHERS = "(other values)"  # what a question is about where a column has too many words
MOST_WORDS = 8  # of a column, each in its own question
LONGEST_WORD = 80  # characters of a cell that name a question


class UnknownAnswer(ValueError):
    """An answer that the question doesn't offer; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Note:
    """A finding about the file that needs no answer."""

    code: str
    count: int | None  # rows or cells it concerns, if counted
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Answer(NamedTuple):
    value: str
    label: str
    ready: int | None  # rows that would be sent with this answer, if counted

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "ready": self.ready}


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    column: str
    count: int  # rows that wait for the answer
    sentence: str
    answers: tuple[Answer, ...]
    chosen: str = ""  # the value of the answer; "" while the question is open

    def to_json(self) -> dict[str, Any]:
        answers = [answer.to_json() for answer in self.answers]
        return {
            "code": self.code,
            "column": self.column,
            "count": self.count,
            "answers": answers,
            "sentence": self.sentence,
        }

    def stored(self) -> dict[str, Any]:
        """The same with the words of the answers, for a page."""
        answers = [answer._asdict() for answer in self.answers]
        return {**self.to_json(), "answers": answers, "chosen": self.chosen}


def kind_of(code: str) -> str:
    """The code without the word it asks about."""
    return code.partition(":")[0]


def asked_about(code: str, word: str) -> str:
    """The code of a question about one word of a column."""
    return f"{code}:{word[:LONGEST_WORD]}"


def in_rows(count: int) -> dict[str, str]:
    """How many rows, and their verb, for a sentence."""
    return {"rows": f"{count:,} row{'' if count == 1 else 's'}", "have": "has" if count == 1 else "have"}


def is_known(code: str, value: str) -> bool:
    """Whether a file may ask this question, and offer this answer."""
    kind = kind_of(code)
    if kind == SHIFTED:
        return re.fullmatch(r"keep|leave_out|join:[1-9]\d{0,2}", value) is not None
    if kind == COUNTRY:
        return value in {INTERNATIONAL, LEAVE_OUT} or value in countries()
    return kind in SENTENCES and (kind not in ANSWERS or value in ANSWERS[kind])


def answer_to(code: str, values: Mapping[str, Any], answers: Mapping[str, str]) -> str:
    """The value chosen for this question; "" if it is open. Raises UnknownAnswer."""
    value = answers.get(code, "")
    if value and value not in values:
        offered = ", ".join(f"“{one}”" for one in values)
        raise UnknownAnswer(f"“{value}” doesn't answer {code}. Answers: {offered}.")
    return value


def open_ones(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The unanswered ones of the questions in an upload's notices."""
    return [question for question in stored.get("questions", []) if not question["chosen"]]
