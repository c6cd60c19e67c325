"""Every number of these lists is generated with its truth, so that a number of a stranger is found.

A part of the lists; TEST_BARE_DIGITS=all tries every country with all its prefixes (an hour), as the benchmark does.
"""

import os

import pytest

from benchmarks.bare_digits import COUNTRIES, failures, measure

ALL = os.environ.get("TEST_BARE_DIGITS") == "all"
PARTS = 8

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("part", range(PARTS))
def test_no_number_of_a_stranger_is_called_and_the_own_ones_are_ready(part):
    countries = COUNTRIES[part::PARTS]

    tallies = measure(countries, prefixes_each=1000, seed=1) if ALL else measure(countries, prefixes_each=1, rows=(1, 3, 20))

    assert failures(tallies) == []
    assert {how for _, how in tallies} == {"chosen", "wrong default", "none"}
    assert sum(tally.lists for tally in tallies.values()) > 500
