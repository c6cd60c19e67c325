"""Every number of these leads is generated with its truth, so that a number of a stranger is found.

A part of the countries; `benchmarks/bare_digits.py --leads` tries all of them, with all their prefixes.
"""

import pytest

from benchmarks.bare_digits import PRESET, RIGHT, failures_of_leads, measure_leads

pytestmark = [pytest.mark.once, pytest.mark.slow]


def test_no_stranger_is_called_with_the_right_choice_or_the_preset_and_the_own_numbers_are_ready():
    tallies = measure_leads(["US", "GB", "DE", "FR", "RU", "NO"], prefixes_each=1, rows=(1, 3, 20))

    assert failures_of_leads(tallies) == []
    assert {how for _, how in tallies} == {RIGHT, PRESET}
    assert sum(tally.rows for tally in tallies.values()) > 5000
