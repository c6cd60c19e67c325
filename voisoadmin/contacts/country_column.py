"""A column that says the country of each row: its numbers without a country code are numbers of that country."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from voisoadmin.contacts.questions import Note
from voisoadmin.contacts.synonyms import plain
from voisoadmin.phones.country_names import country_of

RECOGNISED = 0.8  # share of the filled cells from which a column holds countries
PHONE_WORDS = "phone tel telephone mobile cell dial dialling dialing calling call telefon telefono telefone"
OTHER_WORDS = "birth origin nationality citizenship passport residence company employer ship shipping tax"
WORDS = """
country countrycode countryname land lander landcode landerkennung landeskennung landeskennzahl pays pais
paese nazione kraj zeme krajina orszag tara zara tari ulke maa landskod landekode landkode riik valsts salis
drzava zemja страна країна χωρα 国 国家 國家 국가 국가명 国名 negara ประเทศ الدولة البلد بلد מדינה ארץ iso iso2 iso3
indicatif landesvorwahl landervorwahl landnummer prefijo prefisso 国番号 国コード 国家代码 国家码 國碼 국가코드 국가번호
"""
OF_PHONES = frozenset(PHONE_WORDS.split())
OTHER_COUNTRIES = frozenset(OTHER_WORDS.split())  # not that of the phone
COUNTRY_WORDS = frozenset(WORDS.split())
PHRASES = ("phone code", "dial code", "dialling code", "dialing code", "calling code", "phone prefix", "quoc gia")


class CountryColumn(NamedTuple):
    column: int
    name: str

    def region_of(self, cells: Sequence[str]) -> str:
        """The country of a row; "" if it says none that is known."""
        return country_of(cells[self.column]) if self.column < len(cells) else ""


def note_on_country(country: CountryColumn | None, rows: int) -> list[Note]:
    """How many rows were read with the country that the file says."""
    if country is None or not rows:
        return []
    sentence = f"“{country.name}” says the country of {rows:,} row{'' if rows == 1 else 's'}. Their numbers are read with it."
    return [Note("country_column", rows, sentence)]


def find_country_column(columns: Sequence[str], sample: Sequence[Sequence[str]], taken: Iterable[int]) -> CountryColumn | None:
    """The column that says the countries of the phone numbers, by its name and by what is in it."""
    used, ranks = set(taken), {at: rank for at, name in enumerate(columns) if (rank := _rank(name))}
    for at in sorted(ranks, key=lambda at: (-ranks[at], at)):
        cells = [text for cells in sample if at < len(cells) and (text := cells[at].strip())]
        if at not in used and cells and sum(map(bool, map(country_of, cells))) >= RECOGNISED * len(cells):
            return CountryColumn(at, columns[at])
    return None


def _rank(name: str) -> int:
    """How well a column's name fits; 0 if it isn't about countries, or about other ones than that of the phone."""
    words = plain(name)
    every = set(words.split())
    if every & OTHER_COUNTRIES or not (every & COUNTRY_WORDS or any(phrase in words for phrase in PHRASES)):
        return 0
    return 3 if every & OF_PHONES else 2 if len(every) == 1 else 1
