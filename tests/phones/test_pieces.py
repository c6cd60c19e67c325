"""What a repair takes out of a cell that isn't one number."""

import pytest

from voisoadmin.phones.pieces import numbers_in, without_extension, without_words


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("+44 7415 550001 / +44 7415 550002", ["+44 7415 550001", "+44 7415 550002"]),
        ("07415550001/07415550002", ["07415550001", "07415550002"]),
        ("07415550001; 07415550002", ["07415550001", "07415550002"]),
        ("07415550001 07415550002", ["07415550001", "07415550002"]),
        ("07415 550001 or 07415 550002", ["07415 550001", "07415 550002"]),
        ("+447415550001+447415550002", ["+447415550001", "+447415550002"]),
        ("030/901820", ["030/901820"]),
        ("030 901820/21", ["030 901820"]),
        ("", []),
    ],
)
def test_the_numbers_of_a_cell(cell, numbers):
    assert numbers_in(cell) == numbers


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("+44 7415 550012 ext. 12", "+44 7415 550012"),
        ("(020) 7946 0958x3", "(020) 7946 0958"),
        ("030 9018200 Durchwahl 7", "030 9018200"),
        ("+44 7415550012 12", "+44 7415550012"),
        ("+44 7415 550012", ""),
    ],
)
def test_the_number_before_an_extension(cell, number):
    assert without_extension(cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("+44 7415 550012 (Zoe)", "+44 7415 550012"),
        ("call +44 7415 550012!", "+44 7415 550012"),
        ("(020) 7946 0958 *", "(020) 7946 0958"),
        ("+44 7415 55OO12", ""),  # perhaps zeros
        ("+44 7415 55#0012", ""),
    ],
)
def test_a_number_without_words_unless_they_may_be_digits(cell, number):
    assert without_words(cell) == number
