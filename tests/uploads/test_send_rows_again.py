"""Rows that Voiso rejected, that need review or that a cancel left unsent are sent again, into the same upload."""

import csv
import io
import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tests.pushes.support import numbers
from tests.support.markup import markup
from tests.uploads.test_send_and_see_every_row import words
from voisoadmin.campaigns.models import Lane
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.audit import audit
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import buckets_of

pytestmark = pytest.mark.slow

ROWS = 12


@pytest.fixture
def given() -> list[str]:
    return numbers(ROWS)


@pytest.fixture
def upload(give, cast, given) -> Upload:
    return give("phone\n" + "".join(f"+{number}\n" for number in given), to=cast.campaign)


@pytest.fixture
def press(page):
    """Press a button of the upload's page; return the messages that the answer shows."""

    def do(action: str, upload: Upload, *, browser: Client = page, token: str = "", **values: object) -> list[str]:
        form = {"client_token": token or str(uuid.uuid4()), "version": upload.version, **values}
        answer = browser.post(reverse(f"uploads:{action}", args=[upload.pk]), form)
        assert answer.status_code == 302
        return [str(message) for message in get_messages(answer.wsgi_request)]

    return do


def buckets(upload: Upload) -> dict[str, int]:
    found = {name: rows for name, rows in buckets_of(upload.pushes.all()).items() if rows}
    assert sum(found.values()) == ROWS
    assert audit() == []
    return found


def outcomes(page, upload: Upload) -> dict[int, str]:
    """Row -> code, as the download of all rows says."""
    answer = page.get(reverse("uploads:download", args=[upload.pk, "all", "csv"]))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))[1:]
    found = {int(row[1]): row[-1] for row in rows}
    assert list(found) == list(range(2, 2 + ROWS)) == [int(row[1]) for row in rows]
    return found


def interrupted(cast, upload: Upload, press) -> None:
    """The upload is sent, the answer is lost, and someone cancels before the next try."""
    press("send", upload)
    cast.sandbox.fault("answer_lost", times=1)
    cast.one_call()
    press("cancel", upload)
    cast.drain()
    cast.sandbox.heal()


def test_rejected_rows_are_sent_again_once_for_each_click(cast, upload, given, page, press):
    cast.sandbox.fault("poison", numbers=given[4:6])
    press("send", upload)
    cast.drain()
    cast.sandbox.heal()
    assert buckets(upload) == {"added": 10, "rejected": 2}

    token = str(uuid.uuid4())
    assert press("resend", upload, token=token, what="rejected", rows=2) == []
    assert press("resend", upload, token=token, what="rejected", rows=2) == []

    assert upload.pushes.count() == 2
    assert buckets(upload) == {"added": 10, "pending": 2}
    cast.drain()
    assert buckets(upload) == {"added": 12}
    assert set(outcomes(page, upload).values()) == {"added"}
    operation = Operation.objects.get(kind="resend")
    assert (operation.by_label, operation.status, operation.request["rows"]) == ("Ines Sousa", "done", 2)


def test_the_second_of_two_people_sees_what_the_first_one_left(cast, upload, given, press, omar, client):
    cast.sandbox.fault("poison", numbers=given[:1])
    press("send", upload)
    cast.drain()
    other = Client()
    other.force_login(omar)

    press("resend", upload, what="rejected", rows=1)
    said = press("resend", upload, browser=other, what="rejected", rows=1)

    assert said == ["These rows have changed since this page was shown: none of them can be sent again now. Nothing was sent."]
    assert upload.pushes.count() == 2
    assert buckets(upload) == {"added": 11, "pending": 1}


@pytest.mark.parametrize("form", [{}, {"what": "rejected"}, {"what": "added", "rows": 1}, {"what": "rest", "rows": "all"}])
def test_a_form_that_names_no_rows_sends_nothing(cast, upload, press, form):
    press("send", upload)
    cast.drain()

    assert press("resend", upload, **form)

    assert upload.pushes.count() == 1


def test_the_rest_is_sent_after_a_cancel(cast, upload, page, press):
    press("send", upload)
    press("cancel", upload)
    assert buckets(upload) == {"not_sent": 12}
    assert "Send the rest (12)" in markup(page.get(reverse("uploads:detail", args=[upload.pk])))

    press("resend", upload, what="rest", rows=12)
    cast.drain()

    assert buckets(upload) == {"added": 12}
    assert set(outcomes(page, upload).values()) == {"added"}


def test_a_row_that_may_have_been_added_keeps_its_doubt_in_every_later_push(cast, upload, given, page, press):
    cast.sandbox.add_leads(cast.id, given[:1])
    cast.push(given[:1])
    cast.drain()  # from here on the first number is known
    interrupted(cast, upload, press)
    assert buckets(upload) == {"needs_review": 12}

    press("resend", upload, what="needs_review", rows=12)
    press("cancel", upload)
    assert buckets(upload) == {"needs_review": 12}

    press("resend", upload, what="cancelled_uncertain", rows=12)
    cast.drain()
    assert buckets(upload) == {"duplicate": 1, "unattributed": 11}
    assert outcomes(page, upload)[2] == "in_campaign"
    assert upload.pushes.count() == 3


def test_a_resend_waits_while_the_lane_is_blocked(cast, upload, given, press):
    cast.sandbox.fault("poison", numbers=given[:1])
    press("send", upload)
    cast.drain()
    cast.sandbox.heal()
    Lane.objects.filter(pk=cast.campaign.lane_id).update(held_reason="Look at the campaign.")

    press("resend", upload, what="rejected", rows=1)
    cast.drain()
    assert buckets(upload) == {"added": 11, "pending": 1}

    press("release", upload)
    cast.drain()
    assert buckets(upload) == {"added": 12}


def to_fix(page, upload: Upload) -> tuple[int, int]:
    """How many rows to fix the upload's list and the menu count."""
    shown = page.get(reverse("uploads:rejected_of", args=[upload.pk]))
    menu = re.search(r"Rows to fix (\d+)", words(markup(shown)))
    return shown.context["listing"].total, int(menu[1]) if menu else 0


def test_a_dismissed_row_no_longer_counts_until_it_is_taken_back(cast, upload, given, page, press):
    cast.sandbox.fault("poison", numbers=given[:3])
    press("send", upload)
    cast.drain()
    assert to_fix(page, upload) == (3, 3)

    press("dismiss", upload, row=2, list="rows")
    press("dismiss", upload, row=2, list="rows")  # another browser's
    assert to_fix(page, upload) == (2, 2)
    answer = page.get(reverse("uploads:rejected_of", args=[upload.pk]), {"dismissed": 1})
    assert [line.record.row_number for line in answer.context["listing"].records] == [2]
    assert "Dismissed by Ines Sousa" in markup(answer)
    assert press("resend", upload, what="rejected", rows=3)  # refused: one of them is dismissed
    assert press("dismiss", upload, reason="refused_alone", rows=3)
    press("dismiss", upload, reason="refused_alone", rows=2)
    assert to_fix(page, upload) == (0, 0)
    assert buckets(upload) == {"added": 9, "rejected": 3}
    assert page.get(reverse("uploads:rejected")).context["listing"].total == 0

    press("take_back", upload, row=2)
    press("take_back", upload, reason="refused_alone", rows=2)
    assert to_fix(page, upload) == (3, 3)
    assert buckets(upload) == {"added": 9, "rejected": 3}
    done = Operation.objects.filter(kind__in=["dismiss_rows", "take_rows_back"]).order_by("pk")
    assert [(one.kind, one.request["rows"]) for one in done] == [
        ("dismiss_rows", 1),
        ("dismiss_rows", 2),
        ("take_rows_back", 1),
        ("take_rows_back", 2),
    ]


def test_rows_of_all_uploads_stand_by_upload_and_reason(cast, upload, given, page, press):
    cast.sandbox.fault("poison", numbers=given[:3])
    press("send", upload)
    cast.drain()

    shown = page.get(reverse("uploads:rejected"))

    (group,) = shown.context["groups"]
    assert (group.upload, group.rows) == (upload, 3)
    assert [(card.code, card.rows) for card in group.cards] == [("refused_alone", 3)]
    assert "Send again (3)" in markup(shown)
