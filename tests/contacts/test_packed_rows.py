"""Rows of a batch are stored as bytes that every later version reads: they name their columns, and their form has a number."""

import pytest

from voisoadmin.contacts.packing import PackedRow, UnknownPacking, pack, unpack

ROWS = [
    PackedRow(
        2,
        ["+44 7415 550012", "Zoë Müller", "Fair", "https://crm.example/1", "5", "yes", "note"],
        "447415550012",
        {"name": "Zoë Müller", "source": "Fair", "url": "https://crm.example/1", "priority": 5, "active": True},
    ),
    PackedRow(3, ["07415 550013"], "447415550013", {}),
    PackedRow(4, ["0", "x"], "447415550014", {"priority": 0, "active": False}),
    PackedRow(9, ["+44 7415 550012"], "447415550012", {}, first_row=2),
]
# ROWS as the first release packed them, whose columns had no names and no number of their form.
OF_THE_FIRST_RELEASE = (
    b"x^uOK\n\xc20\x10\xbdJ\xc9\xd6\xc1\xa6\xe9\x04\xd1\x03\xb8\xf3\x02\x86,\x82D\x14\xd2\x0fm\n\xf5L^\xc1]/\xe6$\x15S\x0b"
    b"B\xe6\xf3\xde\xcc\xbc\x99(%\xa0\x04\x84\xbd\x06\xa5\xd8\x061\xdba!3)9/\x04\x03vn\xa6gv\x9a^\xce\xd9\x8e\xe0\xd1\xdcC"
    b"\xb8y\xdf\xf6\x87<\xbft\xd5\xd6\x8e\xa6j\x9d\xcd\x0b\xe2%\xd9\xc3\xf6\xe4\xeb\xc6[F\x9a\x8c'\xbdr&\xa8:\xc6l\xbdM\x07"
    b"\x121\x0c|\xf7/`I\x83\x0b\x88\xbfPD\xc9\xd5\xb9\xd4\x12^\xa8|._0\xff>\x91Z$\xd4\x83s\xc0c \x11\xdf\rv\xa6\xae\xc6"
    b"\xf5sJtd\x92\x13Z\xbf\x01\x84\xf4\\\xec"
)


def test_rows_come_back_as_they_were_packed():
    assert unpack(pack(ROWS)) == ROWS
    assert unpack(memoryview(pack(ROWS[1:2]))) == ROWS[1:2]
    doubted = [ROWS[0], ROWS[1]._replace(doubted_since=7)]
    assert unpack(pack(doubted)) == doubted


def test_rows_of_the_first_release_are_read():
    assert unpack(OF_THE_FIRST_RELEASE) == ROWS
    assert unpack(memoryview(OF_THE_FIRST_RELEASE)) == ROWS


def test_a_field_that_no_row_has_takes_no_room():
    named = [row._replace(fields={"name": "Zoë"}) for row in ROWS]
    blank = [row._replace(fields={}) for row in ROWS]

    assert len(pack(blank)) < len(pack(named))
    assert unpack(pack(blank)) == blank


def test_rows_of_a_later_version_are_refused_in_words():
    with pytest.raises(UnknownPacking, match="this version can't read"):
        unpack(b"\x02" + pack(ROWS)[1:])
