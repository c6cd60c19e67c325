"""The phone cells of rows, once their cells are in their columns; with the country, where the row says one."""

from collections.abc import Sequence

from voisoadmin.contacts.country_column import CountryColumn
from voisoadmin.contacts.mapped import Mapped, cell_reader
from voisoadmin.contacts.other_phones import OtherPhones
from voisoadmin.contacts.shifted import Layout
from voisoadmin.contacts.verdicts import Row
from voisoadmin.phones import PhoneCell, Reader

NOT_STRAIGHT: list[str] = []
"""The cells of a row of which only a person can say where they belong."""


class PhoneCells:
    """Takes the phone cells out of rows, and lets `reader` learn from them."""

    def __init__(
        self,
        phone: Mapped,
        reader: Reader,
        *,
        country: CountryColumn | None,
        layout: Layout | None,
        other_phones: OtherPhones | None,
    ) -> None:
        self.by_country = 0  # rows whose country the file says
        self.text_of = cell_reader(phone)
        self._phone, self._reader = phone, reader
        self._country, self._layout, self._other_phones = country, layout, other_phones

    def of(self, rows: Sequence[Row]) -> Sequence[PhoneCell]:
        at, text_of, rows = self._phone.only, self.text_of, self.straight(rows)
        if at is None:
            found = [text_of(cells) for _, cells in rows]
        else:
            found = [cells[at] if at < len(cells) else "" for _, cells in rows]
        if self._other_phones is not None:
            self._other_phones.note_called(rows)
        if self._country is not None:
            return self._with_countries(rows, found, self._country)
        self._learn(found)
        return found

    def straight(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows with their cells in their columns, or NOT_STRAIGHT; the same object if there is nothing to do."""
        layout = self._layout
        if layout is None or all(layout.is_whole(cells) for _, cells in rows):
            return rows
        straight = []
        for number, cells in rows:
            whole = layout.straight(cells)
            straight.append((number, NOT_STRAIGHT if whole is None else whole))
        return straight

    def region_of(self, cells: list[str]) -> str:
        return self._country.region_of(cells) if self._country is not None else ""

    def cell_of(self, cells: list[str]) -> PhoneCell:
        """The cell of one row; the reader learns nothing from it."""
        text, region = self.text_of(cells), self.region_of(cells)
        return (text, region) if region else text

    def _with_countries(self, rows: Sequence[Row], found: Sequence[str], country: CountryColumn) -> list[PhoneCell]:
        """The cells with the countries that their rows say; the others are judged without them."""
        regions = [country.region_of(cells) for _, cells in rows]
        self.by_country += sum(map(bool, regions))
        self._learn([text for text, region in zip(found, regions, strict=True) if not region])
        return [(text, region) if region else text for text, region in zip(found, regions, strict=True)]

    def _learn(self, cells: Sequence[str]) -> None:
        self._reader.learn(cells)
        self._reader.keep_some(cells)
