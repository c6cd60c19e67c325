"""An update must not wake a contact up: where a row has no Active and we don't know the contact's state, a person says."""

from collections.abc import Mapping, Sequence

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.checker import ACTIVE_ANSWERS
from voisoadmin.contacts.fields import ACTIVE, problem
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.questions import ACTIVE_UNKNOWN, ANSWERS, LEAVE_OUT, SENTENCES, Answer, Question, in_rows
from voisoadmin.contacts.verdicts import LEFT_OUT, UNANSWERED, Invalid, LeftOut, Verdict
from voisoadmin.pushes.known_contacts import contacts_of
from voisoadmin.pushes.models import Push


class Waking:
    """Judges the rows of an update, in order, and counts those that wait for the answer."""

    def __init__(self, lane: Lane, kind: str, answers: Mapping[str, str]) -> None:
        self._lane = lane
        self._is_update = kind == Push.Kind.UPDATE
        self._answer = answers.get(ACTIVE_UNKNOWN, "")
        self.rows = 0

    def judge(self, outcomes: Sequence[Verdict]) -> list[Verdict]:
        """The results as they stay; those of an upload that adds contacts unchanged."""
        if not self._is_update:
            return list(outcomes)
        unclear = [one for one in outcomes if isinstance(one, PackedRow) and ACTIVE not in one.fields]
        known = {str(contact.number) for contact in contacts_of(self._lane.pk, unclear).values() if contact.active is not None}
        return [
            self._judged(one) if isinstance(one, PackedRow) and ACTIVE not in one.fields and one.number not in known else one
            for one in outcomes
        ]

    def question(self, ready: int) -> list[Question]:
        """`ready`: the rows that will be sent as it is."""
        if not self.rows:
            return []
        with_answer = {value: ready + (0 if value == LEAVE_OUT else self.rows) for value in ANSWERS[ACTIVE_UNKNOWN]}
        if self._answer:
            with_answer = {self._answer: ready}  # the others weren't counted
        answers = tuple(Answer(value, label, with_answer.get(value)) for value, label in ANSWERS[ACTIVE_UNKNOWN].items())
        sentence = SENTENCES[ACTIVE_UNKNOWN].format(**in_rows(self.rows))
        return [Question(ACTIVE_UNKNOWN, "", self.rows, sentence, answers, self._answer)]

    def _judged(self, row: PackedRow) -> Verdict:
        self.rows += 1
        if self._answer == LEAVE_OUT:
            return LeftOut(row, LEFT_OUT)
        if self._answer:
            return row._replace(fields={**row.fields, ACTIVE: ACTIVE_ANSWERS[self._answer]})
        return Invalid(row.row_number, row.cells, (problem(ACTIVE, UNANSWERED),), f"+{row.number}", row.name)
