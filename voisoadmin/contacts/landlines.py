"""The landline where a contact has no mobile: offered with its count, used with one click."""

from collections.abc import Collection, Sequence

from voisoadmin.contacts.cleaning import is_filled
from voisoadmin.contacts.column_contents import Content
from voisoadmin.contacts.country_column import CountryColumn
from voisoadmin.contacts.mapped import By, Join, Mapped, cell_reader
from voisoadmin.contacts.phone_columns import PHONES_SHARE, Kind, is_named_phone, kind_of
from voisoadmin.contacts.questions import LANDLINE, OFFERS, SENTENCES, Answer, Question, in_rows
from voisoadmin.phones import PhoneCell, Reader

ONLY_MOBILES, AS_WELL = OFFERS[LANDLINE]
NAMED = 2


def find_landlines(
    columns: Sequence[str], phone: Mapped, contents: Sequence[Content], taken: Collection[int]
) -> tuple[int, ...]:
    """The contact's own other phones, in the order of the file, beside a column of mobiles."""
    mobile = phone.only
    if mobile is None or kind_of(columns[mobile]) is not Kind.MOBILE:
        return ()
    return tuple(
        at
        for at in range(len(columns))
        if at not in taken
        and is_named_phone(columns[at])
        and kind_of(columns[at]) is Kind.USUAL
        and contents[at].phones >= PHONES_SHARE
    )


def with_landlines(phone: Mapped, landlines: tuple[int, ...]) -> Mapped:
    return Mapped((*phone.columns, *landlines), By.CHOICE, Join.FIRST)


class Landlines:
    """Counts the rows without a mobile that have a landline, and what calling it would make ready."""

    def __init__(self, phone: Mapped, columns: Sequence[int], names: Sequence[str], country: CountryColumn | None) -> None:
        self._mobile = phone.columns[0]
        self._as_well = len(phone.columns) > 1
        self._landline_of = cell_reader(Mapped(tuple(columns), By.NAME, Join.FIRST))
        self._mobile_name = names[self._mobile]
        others = [f"“{names[at]}”" for at in columns]
        rest = len(others) - NAMED
        self._others = " or ".join(others[:NAMED]) + (f" or {rest} more" if rest > 0 else "")
        self._column_names = " + ".join(names[at] for at in (self._mobile, *columns))
        self._country = country
        self._rows = 0
        self._cells: set[PhoneCell] = set()

    def note_called(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Count the rows whose landline is called."""
        if self._as_well:
            self._rows += sum(not self._has_mobile(cells) and bool(self._landline_of(cells)) for _, cells in rows)

    def note_missing(self, cells: list[str]) -> None:
        """A row without a number in the column that is called."""
        landline = "" if self._as_well else self._landline_of(cells)
        if landline:
            self._rows += 1
            region = self._country.region_of(cells) if self._country else ""
            self._cells.add((landline, region) if region else landline)

    def offer(self, reader: Reader, ready: Collection[int]) -> list[Question]:
        """After the last row. `reader`: of the check; `ready`: the numbers that are sent anyway."""
        if not self._rows:
            return []
        read = reader.twin().read_cell
        more = {int(number) for cell in self._cells if (number := read(cell).number)}
        now = len(ready)
        counts = {ONLY_MOBILES: None, AS_WELL: now}
        if not self._as_well:
            counts = {ONLY_MOBILES: now, AS_WELL: now + sum(number not in ready for number in more)}
        answers = tuple(Answer(value, label, counts[value]) for value, label in OFFERS[LANDLINE].items())
        sentence = SENTENCES[LANDLINE].format(**in_rows(self._rows), column=self._mobile_name, others=self._others)
        chosen = AS_WELL if self._as_well else ONLY_MOBILES
        return [Question(LANDLINE, self._column_names, self._rows, sentence, answers, chosen, is_offer=True)]

    def _has_mobile(self, cells: Sequence[str]) -> bool:
        return self._mobile < len(cells) and is_filled(cells[self._mobile].strip())
