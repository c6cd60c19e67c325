from datetime import UTC, datetime

import httpx
import pytest

from voisoadmin.voiso import RateLimited
from voisoadmin.voiso.answers import retry_after_seconds

NOW = datetime(2026, 11, 23, 14, 0, 0, tzinfo=UTC)
IN_90_SECONDS = "Mon, 23 Nov 2026 14:01:30 GMT"

HEADER_SHAPES = [
    ("5", "", 5.0),
    (" 120 ", "", 120.0),
    ("0", "", 0.0),
    ("1.5", "", 1.5),
    ("99999999999", "", 99999999999.0),  # absurd: clamped by the caller
    (IN_90_SECONDS, "", 90.0),
    (IN_90_SECONDS, "Mon, 23 Nov 2026 14:01:00 GMT", 30.0),  # by Voiso's own clock
    ("Monday, 23-Nov-26 14:01:30 GMT", "", 90.0),
    ("Mon, 23 Nov 2020 14:01:30 GMT", "", 0.0),
    ("", "", None),
    ("-5", "", None),
    ("soon", "", None),
    ("1e9", "", None),
    ("inf", "", None),
    ("nan", "", None),
    ("٥", "", None),
    ("9" * 400, "", None),
    ("Mon, 99 Nov 99999 14:01:30 GMT", "", None),
]


@pytest.mark.parametrize(("header", "date", "seconds"), HEADER_SHAPES)
def test_each_form_of_the_header_gives_its_number_of_seconds(header, date, seconds):
    assert retry_after_seconds(header, date, NOW) == seconds


def test_the_header_reaches_the_caller(voiso):
    client = voiso(httpx.Response(429, headers={"Retry-After": "17"}, json={"error": "Too many requests"}))

    with pytest.raises(RateLimited) as caught:
        client.probe()

    assert caught.value.retry_after == 17.0
    assert caught.value.words == "Too many requests"


def test_without_the_header_nothing_is_claimed(voiso):
    client = voiso(httpx.Response(429, json={"error": "Too many requests"}))

    with pytest.raises(RateLimited) as caught:
        client.probe()

    assert caught.value.retry_after is None
