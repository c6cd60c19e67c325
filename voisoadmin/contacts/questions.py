"""What a check asks a person before anything is sent, and what it reports beside the rows.

A question concerns rows that could reach the wrong person: without an answer they are not sent. Answers are choices of the
upload, by the question's code; a question asked once for each word of a column has the word behind its code.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from voisoadmin.contacts.fields import OPTIONAL, REPAIRS
from voisoadmin.phones import INTERNATIONAL
from voisoadmin.phones.countries import countries

COUNTRY = "no_country_code"
SHIFTED = "shifted_rows"
DELIMITER = "delimiter"
LINES_IN_QUOTES = "lines_in_quotes"
SEVERAL_PHONES = "several_phone_columns"
OTHER_PHONES = "other_peoples_phone"
FLAG_WORD = "do_not_call_word"
ACTIVE_WORD = "active_word"
ACTIVE_UNKNOWN = "active_unknown"
LABEL = "phone_label"
NAME_ORDER = "name_order"
PHONE_FALLBACK = "phone_fallback"
PRIORITY_WORDS = "priority_words"
UNUSABLE = "optional_field"  # followed by the field
PUT_BACK = "put_back"  # followed by the warning of the repair
HIDDEN_ROWS = "hidden_rows"
FOOTERS = "footers"
STRUCK_ROWS = "struck_rows"
WHICH_SHEET = "which_sheet"  # its answers are the names of sheets
UNKNOWN_COLUMN, UNKNOWN_ANSWER = "unknown_column", "unknown_answer"  # why a choice can't be used

LEAVE_OUT = "leave_out"
TAKE_IN = "take_in"

SENTENCES = {
    COUNTRY: "{numbers}. {question}",
    SHIFTED: "{rows} {have} cells in the wrong columns.{many} What is right?",
    DELIMITER: "{count} of {all} rows have cells in the wrong columns. What separates the cells?",
    LINES_IN_QUOTES: "{records} of several lines in quotation marks, which look like rows themselves. "
    "The file has {together} rows if they are kept together, {apart} if each line is a row. Which is right?",
    SEVERAL_PHONES: "Several columns could be the phone number: {names}. Choose the one to call.",
    OTHER_PHONES: "Only {names} holds phone numbers, and they may not be the contacts' own. Choose the one to call.",
    FLAG_WORD: "{rows} {have} “{word}” in “{column}”. May they be called?",
    ACTIVE_WORD: "{rows} {have} “{word}” in “{column}”. Send them as active or inactive?",
    LABEL: "{rows} {have} “{word}” beside the number in “{column}”. May these numbers be called?",
    ACTIVE_UNKNOWN: "{rows} may have been set inactive in Voiso. Send them as active or inactive?",
    NAME_ORDER: "Names are joined from {columns}. Which comes first?",
    PHONE_FALLBACK: "{rows} {have} no number in “{column}”, but one in {others}. Call that one?",
    PRIORITY_WORDS: "“{column}” holds words: {words}. Send them as priorities?",
    UNUSABLE: "{rows} {have} a {field} that can't be used. Send without it?",
    PUT_BACK: "{rows}: {what}",
    HIDDEN_ROWS: "{rows} {are} hidden in the workbook. Send anyway?",
    FOOTERS: "{rows} {look} like a sum or a line below the table. Send anyway?",
    STRUCK_ROWS: "{rows} {are} struck out in the workbook. Send anyway?",
    WHICH_SHEET: "{others} the same columns as “{sheet}”. Which sheet do you want to send?",
}
"""Each question by its code, in words."""
SHIFTED_PHONES = "{rows} {have} too few cells, so the number below “{column}” may be of “{other}”. What is right?"
SHIFTED_FLAGS = "{rows} {have} too few cells, so a word may be below the wrong column. What is right?"
"""The same question where every cell could be in its column."""

ANSWERS = {
    DELIMITER: {"comma": "Comma", "semicolon": "Semicolon", "tab": "Tab", "pipe": "Vertical bar", "space": "Blank"},
    LINES_IN_QUOTES: {"apart": "Each line is a row", "together": "Keep the lines together"},
    LABEL: {"call": "Call them", "leave_out": "Leave them out"},
    FLAG_WORD: {"call": "Call them", "leave_out": "Do-not-call: leave them out"},
    ACTIVE_UNKNOWN: {"active": "As active", "inactive": "As inactive: not dialled", "leave_out": "Leave them out"},
    ACTIVE_WORD: {"active": "As active", "inactive": "As inactive: not dialled", "leave_out": "Leave them out"},
}
"""What can be answered to questions whose answers don't depend on the file, with its label."""

OFFERS = {
    NAME_ORDER: {"given_first": "Given name first", "family_first": "Family name first"},
    PHONE_FALLBACK: {"no": "No, leave them out", "yes": "Yes, where it is blank"},
    PRIORITY_WORDS: {"unused": "No, without a priority", "use": "Yes, as numbers"},
    UNUSABLE: {"omit": "Send without it", LEAVE_OUT: "Leave the rows out"},
    HIDDEN_ROWS: {LEAVE_OUT: "Leave them out", TAKE_IN: "Take them in"},
    STRUCK_ROWS: {TAKE_IN: "Send them", LEAVE_OUT: "Leave them out"},
    FOOTERS: {LEAVE_OUT: "Leave them out", TAKE_IN: "Take them in"},
    PUT_BACK: {"no": "Keep the repair", "yes": "Put the cells back"},
}
"""Answers to what is decided without a person, and may be decided otherwise; the first one is in force until then."""

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
    is_offer: bool = False  # nothing waits for it: `chosen` is in force until a person chooses otherwise

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
        return {**self.to_json(), "answers": answers, "chosen": self.chosen, "is_offer": self.is_offer}

    def offered(self) -> dict[str, Any]:
        """An offer, for scripts."""
        return {**self.to_json(), "chosen": self.chosen}

    def counted(self, ready: int) -> "Question":
        """The same, where the rows that are ready are as many with each answer."""
        return replace(self, answers=tuple(answer._replace(ready=ready) for answer in self.answers))


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
        return re.fullmatch(r"keep|leave_out|(?:join|blank):[1-9]\d{0,2}", value) is not None
    if kind == COUNTRY:
        return value in {INTERNATIONAL, LEAVE_OUT} or value in countries()
    if kind in {UNUSABLE, PUT_BACK}:
        allowed = REPAIRS if kind == PUT_BACK else {spec.name for spec in OPTIONAL}
        return code.partition(":")[2] in allowed and value in OFFERS[kind]
    values = values_for(kind)
    return kind in SENTENCES and (not values or value in values)


def values_for(kind: str) -> Mapping[str, str]:
    """What can be answered to this kind of question; empty if it depends on the file."""
    return ANSWERS.get(kind) or OFFERS.get(kind) or {}


def answer_to(code: str, values: Mapping[str, Any], answers: Mapping[str, str]) -> str:
    """The value chosen for this question; "" if it is open. Raises UnknownAnswer."""
    value = answers.get(code, "")
    if value and value not in values:
        offered = ", ".join(f"“{one}”" for one in values)
        raise UnknownAnswer(f"“{value}” doesn't answer {code}. Answers: {offered}.")
    return value


def offers_of(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the check decided without a person, of the questions in an upload's notices."""
    return [question for question in stored.get("questions", []) if question.get("is_offer")]


def open_ones(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The unanswered ones of the questions in an upload's notices."""
    return [question for question in stored.get("questions", []) if not question["chosen"]]
