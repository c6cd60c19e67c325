"""What a check asks about the file as a whole, and what it notes, once its last row is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voisoadmin.contacts.asked_words import AskedWords
from voisoadmin.contacts.bare_digits import ask_for_country, notes_on
from voisoadmin.contacts.country_column import CountryColumn, note_on_country
from voisoadmin.contacts.do_not_call import Flags
from voisoadmin.contacts.fields import ACTIVE, LABELS, PHONE
from voisoadmin.contacts.labels import Labels
from voisoadmin.contacts.mapped import Mappings
from voisoadmin.contacts.optional_fields import Unusable, offers_to_put_back, put_back
from voisoadmin.contacts.other_phones import OtherPhones
from voisoadmin.contacts.questions import (
    ACTIVE_WORD,
    ANSWERS,
    COUNTRY,
    FLAG_WORD,
    LABEL,
    LEAVE_OUT,
    SENTENCES,
    Answer,
    Note,
    Question,
    in_rows,
)
from voisoadmin.contacts.rows_aside import RowsAside
from voisoadmin.contacts.shifted import Layout
from voisoadmin.contacts.tally import Tally
from voisoadmin.contacts.verdicts import EXAMPLE_ROW
from voisoadmin.phones import DAMAGED, Reader
from voisoadmin.sheets import RowMarks

EXAMPLE_NOTE = "The example of the template is still in the file; it isn't sent."
DAMAGED_SHARE = 0.01  # share of the rows from which the file as a whole gets a note


@dataclass(frozen=True, slots=True)
class About:
    """The table whose rows are checked."""

    fields: Mappings
    names: Sequence[str]  # of its columns
    answers: Mapping[str, str]
    flags: Flags
    country: CountryColumn | None
    layout: Layout | None
    offers: Sequence[Question]
    marks: RowMarks

    def name_of(self, field: str) -> str:
        """What the file calls this field."""
        at = self.fields[field].column if field in self.fields else None
        return self.names[at] if at is not None and at < len(self.names) else LABELS[field]


class FileQuestions:
    """Holds what counts the words and rows that a person is asked about."""

    def __init__(self, about: About, other_phones: OtherPhones | None) -> None:
        self.flags = about.flags
        self.layout = about.layout
        self.other_phones = other_phones
        self.active_words = AskedWords(ACTIVE_WORD, about.answers)
        self.labels = Labels(about.answers)
        self.unusable = Unusable(about.answers)
        self.aside = RowsAside(about.marks, about.fields[PHONE], about.answers)
        self.put_back = put_back(about.answers)
        self._about = about

    def questions(self, tally: Tally, reader: Reader) -> list[Question]:
        """What a person must answer before anything is sent, what was answered, and what may be decided otherwise."""
        about, phone = self._about, self._about.name_of(PHONE)
        asked = ask_for_country(
            reader,
            tally.waiting_cells,
            column=phone,
            waiting=tally.without_country,
            ready=tally.first_rows,
            chosen=about.answers.get(COUNTRY, ""),
        )
        if self.layout is not None:
            asked += self.layout.question(tally.rows, tally.first_rows)
        asked += [
            _about_word(tally, FLAG_WORD, code, column, word, self.flags.counts[code], self.flags.chosen[code])
            for code, (column, word) in self.flags.words.items()
        ]
        active = about.name_of(ACTIVE)
        asked += [_about_word(tally, ACTIVE_WORD, one.code, active, *one[1:]) for one in self.active_words]
        asked += [_about_word(tally, LABEL, one.code, phone, *one[1:]) for one in self.labels.words]
        return [*sorted(asked, key=lambda question: -question.count), *self._offered(tally, reader)]

    def _offered(self, tally: Tally, reader: Reader) -> list[Question]:
        """What was decided without a person, and may be decided otherwise."""
        return [
            *self.aside.offers(tally.first_rows),
            *(self.other_phones.offer(reader, tally.first_rows) if self.other_phones is not None else ()),
            *(offer.counted(tally.ready) for offer in self._about.offers),
            *self.unusable.offers(tally.ready),
            *offers_to_put_back(tally.warnings, self.put_back, tally.ready),
        ]

    def notes(self, tally: Tally, reader: Reader, by_country: int) -> list[Note]:
        """`by_country`: rows whose country the file says."""
        examples = tally.reasons[EXAMPLE_ROW]
        return [
            *([Note(EXAMPLE_ROW, examples, EXAMPLE_NOTE)] if examples else []),
            *self.aside.notes(),
            *self.flags.notes(),
            *note_on_country(self._about.country, by_country),
            *notes_on(reader, tally.without_country),
            *_note_on_damage(tally),
        ]


def _about_word(tally: Tally, kind: str, code: str, column: str, word: str, count: int, chosen: str) -> Question:
    """About one word of a column. What an answer makes ready isn't counted once another one was chosen."""
    sentence = SENTENCES[kind].format(**in_rows(count), word=word, column=column)
    more = tally.more_with(code)
    answers = tuple(
        Answer(value, label, (tally.ready + (more if value != LEAVE_OUT else 0)) if chosen in {"", value} else None)
        for value, label in ANSWERS[kind].items()
    )
    return Question(code, column, count, sentence, answers, chosen)


def _note_on_damage(tally: Tally) -> list[Note]:
    damaged = sum(count for code, count in tally.reasons.items() if code in DAMAGED)
    if not tally.rows or damaged / tally.rows <= DAMAGED_SHARE:
        return []
    were = "was" if damaged == 1 else "were"
    sentence = (
        f"{damaged:,} of {tally.rows:,} phone numbers {were} damaged by a spreadsheet program. "
        "Export the file again with the phone column as text."
    )
    return [Note("damaged_numbers", damaged, sentence)]
