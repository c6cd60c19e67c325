"""What becomes of rows whose optional cells can't be used as they are: sent without them, repaired, or left out by choice."""

from collections import Counter
from collections.abc import Iterable, Mapping

from voisoadmin.contacts.fields import FIELD_OF_WARNING, LABELS, OPTIONAL, REPAIRS, WARNINGS
from voisoadmin.contacts.questions import (
    LEAVE_OUT,
    OFFERS,
    PUT_BACK,
    SENTENCES,
    UNUSABLE,
    Answer,
    Question,
    asked_about,
    in_rows,
)

OMIT = "omit"
KEPT, TAKEN_BACK = OFFERS[PUT_BACK]


def put_back(answers: Mapping[str, str]) -> frozenset[str]:
    """The repairs that a person took back."""
    return frozenset(code for code in REPAIRS if answers.get(asked_about(PUT_BACK, code)) == TAKEN_BACK)


class Unusable:
    """Rows with an optional cell that can't be used: how many, and what leaving them out would cost."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._left_out = {spec.name for spec in OPTIONAL if answers.get(asked_about(UNUSABLE, spec.name)) == LEAVE_OUT}
        self._rows = Counter[str]()
        self._numbers: dict[str, set[int]] = {}  # field -> numbers that are sent without it

    def keeps_out(self, names: Iterable[str]) -> bool:
        """Whether a row without these fields is left out by choice."""
        self._rows.update(names)
        return not self._left_out.isdisjoint(names)

    def sent_without(self, names: Iterable[str], number: int) -> None:
        for name in names:
            self._numbers.setdefault(name, set()).add(number)

    def sent_with(self, names: Iterable[str], number: int) -> None:
        """A later row of the same number lacks only these fields."""
        for name, numbers in self._numbers.items():
            if name not in names:
                numbers.discard(number)

    def offers(self, ready: int) -> list[Question]:
        return [self._offer(spec.name, self._rows[spec.name], ready) for spec in OPTIONAL if self._rows[spec.name]]

    def _offer(self, name: str, rows: int, ready: int) -> Question:
        counts: dict[str, int | None] = {OMIT: ready, LEAVE_OUT: ready - len(self._numbers.get(name, ()))}
        chosen = OMIT
        if name in self._left_out:
            counts, chosen = {OMIT: None, LEAVE_OUT: ready}, LEAVE_OUT
        answers = tuple(Answer(value, label, counts[value]) for value, label in OFFERS[UNUSABLE].items())
        sentence = SENTENCES[UNUSABLE].format(**in_rows(rows), field=LABELS[name] if name == "url" else LABELS[name].lower())
        return Question(asked_about(UNUSABLE, name), LABELS[name], rows, sentence, answers, chosen, is_offer=True)


def offers_to_put_back(warnings: Mapping[str, int], taken_back: Iterable[str], ready: int) -> list[Question]:
    """One for each kind of repair that was made, or that a person took back."""
    found = [code for code in warnings if code in REPAIRS]
    return [
        _offer_to_put_back(code, warnings.get(code, 0), TAKEN_BACK if code in taken_back else KEPT, ready)
        for code in dict.fromkeys([*found, *sorted(taken_back)])
    ]


def _offer_to_put_back(code: str, rows: int, chosen: str, ready: int) -> Question:
    what = WARNINGS[code].sentence if chosen == KEPT else f"{WARNINGS[code].title}: the cells were put back."
    sentence = SENTENCES[PUT_BACK].format(**in_rows(rows), what=what) if chosen == KEPT else what
    answers = tuple(Answer(value, label, ready if value == chosen else None) for value, label in OFFERS[PUT_BACK].items())
    column = LABELS[FIELD_OF_WARNING[code]]
    return Question(asked_about(PUT_BACK, code), column, rows, sentence, answers, chosen, is_offer=True)
