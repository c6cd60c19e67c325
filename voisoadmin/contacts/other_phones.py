"""Another phone of the contact where the one that is called is blank: offered with its count, used with one click."""

from collections.abc import Collection, Sequence

from voisoadmin.contacts.cleaning import is_filled
from voisoadmin.contacts.column_contents import Content
from voisoadmin.contacts.country_column import CountryColumn
from voisoadmin.contacts.mapped import By, Join, Mapped, cell_reader
from voisoadmin.contacts.phone_columns import PHONES_SHARE, Kind, is_named_phone, kind_of
from voisoadmin.contacts.questions import OFFERS, PHONE_FALLBACK, SENTENCES, Answer, Question, in_rows
from voisoadmin.phones import PhoneCell, Reader

ONLY_ONE, AS_WELL = OFFERS[PHONE_FALLBACK]
NAMED = 2
THEIRS = {Kind.MOBILE: 0, Kind.USUAL: 1}


def find_other_phones(
    columns: Sequence[str], phone: Mapped, contents: Sequence[Content], taken: Collection[int]
) -> tuple[int, ...]:
    """The contact's own other phones: mobiles first, else in the order of the file."""
    if phone.only is None:
        return ()
    kinds = {at: kind_of(columns[at]) for at in range(len(columns)) if at not in taken and is_named_phone(columns[at])}
    own = [at for at, kind in kinds.items() if kind in THEIRS and contents[at].phones >= PHONES_SHARE]
    return tuple(sorted(own, key=lambda at: (THEIRS[kinds[at]], at)))


def with_other_phones(phone: Mapped, others: tuple[int, ...]) -> Mapped:
    return Mapped((*phone.columns, *others), By.CHOICE, Join.FIRST)


class OtherPhones:
    """Counts the rows without the phone that have another one, and what calling it would make ready."""

    def __init__(self, phone: Mapped, columns: Sequence[int], names: Sequence[str], country: CountryColumn | None) -> None:
        self._first = phone.columns[0]
        self._as_well = len(phone.columns) > 1
        self._other_of = cell_reader(Mapped(tuple(columns), By.NAME, Join.FIRST))
        self._first_name = names[self._first]
        others = [f"“{names[at]}”" for at in columns]
        rest = len(others) - NAMED
        self._others = " or ".join(others[:NAMED]) + (f" or {rest} more" if rest > 0 else "")
        self._column_names = " + ".join(names[at] for at in (self._first, *columns))
        self._country = country
        self._rows = 0
        self._cells: set[PhoneCell] = set()

    def note_called(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Count the rows whose other phone is called."""
        if self._as_well:
            self._rows += sum(not self._has_first(cells) and bool(self._other_of(cells)) for _, cells in rows)

    def note_missing(self, cells: list[str]) -> None:
        """A row without a number in the column that is called."""
        other = "" if self._as_well else self._other_of(cells)
        if other:
            self._rows += 1
            region = self._country.region_of(cells) if self._country else ""
            self._cells.add((other, region) if region else other)

    def offer(self, reader: Reader, ready: Collection[int]) -> list[Question]:
        """After the last row. `reader`: of the check; `ready`: the numbers that are sent anyway."""
        if not self._rows:
            return []
        read = reader.twin().read_cell
        more = {int(number) for cell in self._cells if (number := read(cell).number)}
        now = len(ready)
        counts = {ONLY_ONE: None, AS_WELL: now}
        if not self._as_well:
            counts = {ONLY_ONE: now, AS_WELL: now + sum(number not in ready for number in more)}
        answers = tuple(Answer(value, label, counts[value]) for value, label in OFFERS[PHONE_FALLBACK].items())
        sentence = SENTENCES[PHONE_FALLBACK].format(**in_rows(self._rows), column=self._first_name, others=self._others)
        chosen = AS_WELL if self._as_well else ONLY_ONE
        return [Question(PHONE_FALLBACK, self._column_names, self._rows, sentence, answers, chosen, is_offer=True)]

    def _has_first(self, cells: Sequence[str]) -> bool:
        return self._first < len(cells) and is_filled(cells[self._first].strip())
