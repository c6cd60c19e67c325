"""A field's value comes from one column, from several that are joined, or from a constant."""

import pytest

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.column_choices import UnknownColumn
from voisoadmin.contacts.fields import NAME, PHONE
from voisoadmin.contacts.mapped import By, Join, Mapped, from_column, from_json, to_json
from voisoadmin.contacts.mapping import map_columns
from voisoadmin.phones import Reader

COLUMNS = ["Phone", "First", "Last", "Mobile"]
ROWS = [["+44 7415 550012", " Zoë ", "Müller", ""], ["", "Bo", "", "+44 7415 550013"]]


def checked(**fields):
    mapped = {PHONE: from_column(0, By.NAME), **fields}
    return Checker(mapped, Reader("GB")).check(list(enumerate(ROWS, start=2)))


def test_the_cells_of_several_columns_are_joined_in_the_chosen_order():
    full, part = checked(phone=Mapped((0, 3), By.CHOICE, Join.FIRST), name=Mapped((2, 1), By.CHOICE))

    assert (full.fields, part.fields) == ({NAME: "Müller Zoë"}, {NAME: "Bo"})


def test_the_first_filled_cell_of_several_columns_is_taken():
    first, second = checked(phone=Mapped((0, 3), By.CHOICE, Join.FIRST))

    assert (first.number, second.number) == ("447415550012", "447415550013")


def test_a_constant_is_the_value_of_rows_whose_cells_are_blank():
    first, second = checked(
        phone=Mapped((0, 3), By.CHOICE, Join.FIRST),
        source=Mapped((), By.CHOICE, constant="Fair"),
        name=Mapped((2,), By.CHOICE, constant="Customer"),
        priority=Mapped((), By.CHOICE, constant="5"),
        active=Mapped((), By.CHOICE, constant="no"),
    )

    assert first.fields == {"source": "Fair", "name": "Müller", "priority": 5, "active": False}
    assert second.fields == {"source": "Fair", "name": "Customer", "priority": 5, "active": False}


def test_a_person_chooses_columns_to_join_and_constants():
    chosen = {"name": {"columns": ["First", 2], "join": "spaced"}, "source": {"constant": "Fair"}, "url": {"columns": []}}

    fields = map_columns(COLUMNS, ROWS, chosen=chosen).fields

    assert fields["name"] == Mapped((1, 2), By.CHOICE)
    assert fields["source"] == Mapped((), By.CHOICE, constant="Fair")
    assert "url" not in fields


def test_a_joined_column_is_used_once():
    with pytest.raises(UnknownColumn, match="“First” can't be both name and source"):
        map_columns(COLUMNS, ROWS, chosen={"name": {"columns": [1, 2]}, "source": 1})


def test_a_stored_mapping_comes_back_and_those_of_the_first_release_are_read():
    fields = {"phone": from_column(0, By.NAME), "name": Mapped((2, 1), By.CHOICE, Join.FIRST, "Customer")}

    assert from_json(to_json(fields)) == fields
    assert from_json({"phone": {"column": 0, "by": "name"}}) == {"phone": from_column(0, By.NAME)}
