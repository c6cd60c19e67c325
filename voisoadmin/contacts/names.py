"""A contact's name where it is in several columns: which they are, and in which order they are joined."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from voisoadmin.contacts.mapped import By, Join, Mapped, cell_reader, from_column
from voisoadmin.contacts.name_words import (
    BARE,
    FAMILY,
    FAMILY_AND_MIDDLE,
    FAMILY_FIRST,
    FAMILY_OR_MIDDLE,
    GIVEN,
    INITIALS,
    MIDDLE,
    MIDDLE_BEFORE_GIVEN,
    PHONETIC,
    QUALIFIERS,
    SECOND_FAMILY,
)
from voisoadmin.contacts.phone_columns import is_of_others
from voisoadmin.contacts.questions import NAME_ORDER, OFFERS, SENTENCES, Answer, Note, Question, answer_to
from voisoadmin.contacts.synonyms import plain

SAMPLES = 3
SHOWN = 40  # characters of a sample
WHOLE_SHARE = 0.5  # of the rows whose parts are in a column from which it holds whole names
LETTERS_SHARE = 0.5


class Part(StrEnum):
    GIVEN = "given"
    MIDDLE = "middle"
    FAMILY = "family"
    SECOND_FAMILY = "second family"
    INITIALS = "initials"
    FAMILY_OR_MIDDLE = "family or middle"
    BARE = "bare"


class Order(StrEnum):
    """How the parts are joined; the values are answers of a person."""

    GIVEN_FIRST = "given_first"
    FAMILY_FIRST = "family_first"


_PARTS: tuple[tuple[frozenset[str], Part], ...] = (
    (SECOND_FAMILY, Part.SECOND_FAMILY),
    (FAMILY | FAMILY_AND_MIDDLE, Part.FAMILY),
    (MIDDLE, Part.MIDDLE),
    (FAMILY_OR_MIDDLE, Part.FAMILY_OR_MIDDLE),
    (GIVEN, Part.GIVEN),
    (INITIALS, Part.INITIALS),
)


class JoinedName(NamedTuple):
    """The columns of the parts, in the order that their language writes them, and in the other one."""

    columns: tuple[int, ...]
    turned: tuple[int, ...]
    order: Order  # of `columns`

    def in_order(self, order: str) -> tuple[int, ...]:
        return self.columns if order in {"", self.order} else self.turned


class Recognised(NamedTuple):
    part: Part
    words: str  # the name of the part, in plain form
    is_exact: bool  # the column is called nothing else


def part_of(name: str) -> Recognised | None:
    """Which part of the contact's name a column holds, by its own name."""
    words = plain(name).removesuffix(" 1")
    if is_of_others(name) or any(stem in words.replace(" ", "") for stem in PHONETIC):
        return None
    with_name = " ".join(word for word in words.split() if word == "name" or word not in QUALIFIERS)
    alone = " ".join(word for word in words.split() if word not in QUALIFIERS)
    for known in (words, with_name, alone):
        part = _named(known)
        if part:
            return Recognised(part, known, known == words)
    twice = _in_two_languages(words)
    if twice:
        return Recognised(*twice, is_exact=False)
    return Recognised(Part.BARE, words, True) if words in BARE else None


def _named(words: str) -> Part | None:
    return next((part for names, part in _PARTS if words in names), None)


def _in_two_languages(words: str) -> tuple[Part, str] | None:
    """“First name / Vorname”: the same part twice."""
    apart = words.split()
    for at in range(1, len(apart)):
        first, second = " ".join(apart[:at]), " ".join(apart[at:])
        part = _named(first)
        if part and (part == _named(second) or second in BARE):
            return part, first
    return None


def find_name(
    columns: Sequence[str], sample: Sequence[Sequence[str]], free: Iterable[int], whole_names: Sequence[int]
) -> JoinedName | Mapped | None:
    """The columns to join; one column if it has the whole name; None if the parts aren't in several columns.

    `whole_names`: columns whose names say that they hold the contact's name.
    """
    known = {at: part for at in free if (part := part_of(columns[at])) and _has_letters(_cells(sample, at))}
    parts = _assigned(known)
    if len(parts) < 2 or not {Part.GIVEN, Part.FAMILY} & set(parts):
        return None
    bare = [at for at, one in known.items() if one.part is Part.BARE]
    for at in dict.fromkeys([*bare, *whole_names]):
        others = [parts[part] for part in (Part.GIVEN, Part.FAMILY) if part in parts and parts[part] != at]
        if (at not in known or at in bare) and others and _holds_all(sample, at, others):
            return from_column(at, By.NAME)
    return _in_order(parts, known)


def _assigned(known: Mapping[int, Recognised]) -> dict[Part, int]:
    """One column for each part: “First name” before “Billing first name”."""
    parts: dict[Part, int] = {}
    for at, one in sorted(known.items(), key=lambda item: (not item[1].is_exact, item[0])):
        parts.setdefault(one.part, at)
    either, bare, initials = (parts.pop(part, None) for part in (Part.FAMILY_OR_MIDDLE, Part.BARE, Part.INITIALS))
    if either is not None:
        parts.setdefault(Part.MIDDLE if Part.FAMILY in parts else Part.FAMILY, either)
    if Part.SECOND_FAMILY in parts and Part.FAMILY not in parts:
        parts[Part.FAMILY] = parts.pop(Part.SECOND_FAMILY)
    if bare is not None and (Part.FAMILY in parts) != (Part.GIVEN in parts):
        parts[Part.GIVEN if Part.FAMILY in parts else Part.FAMILY] = bare
    if initials is not None and Part.GIVEN not in parts:
        parts[Part.GIVEN] = initials
    return parts


def _in_order(parts: Mapping[Part, int], known: Mapping[int, Recognised]) -> JoinedName:
    def joined(*order: Part) -> tuple[int, ...]:
        return tuple(parts[part] for part in order if part in parts)

    words = {part: known[at].words for part, at in parts.items()}
    given_first = joined(Part.GIVEN, Part.MIDDLE, Part.FAMILY, Part.SECOND_FAMILY)
    if MIDDLE_BEFORE_GIVEN & {words.get(Part.FAMILY), words.get(Part.MIDDLE)}:
        family_first = joined(Part.FAMILY, Part.SECOND_FAMILY, Part.MIDDLE, Part.GIVEN)
    else:
        family_first = joined(Part.FAMILY, Part.SECOND_FAMILY, Part.GIVEN, Part.MIDDLE)
    if words.get(Part.FAMILY) in FAMILY_FIRST:
        return JoinedName(family_first, given_first, Order.FAMILY_FIRST)
    return JoinedName(given_first, family_first, Order.GIVEN_FIRST)


def _cells(sample: Sequence[Sequence[str]], at: int) -> list[str]:
    return [text for cells in sample if at < len(cells) and (text := cells[at].strip())]


def _has_letters(cells: Sequence[str]) -> bool:
    """Whether a column may hold parts of names; a blank one may."""
    return sum(any(map(str.isalpha, text)) for text in cells) >= LETTERS_SHARE * len(cells)


def _holds_all(sample: Sequence[Sequence[str]], whole: int, parts: Sequence[int]) -> bool:
    """Whether a column has the other parts in it as well."""
    last = max(whole, *parts)
    rows = [cells for cells in sample if last < len(cells) and any(cells[at].strip() for at in parts)]
    holding = sum(
        bool(text := cells[whole].casefold()) and all(cells[at].strip().casefold() in text for at in parts) for cells in rows
    )
    return bool(rows) and holding >= WHOLE_SHARE * len(rows)


def joined_by(name: JoinedName, answers: Mapping[str, str]) -> Mapped:
    """As a person wants it, or as its language has it. Raises UnknownAnswer."""
    order = answer_to(NAME_ORDER, OFFERS[NAME_ORDER], answers)
    return _mapped(name, order, By.CHOICE if order else By.NAME)


def _mapped(name: JoinedName, order: str, by: By) -> Mapped:
    return Mapped(name.in_order(order), by, Join(order or name.order))


def note_on_name(mapped: Mapped, columns: Sequence[str], sample: Sequence[Sequence[str]]) -> Note:
    return Note("joined_names", None, f"Names are joined from {_listed(mapped, columns)}{_shown(mapped, sample)}.")


def offer_to_turn(name: JoinedName, mapped: Mapped, columns: Sequence[str], sample: Sequence[Sequence[str]]) -> Question:
    """How the names are joined, and what they would be in the other order."""
    turned = Order.GIVEN_FIRST if name.order is Order.FAMILY_FIRST else Order.FAMILY_FIRST
    chosen = name.order if mapped.columns == name.columns else turned
    answers = tuple(
        Answer(order, OFFERS[NAME_ORDER][order] + _shown(_mapped(name, order, By.NAME), sample), None) for order in Order
    )
    names = " + ".join(columns[at] for at in mapped.columns)
    sentence = SENTENCES[NAME_ORDER].format(columns=_listed(mapped, columns))
    return Question(NAME_ORDER, names, 0, sentence, answers, chosen, is_offer=True)


def _listed(mapped: Mapped, columns: Sequence[str]) -> str:
    *names, last = (f"“{columns[at]}”" for at in mapped.columns)
    return f"{', '.join(names)} and {last}"


def _shown(mapped: Mapped, sample: Sequence[Sequence[str]]) -> str:
    shown = samples_of(mapped, sample)
    return f": {', '.join(shown)}" if shown else ""


def samples_of(mapped: Mapped, sample: Sequence[Sequence[str]]) -> list[str]:
    """Three names of rows with more than one part, as they are sent."""
    name_of = cell_reader(mapped)
    full = [
        cells for cells in map(list, sample) if sum(at < len(cells) and bool(cells[at].strip()) for at in mapped.columns) > 1
    ]
    return [" ".join(name_of(cells).split())[:SHOWN] for cells in full[:SAMPLES]]
