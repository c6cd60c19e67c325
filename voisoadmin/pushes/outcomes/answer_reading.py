"""What one valid answer proves about each row. Pure: no database, no clock (docs/sending.md, "Inside a valid answer")."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from voisoadmin.contacts.reasons import BY_CODE, MOVED
from voisoadmin.pushes.models import Push
from voisoadmin.voiso.payloads import ContactsAnswer

MAX_FOLLOW_UPS = 2

_VERDICTS = {
    Push.Kind.ADD: {"created": "added", "rejected": "refused_by_voiso"},
    Push.Kind.UPDATE: {
        "created": "inserted_by_update",
        "updated": "updated",
        "rejected": "refused_update",
        "duplicates": "in_campaign",
    },
}


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """`codes`: one byte a row. `follow_up`: positions of the rows that no list named and that are sent again.

    With a `contradiction` nothing else counts: the answer proves nothing, and a person must see it.
    """

    codes: list[int]
    follow_up: list[int]
    named: dict[str, list[str]]  # list of the answer -> numbers
    contradiction: str = ""


def read_answer(
    numbers: Sequence[str],
    answer: ContactsAnswer,
    kind: str,
    *,
    doubtful: Set[str],
    follow_ups: int,
) -> AnswerReading:
    """Judge each number by the list that names it.

    `doubtful`: numbers that an earlier request may have added without an answer that says so.
    """
    lists = {
        "created": answer.created,
        "updated": answer.updated,
        "duplicates": answer.duplicates,
        "rejected": answer.rejected,
    }
    named = {name: list(dict.fromkeys(_digits(text) for text in texts)) for name, texts in lists.items() if texts}
    contradiction = _contradiction(set(numbers), named, kind)
    if contradiction:
        return AnswerReading([], [], named, contradiction)
    verdicts = _VERDICTS[Push.Kind(kind)]
    reason_of = {number: verdicts[name] for name, found in named.items() if name in verdicts for number in found}
    if kind == Push.Kind.ADD:
        # After a lost answer Voiso calls our own contacts duplicates: only earlier knowledge can distinguish them.
        for number in named.get("duplicates", ()):
            reason_of[number] = "interrupted_call" if number in doubtful else "in_campaign"
    missing = [place for place, number in enumerate(numbers) if number not in reason_of]
    asked_again = follow_ups < MAX_FOLLOW_UPS
    unnamed = MOVED if asked_again else BY_CODE["not_named"].byte
    codes = [BY_CODE[reason_of[number]].byte if number in reason_of else unnamed for number in numbers]
    return AnswerReading(codes, missing if asked_again else [], named)


def _digits(text: str) -> str:
    """Voiso may format a number differently: only its digits count."""
    return "".join(character for character in text if character in "0123456789")


def _contradiction(sent: Set[str], named: dict[str, list[str]], kind: str) -> str:
    strangers = sum(number not in sent for found in named.values() for number in found)
    if strangers:
        return f"Voiso's answer includes {_numbers(strangers)} that we didn't send."
    twice = sum(map(len, named.values())) - len(set().union(*named.values()))
    if twice:
        return f"Voiso's answer has {_numbers(twice)} in two lists."
    if kind == Push.Kind.ADD and named.get("updated"):
        return "Voiso answered an add as if it were an update."
    return ""


def _numbers(count: int) -> str:
    return "a number" if count == 1 else f"{count} numbers"
