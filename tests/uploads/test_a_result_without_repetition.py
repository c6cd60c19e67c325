"""The page of a result: equal batches are one line, and the duration leaves out the time in which nothing was sent."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.pushes.models import Batch, Call, Push
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ADDED = {"created": ["447400000000"] * 1000}


@pytest.fixture
def result(client, ines, settings):
    """The page of an upload whose batches were sent at these moments, as text."""
    settings.TIME_SCALE = 1.0
    client.force_login(ines)
    campaign = make_campaign(make_connection())

    def page(calls: list[dict], *, ended: timedelta) -> str:
        rows = 1000 * len(calls)
        push = Push.objects.create(
            lane=campaign.lane,
            campaign=campaign,
            state="finished",
            confirmed_at=NINE,
            ended_at=NINE + ended,
            rows=rows,
            added=rows,
            reasons={"added": rows},
            calls=len(calls),
        )
        for number, call in enumerate(calls, start=1):
            batch = Batch.objects.create(
                push=push, lane=campaign.lane, number=call.pop("batch", number), state="confirmed", size=1000, rows=b""
            )
            fields = {"number": 1, "outcome": "answered", "named": ADDED, "milliseconds": 400, "sent": 1000, "epoch": 1}
            started = NINE + call.pop("after")
            took = timedelta(milliseconds=call.get("milliseconds", 400))
            Call.objects.create(
                batch=batch, lane=campaign.lane, started_at=started, finished_at=started + took, **(fields | call)
            )
        upload = Upload.objects.create(
            campaign=campaign,
            stage="sent",
            by_label="Ines Sousa",
            received_at=NINE,
            stored_name="x",
            file_name="leads.csv",
            file_size=1,
        )
        upload.pushes.add(push)
        text = markup(client.get(reverse("uploads:detail", args=[upload.pk])))
        return " ".join(re.sub("<[^>]*>", " ", text).split())

    return page


def test_batches_with_equal_answers_are_one_line(result):
    text = result([{"after": 2 * number * SECOND} for number in range(50)], ended=99 * SECOND)

    assert "Batches 1–50 50 batches, 1,000 added each 20 s" in text
    assert text.count("1,000 added") == 1


def test_what_differs_has_its_own_line(result):
    """The third answer names other numbers, the fifth batch needed two tries."""
    text = result(
        [
            {"after": 0 * SECOND},
            {"after": 2 * SECOND},
            {"after": 4 * SECOND, "named": {"created": ["1"] * 969, "duplicates": ["2"] * 31}},
            {"after": 6 * SECOND},
            {"after": 8 * SECOND, "outcome": "busy", "named": {}, "problem": "Voiso is busy (HTTP 503)."},
            {"after": 10 * SECOND, "batch": 5, "number": 2},
            {"after": 12 * SECOND, "batch": 6},
        ],
        ended=13 * SECOND,
    )

    for line in (
        "Batches 1–2 2 batches, 1,000 added each",
        "Batch 3 969 added + 31 already there",
        "Batch 4 1,000 added",
        "Batch 5 Voiso was busy with an earlier request Voiso is busy (HTTP 503).",
        "Batch 5 try 2: 1,000 added",
        "Batch 6 1,000 added",
    ):
        assert line in text


def test_the_duration_leaves_out_pauses_and_says_so(result):
    calls = [{"after": 2 * SECOND}, {"after": 4 * SECOND}, {"after": 30 * MINUTE}, {"after": 30 * MINUTE + 2 * SECOND}]

    text = result(calls, ended=30 * MINUTE + 3 * SECOND)

    assert "4 requests in 7.4 s, without pauses of 29 min 55 s" in text


def test_a_duration_without_pauses_has_nothing_to_say_of_them(result):
    text = result([{"after": 2 * SECOND}, {"after": 4 * SECOND}], ended=5 * SECOND)

    assert "2 requests in 5 s" in text
    assert "without pauses" not in text
