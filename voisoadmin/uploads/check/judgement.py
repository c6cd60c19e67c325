"""What a check made of the columns: stored with the upload, so that one edited row is judged as the whole file was."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from voisoadmin.contacts.checker import NO_FLAGS, NO_MARKS, Checker
from voisoadmin.contacts.country_column import CountryColumn
from voisoadmin.contacts.do_not_call import Flags
from voisoadmin.contacts.flag_columns import FlagColumn
from voisoadmin.contacts.mapped import Mappings, in_words
from voisoadmin.contacts.mapping import ColumnMapping
from voisoadmin.contacts.number_types import TypeColumn, Types
from voisoadmin.contacts.questions import SHIFTED, Question
from voisoadmin.contacts.repaired_checker import RepairedChecker
from voisoadmin.contacts.repairs import Repairs, RowEdit, Rule
from voisoadmin.contacts.shifted import Layout
from voisoadmin.phones import Reader
from voisoadmin.phones.writing import Writing, reader_of
from voisoadmin.sheets import RowMarks
from voisoadmin.uploads.models import Edit, Upload


def checker_of(
    upload: Upload,
    fields: Mappings,
    reader: Reader,
    *,
    flags: Flags,
    names: Sequence[str],
    country: CountryColumn | None,
    layout: Layout | None,
    types: Types,
    repairs: Repairs,
    other_phones: Sequence[int] = (),
    offers: Sequence[Question] = (),
    marks: RowMarks = NO_MARKS,
) -> Checker:
    """The checker for the rows of this upload, whether all of them or one."""
    how: dict[str, Any] = {
        "lowest_priority": upload.lowest_priority,
        "flags": flags,
        "answers": upload.answers,
        "names": names,
        "country": country,
        "layout": layout,
        "types": types,
        "other_phones": other_phones,
        "offers": offers,
        "marks": marks,
    }
    return RepairedChecker(fields, reader, repairs=repairs, **how) if repairs else Checker(fields, reader, **how)


def stored(reader: Reader, mapping: ColumnMapping, layout: Layout | None) -> dict[str, Any]:
    return {
        "reader": reader.to_json(),
        "country": list(mapping.country) if mapping.country else None,
        "flags": [list(flag) for flag in mapping.flags],
        "layout": layout.to_json() if layout else None,
        "types": [[phone, *said] for phone, said in sorted(mapping.types.items())],
    }


class StoredJudgement:
    """Judges rows as the last check of the upload did."""

    def __init__(self, upload: Upload) -> None:
        found = upload.judgement
        self.upload = upload
        self.fields = upload.mapped
        self.columns: list[str] = upload.facts["columns"]
        self.sheet = str(upload.facts.get("sheet") or "")
        # A source's way of writing numbers isn't a person's, who can write the country code.
        self.reader = Reader.from_json(found["reader"]) if upload.intake_id is None else reader_of(Writing.REFUSE, "")
        self.country = CountryColumn(*found["country"]) if found["country"] else None
        self.flag_columns = [FlagColumn(*flag) for flag in found["flags"]]
        self.rules = rules_of(upload, self.sheet, self.fields, self.columns)

    @cached_property
    def layout(self) -> Layout | None:
        found = self.upload.judgement["layout"]
        return Layout.from_json(found, self.upload.answers.get(SHIFTED, "")) if found else None

    def checker(self, repairs: Repairs, flags: Flags = NO_FLAGS) -> Checker:
        """A checker that has seen no row yet."""
        return checker_of(
            self.upload,
            self.fields,
            self.reader.twin(),
            flags=flags,
            names=self.columns,
            country=self.country,
            layout=self.layout,
            types={phone: TypeColumn(*said) for phone, *said in self.upload.judgement.get("types", ())},
            repairs=repairs,
        )


def repairs_of(upload: Upload, sheet: str, fields: Mappings, columns: Sequence[str]) -> Repairs:
    """The edits and fixes that concern this table."""
    edits = Edit.objects.filter(upload=upload, sheet=sheet).order_by("row")
    return Repairs(edits_by_row(list(edits)), rules_of(upload, sheet, fields, columns))


def edits_by_row(edits: Sequence[Edit]) -> dict[int, RowEdit]:
    found: dict[int, RowEdit] = {}
    for edit in edits:
        own = found.get(edit.row) or RowEdit(edit.cells_hash, {})
        cells = own.cells if edit.column is None else {**own.cells, edit.column: edit.new}
        # Edits of two different rows with this number can't both fit.
        same = edit.cells_hash if own.cells_hash == edit.cells_hash else ""
        found[edit.row] = RowEdit(same, cells, own.is_left_out or edit.column is None)
    return found


def rules_of(upload: Upload, sheet: str, fields: Mappings, columns: Sequence[str]) -> list[Rule]:
    """The fixes in force, as far as their column is still the field's."""
    return [
        Rule(fix.kind, fix.reason, fix.field, fix.parameters)
        for fix in upload.fixes.filter(undone_at=None, sheet=sheet).order_by("pk")
        if fix.field in fields and in_words(fields[fix.field], columns) == fix.column
    ]
