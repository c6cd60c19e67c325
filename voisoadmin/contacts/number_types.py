"""A column that says what each row's number is: “Phone 1 - Type” with “Mobile” or “Work Fax”, as address books export it."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from voisoadmin.contacts.phone_column_words import NUMBER
from voisoadmin.contacts.phone_columns import is_named_phone
from voisoadmin.contacts.synonyms import plain
from voisoadmin.phones.marks import FAX_NUMBER, is_label, problem_of_label

WORDS = """
type typ types tipo tipologia art label etikett etiqueta etichetta libelle kind soort rodzaj druh fajta тип вид tur turu
τυπος النوع نوع סוג ประเภท loai jenis telefonart telefontyp nummernart nummerntyp rufnummernart
"""
TYPE_WORDS = frozenset(WORDS.split())
TYPE_STEMS = ("类型", "類型", "種別", "種類", "종류", "유형", "구분")  # in languages that write compounds
MOSTLY = 0.5  # share of the filled cells that must be labels of numbers, where the name speaks of no number
LONGEST_LABEL = 40


class TypeColumn(NamedTuple):
    column: int
    is_of_phones: bool  # else it may say what the contact is: a “partner”


Types = Mapping[int, TypeColumn]
"""A column of phones -> the one that says what its numbers are."""
NO_TYPES: Types = {}


def types_of_numbers(columns: Sequence[str], phones: Sequence[int], sample: Sequence[Sequence[str]]) -> dict[int, TypeColumn]:
    """Of each column of phones the one that says what its numbers are, if there is one."""
    types = {at: _about(name) for at, name in enumerate(columns) if at not in phones and _is_of_types(name)}
    found = {}
    for phone in phones:
        about = _about(columns[phone])
        same = [at for at in types if types[at] and types[at] == about]
        beside = [at for at in (phone - 1, phone + 1) if at in types and not any(map(str.isdigit, types[at]))]
        known = [at for at in beside if is_named_phone(columns[at]) or _holds_labels(sample, at)]
        if same or known:
            at = (same or known)[0]
            found[phone] = TypeColumn(at, is_named_phone(columns[at]))
    return found


def problem_of_type(types: Types, phones: Sequence[int], cells: Sequence[str]) -> str:
    """Why the number that would be called must not be, if its type says so."""
    width = len(cells)
    phone = next((at for at in phones if at < width and cells[at].strip()), None)
    said = types.get(phone) if phone is not None else None
    if said is None or said.column >= width:
        return ""
    found = problem_of_label(cells[said.column][:LONGEST_LABEL])
    return found if said.is_of_phones or found == FAX_NUMBER else ""


def _is_of_types(name: str) -> bool:
    words = plain(name)
    return bool(set(words.split()) & TYPE_WORDS) or any(stem in words for stem in TYPE_STEMS)


def _about(name: str) -> frozenset[str]:
    """What the name of a column is about: “Phone 1 - Type” and “Phone 1 - Value” are about the same."""
    words = re.sub("|".join(TYPE_STEMS), " ", plain(name)).split()
    return frozenset(words) - TYPE_WORDS - NUMBER - {"value", "of"}


def _holds_labels(sample: Sequence[Sequence[str]], at: int) -> bool:
    cells = [text for row in sample if at < len(row) and (text := row[at].strip())]
    return sum(map(is_label, cells)) > MOSTLY * len(cells)
