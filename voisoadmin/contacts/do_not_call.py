"""Columns that say who must not be called: which they are, and what their cells mean.

A flag belongs to the number: if any row of a file says so, no row with that number is sent. So the whole file is read for
flags before its rows are judged. A word that can't be read is asked about; until then its numbers stay out as well.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from voisoadmin.contacts.cleaning import UNSURE, YES_OR_NO
from voisoadmin.contacts.country_column import CountryColumn
from voisoadmin.contacts.do_not_call_words import NOT_FILLED, SAYS_CALL, SAYS_NO_CALLS
from voisoadmin.contacts.flag_columns import FlagColumn, is_blocking, is_remark_against_calls
from voisoadmin.contacts.labels import read_whole
from voisoadmin.contacts.mapped import Mapped, cell_reader
from voisoadmin.contacts.questions import (
    ANSWERS,
    FLAG_WORD,
    LEAVE_OUT,
    LONGEST_WORD,
    MOST_WORDS,
    OTHERS,
    Note,
    answer_to,
    asked_about,
)
from voisoadmin.contacts.repairs import NO_REPAIRS, Repairs
from voisoadmin.contacts.shifted import Layout
from voisoadmin.contacts.synonyms import plain
from voisoadmin.phones import Reader
from voisoadmin.sheets import Table

Row = tuple[int, list[str]]

CALL = "call"
BLANK = "(blank)"  # what a question is about, where it isn't a word
NOTHING = CALL, ""  # the meaning of a cell that forbids nothing


@dataclass(slots=True)
class Flags:
    """What the flags of a file say about its numbers."""

    columns: list[FlagColumn]
    other_channels: list[str] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)  # numbers that must not be called
    unread: dict[int, str] = field(default_factory=dict)  # numbers with a word that must be asked about, to its question
    words: dict[str, tuple[str, str]] = field(default_factory=dict)  # question -> column, word
    chosen: dict[str, str] = field(default_factory=dict)  # question -> answer, if there is one
    filled: set[int] = field(default_factory=set)  # columns with any word
    counts: Counter[str] = field(default_factory=Counter)  # question -> rows

    @property
    def saying(self) -> list[FlagColumn]:
        """The columns that say who must not be called: of those for remarks only the ones in which a cell does."""
        return [column for column in self.columns if not column.remarks or column.column in self.filled]

    def notes(self) -> list[Note]:
        notes = []
        if self.saying:
            names = " and ".join(f"“{column.name}”" for column in self.saying)
            sentence = f"{names} says who must not be called: {len(self.blocked):,} numbers are left out."
            notes.append(Note("do_not_call_column", len(self.blocked), sentence))
        if self.other_channels:
            names = " and ".join(f"“{name}”" for name in self.other_channels)
            notes.append(Note("other_channels", None, f"{names} is not about calls, so it isn't used."))
        return notes


def read_flags(
    flags: Flags,
    chunks: Iterable[Sequence[Row]],
    phone: Mapped,
    reader: Reader,
    answers: Mapping[str, str],
    country: CountryColumn | None = None,
    layout: Layout | None = None,
    repairs: Repairs = NO_REPAIRS,
) -> None:
    """Collect the flags of all rows. `reader` reads their numbers as those of the check. Raises UnknownAnswer."""
    meanings: list[dict[str, tuple[str, str]]] = [{} for _ in flags.columns]
    phone_of = cell_reader(phone)
    for read in chunks:
        rows = [(number, layout.straight(cells) or cells) for number, cells in read] if layout else read
        reader.learn([phone_of(cells) for _, cells in rows if country is None or not country.region_of(cells)])
        if repairs.edits:
            changed = [(number, repairs.cells_of(number, cells)) for number, cells in read]
            rows = [(number, layout.straight(cells) or cells) for number, cells in changed] if layout else changed
        for _, cells in rows:
            for column, known in zip(flags.columns, meanings, strict=True):
                text = cells[column.column] if column.column < len(cells) else ""
                if column.remarks and not is_remark_against_calls(text):
                    continue
                if text:
                    flags.filled.add(column.column)
                meaning = known.get(text)
                if meaning is None:
                    meaning = known[text] = _meaning(column, text, answers, flags)
                if meaning != NOTHING:
                    _set(flags, *meaning, number_of_row(reader, phone_of(cells), country, cells, repairs))
    for column in flags.columns:
        _forget_blank(flags, column)


def number_of_row(reader: Reader, text: str, country: CountryColumn | None, cells: Sequence[str], repairs: Repairs) -> str:
    """The number of a row, whatever a label beside it says; with a person's repairs."""
    region = country.region_of(cells) if country else ""
    return repairs.number((text, region) if region else text, read_whole(reader, text, region), reader).number


def says_anything(columns: Sequence[FlagColumn], texts: Sequence[str], answers: Mapping[str, str]) -> bool:
    """Whether these cells of one row say, or may say, that its number must not be called."""
    return any(_meaning(column, text, answers, Flags([])) != NOTHING for column, text in zip(columns, texts, strict=True))


def meaning_of(column: FlagColumn, text: str) -> str:
    """What one cell says about its number: LEAVE_OUT, CALL, or "" where only a person can say it."""
    return _meaning(column, text, {}, Flags([]))[0]


def _set(flags: Flags, verdict: str, question: str, number: str) -> None:
    flags.counts[question] += 1
    if number and verdict == LEAVE_OUT:
        flags.blocked.add(int(number))
    elif number and not verdict:
        flags.unread.setdefault(int(number), question)


def _meaning(column: FlagColumn, text: str, answers: Mapping[str, str], flags: Flags) -> tuple[str, str]:
    """LEAVE_OUT, CALL or "" for an open question; and the code of the question, if one is asked about this cell."""
    if column.remarks:
        return (LEAVE_OUT, "") if is_remark_against_calls(text) else NOTHING
    mark = text.strip().casefold()
    word = plain(text) if mark not in UNSURE else mark
    says_yes = YES_OR_NO.get(mark)
    if says_yes is not None and says_yes == column.blocks:
        return LEAVE_OUT, ""
    if says_yes is not None and mark not in UNSURE:
        return NOTHING
    if word in NOT_FILLED:
        if column.blocks:
            return NOTHING
        word = text = BLANK
    elif word in SAYS_NO_CALLS or (column.blocks and is_blocking(word)):
        return LEAVE_OUT, ""
    elif word in SAYS_CALL:
        return NOTHING
    elif column.describes:
        return LEAVE_OUT, ""
    elif sum(name == column.name for name, _ in flags.words.values()) >= MOST_WORDS:
        word = text = OTHERS
    code = asked_about(FLAG_WORD, word)
    flags.words[code] = (column.name, text.strip()[:LONGEST_WORD])
    flags.chosen[code] = answer_to(code, ANSWERS[FLAG_WORD], answers)
    return flags.chosen[code], code


def _forget_blank(flags: Flags, column: FlagColumn) -> None:
    """A column without any word says nothing, so its blanks need no answer."""
    blank = asked_about(FLAG_WORD, BLANK)
    if flags.words.get(blank, ("",))[0] == column.name and column.column not in flags.filled:
        del flags.words[blank]
        flags.unread = {number: question for number, question in flags.unread.items() if question != blank}


def flags_of(
    columns: Sequence[FlagColumn],
    other_channels: Sequence[str],
    *,
    phone: Mapped,
    like: Reader,
    answers: Mapping[str, str],
    open_again: Callable[[], AbstractContextManager[Table]],
    country: CountryColumn | None = None,
    layout: Layout | None = None,
    repairs: Repairs = NO_REPAIRS,
) -> Flags:
    """The flags of a file, read through once if it has such columns. `like`: the reader of the check."""
    flags = Flags(list(columns), list(other_channels))
    if columns:
        reader = like.twin()
        with open_again() as table:
            read_flags(flags, table.chunks(), phone, reader, answers, country, layout, repairs)
    return flags
