"""A whole number in an address is read in one way, and anything else never ends in an error."""

import pytest
from django.urls import reverse

from voisoadmin.lib.numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_a_whole_number(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text", ["", " 7", "7 ", "-7", "+7", "7.0", "1e3", "0x7", "1_000", "٧", "²", "7\0", "9" * 19, "9" * 5000]
)
def test_no_whole_number(text):
    assert whole_number(text) is None


def test_a_number_outside_the_limits_is_none():
    assert [whole_number(text, least=1, most=3) for text in "01234"] == [None, 1, 2, 3, None]


@pytest.mark.parametrize("text", ["٧", "²", "-1", "0", "x", "1.5", "9" * 19, "9" * 39, "\0"])
@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("campaigns:board", ("page", "centre")),
        ("uploads:list", ("page",)),
        ("uploads:rejected", ("after", "campaign")),
        ("assignments:roster", ("page", "connection")),
        ("operations:list", ("before", "campaign")),
    ],
)
def test_a_list_ignores_what_is_no_whole_number(client, ines, campaign, page, names, text):
    client.force_login(ines)

    for name in names:
        assert client.get(reverse(page), {name: text}).status_code in {200, 400}


def test_every_list_shows_its_last_page_or_an_empty_one_behind_its_end(client, ines, campaign):
    client.force_login(ines)

    for page in ("campaigns:board", "uploads:list", "assignments:roster"):
        answer = client.get(reverse(page), {"page": "99999"})
        assert answer.status_code == 200, page
