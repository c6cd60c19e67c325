"""From posted leads to contacts ready to send, or the reason why not: judged as the rows of a file are. Pure: no database.

What an import would ask a person about is refused here, with its code: a source is no person.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.cleaning import ACTIVE_UNCLEAR
from voisoadmin.contacts.do_not_call import CALL, Flags, meaning_of
from voisoadmin.contacts.fields import ACTIVE, FIELDS, PHONE
from voisoadmin.contacts.labels import read_whole
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.questions import FLAG_WORD, LEAVE_OUT
from voisoadmin.contacts.verdicts import FLAGGED, SAME_NUMBER, UNANSWERED, Duplicate, Invalid, LeftOut, Verdict
from voisoadmin.feeds.lead_fields import UNUSABLE, LeadFields, Unusable, Value, fields_of, ignored_names
from voisoadmin.phones.marks import UNKNOWN_LABEL
from voisoadmin.phones.writing import Writing, WritingReader, reader_of

COLUMNS = tuple(spec.name for spec in FIELDS)
MAPPING = {name: from_column(at, By.NAME) for at, name in enumerate(COLUMNS)}
PHONE_AT = COLUMNS.index(PHONE)
FIELD_TWICE, WRONG_TYPE = "field_twice", "wrong_type"


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class JudgedLead(NamedTuple):
    outcome: Outcome
    code: str = ""  # why it isn't accepted
    row: PackedRow | None = None  # of an accepted one
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    leads: list[JudgedLead]
    ignored: list[str]  # names that mean nothing here
    flagged: list[str] = field(default_factory=list)  # numbers that must not be called

    @property
    def numbers(self) -> list[str]:
        """Of the leads that are ready, each once."""
        return [lead.row.number for lead in self.leads if lead.row is not None]

    def without(self, taken: Mapping[str, str]) -> "Judgement":
        """The same, where ready leads with these numbers aren't accepted, for the reason given with each."""
        leads = [
            _not_accepted(taken[lead.row.number]) if lead.row is not None and lead.row.number in taken else lead
            for lead in self.leads
        ]
        return Judgement(leads, self.ignored, self.flagged)

    def counts(self) -> Counter[str]:
        return Counter(lead.outcome.value for lead in self.leads)

    def reasons(self) -> Counter[str]:
        return Counter(lead.code for lead in self.leads if lead.outcome == Outcome.REFUSED)


def _not_accepted(code: str) -> JudgedLead:
    return JudgedLead(Outcome.REFUSED if code == FLAGGED else Outcome.DUPLICATE, code)


def judge(leads: Sequence[Mapping[str, Any]], *, writing: Writing, region: str, lowest_priority: int) -> Judgement:
    """What becomes of each lead, as far as it depends on these leads only."""
    reader = reader_of(writing, region)
    apart = [fields_of(lead) for lead in leads]
    rows = [(at, [_text(lead.values.get(name)) for name in COLUMNS]) for at, lead in enumerate(apart)]
    flags = _flags_of(apart, rows, reader)
    checker = Checker(MAPPING, reader, lowest_priority=lowest_priority, flags=flags)
    judged = []
    for lead, row in zip(apart, rows, strict=True):
        why_not = _why_unreadable(lead)
        if why_not:
            judged.append(JudgedLead(Outcome.REFUSED, why_not))
            continue
        checked = checker.preview([row])[0]
        judged.append(_lead_of(checked.outcome, checked.warnings, lead, reader))
    return Judgement(judged, ignored_names(apart), sorted(map(str, flags.blocked)))


def _text(value: Value | Unusable) -> str:
    """As a cell of a file would have it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or isinstance(value, Unusable) else repr(value)


def _why_unreadable(lead: LeadFields) -> str:
    if lead.twice:
        return FIELD_TWICE
    phone = lead.values.get(PHONE)
    if isinstance(phone, bool | float | Unusable):
        return WRONG_TYPE
    if lead.values.get(ACTIVE) is UNUSABLE:
        return ACTIVE_UNCLEAR
    return ""


def _flags_of(leads: Sequence[LeadFields], rows: Sequence[tuple[int, list[str]]], reader: WritingReader) -> Flags:
    """What these leads say about who must not be called. It belongs to the number, so it holds for all of them."""
    flags = Flags([])
    for lead, (_, cells) in zip(leads, rows, strict=True):
        said = {"" if value is UNUSABLE else meaning_of(column, _text(value)) for column, value in lead.flags}
        if not said - {CALL}:
            continue
        number = read_whole(reader, cells[PHONE_AT], "").number
        if not number:
            continue
        if LEAVE_OUT in said:
            flags.blocked.add(int(number))
        else:
            flags.unread.setdefault(int(number), FLAG_WORD)
    return flags


def _lead_of(verdict: Verdict, warnings: tuple[str, ...], lead: LeadFields, reader: WritingReader) -> JudgedLead:
    match verdict:
        case PackedRow():
            verdict.fields.setdefault(ACTIVE, True)
            unusable = tuple(WRONG_TYPE for name, value in lead.values.items() if value is UNUSABLE)
            return JudgedLead(Outcome.ACCEPTED, "", verdict, warnings + unusable[:1])
        case Duplicate():
            return JudgedLead(Outcome.DUPLICATE, SAME_NUMBER)
        case LeftOut():
            return JudgedLead(Outcome.REFUSED, verdict.code)
        case Invalid():
            return JudgedLead(Outcome.REFUSED, _code_of(verdict, reader))


def _code_of(verdict: Invalid, reader: WritingReader) -> str:
    first = verdict.problems[0]
    if first.code != UNANSWERED:
        return first.code
    if first.field == ACTIVE:
        return ACTIVE_UNCLEAR
    is_labelled = reader.read(verdict.cells[PHONE_AT]).code == UNKNOWN_LABEL
    return UNKNOWN_LABEL if is_labelled else FLAG_WORD
