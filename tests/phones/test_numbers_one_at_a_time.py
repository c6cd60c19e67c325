"""Numbers of a source that writes one at a time: nothing about one is learned from others."""

import pytest

from voisoadmin.phones.writing import Writing, WritingReader, countries_of_fixed_length, has_fixed_length

pytestmark = pytest.mark.once


def test_what_was_read_before_changes_nothing():
    for writing, region, given in (
        (Writing.REFUSE, "", "447400300018"),
        (Writing.NATIONAL, "US", "447400300018"),
        (Writing.WITH_CODE, "", "2035551234"),
    ):
        reader = WritingReader(writing, region)
        first = reader.read(given)
        many = [f"+4474003{number:05}" for number in range(100)] + [f"4474003{number:05}" for number in range(100)]
        reader.learn(many)
        reader.keep_some(many)
        for one in many:
            reader.read(one)

        assert reader.read(given) == first
        assert reader.unsettled() is None
        assert reader.twin().read(given) == first


def test_only_countries_whose_numbers_have_one_or_two_lengths_may_be_chosen():
    assert has_fixed_length("US")
    assert has_fixed_length("GB")
    assert not has_fixed_length("DE")
    assert not has_fixed_length("AT")
    assert "FR" in countries_of_fixed_length()
    assert "DE" not in countries_of_fixed_length()


@pytest.mark.parametrize("text", ["+442079460958", "00442079460958", "+44 (0)20 7946 0958"])
@pytest.mark.parametrize(("writing", "region"), [(Writing.REFUSE, ""), (Writing.NATIONAL, "US"), (Writing.WITH_CODE, "")])
def test_a_number_with_plus_or_two_zeros_is_always_read(writing, region, text):
    assert WritingReader(writing, region).read(text).number == "442079460958"
