"""Rows of an upload that are fixed and sent again: each row counts once, with its last outcome."""

import csv
import io
import json
import uuid
from collections import Counter

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from tests.pushes.support import Cast, numbers, row
from tests.uploads.test_send_and_see_every_row import words
from voisoadmin.pushes import services
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.drafts import DraftWriter
from voisoadmin.pushes.models import Push, RejectedRecord
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import buckets_of

ROWS = 34
REFUSED = 9  # the place of a number that Voiso refuses at first


@pytest.fixture
def given() -> list[str]:
    return numbers(30)


@pytest.fixture
def upload(give, cast, given) -> Upload:
    """30 numbers in rows 2 to 31, one of them again in row 32, and three invalid rows."""
    return give("phone\n" + "".join(f"+{number}\n" for number in [*given, given[0]]) + "n/a\nn/a\nn/a\n", to=cast.campaign)


@pytest.fixture
def click(page):
    def do(what: str, upload: Upload) -> None:
        form = {"client_token": str(uuid.uuid4()), "version": upload.version}
        page.post(reverse(f"uploads:{what}", args=[upload.pk]), form)

    return do


def send_again(cast: Cast, upload: Upload, fixed: dict[int, str]) -> bool:
    """Confirm a second push of the upload with these rows, as fixing them on its page does."""
    first = upload.pushes.get()
    writer = DraftWriter(cast.campaign, kind="add", by=None, by_label="Omar Haddad")
    for place, number in sorted(fixed.items()):
        writer.add_ready(row(number, place))
    second = writer.finish()
    upload.pushes.add(second)
    return services.confirm(second, by=None, by_label="Omar Haddad", at=timezone.now(), replaces={first.pk: [*fixed]})


def buckets(upload: Upload) -> dict[str, int]:
    found = {name: rows for name, rows in buckets_of(upload.pushes.all()).items() if rows}
    assert sum(found.values()) == ROWS
    return found


def downloaded(page, upload: Upload, what: str) -> list[list[str]]:
    answer = page.get(reverse("uploads:download", args=[upload.pk, what, "csv"]))
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))[1:]


def record(upload: Upload) -> dict:
    out = io.StringIO()
    call_command("upload", str(upload.pk), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_fixed_rows_move_to_their_last_outcome_on_every_page(cast, upload, given, page, look, click):
    cast.sandbox.fault("poison", numbers=[given[REFUSED]])
    click("send", upload)
    cast.drain()
    cast.sandbox.heal()
    before = {"added": 29, "rejected": 1, "duplicate_in_file": 1, "invalid": 3}
    assert buckets(upload) == before
    calls = record(upload)["calls"]

    fixed = dict(zip([33, 34, REFUSED + 2], [*numbers(2), given[REFUSED]], strict=True))
    assert send_again(cast, upload, fixed)

    # Its rows wait again from the click on.
    assert buckets(upload) == {"added": 29, "pending": 3, "duplicate_in_file": 1, "invalid": 1}
    sending = words(look(upload))
    assert "0 of 3 sent" in sending
    assert "0 / 3" in words(page.get(reverse("campaigns:board")).content.decode())
    assert audit() == []

    cast.drain()

    assert buckets(upload) == {"added": 32, "duplicate_in_file": 1, "invalid": 1}
    result = page.get(reverse("uploads:detail", args=[upload.pk]))
    text = words(result.content.decode())
    assert "32 added of 34 rows" in text
    assert "confirmed sending 30 rows" in text
    assert "Omar Haddad confirmed sending 3 rows" in text
    assert record(upload)["buckets"]["added"] == 32
    assert record(upload)["calls"] == calls + 1 == result.context["calls_made"] == result.context["calls_shown"]
    assert not result.context["more_calls"]
    assert result.context["took"].seconds > 0
    # One row is left to fix: in the upload's list, in the list of all uploads and in the menu.
    assert result.context["listing"].total == len(result.context["listing"].records) == 1
    everything = page.get(reverse("uploads:rejected"))
    assert everything.context["listing"].total == len(everything.context["listing"].records) == 1
    assert "Rows to fix 1" in text
    cast.campaign.lane.refresh_from_db()
    assert (cast.campaign.lane.contacts_added, cast.campaign.lane.rows_rejected) == (32, 0)


def test_downloads_hold_each_row_once_with_its_last_outcome(cast, upload, given, page, click):
    cast.sandbox.fault("poison", numbers=[given[REFUSED]])
    click("send", upload)
    cast.drain()
    fixed = dict(zip([33, REFUSED + 2], [*numbers(1), given[REFUSED]], strict=True))
    assert send_again(cast, upload, fixed)
    cast.sandbox.heal()
    cast.drain()

    rows = downloaded(page, upload, "all")
    assert [int(line[1]) for line in rows] == list(range(2, 2 + ROWS))
    outcomes = {int(line[1]): line[-1] for line in rows}
    assert outcomes[33] == "added"
    assert outcomes[REFUSED + 2] == "added"
    assert Counter(line[2] for line in rows) == {"Added": 31, "Repeated in file": 1, "Invalid": 2}
    assert [int(line[1]) for line in downloaded(page, upload, "not-added")] == [32, 34, 35]
    assert audit() == []


def test_a_row_is_sent_again_only_once(cast, upload, given, click):
    click("send", upload)
    cast.drain()
    assert send_again(cast, upload, {33: numbers(1)[0]})
    first, second = upload.pushes.order_by("pk")

    late = cast.draft(numbers(1))
    assert not services.confirm(late, by=None, by_label="Ines", at=timezone.now(), replaces={first.pk: [33]})

    assert buckets(upload) == {"added": 30, "pending": 1, "duplicate_in_file": 1, "invalid": 2}
    assert Push.objects.get(pk=late.pk).state == "draft"
    assert RejectedRecord.objects.get(push=first, row_number=33).replaced_by == second
    assert audit() == []


def test_the_audit_finds_rows_that_two_pushes_count(cast, upload, click):
    click("send", upload)
    cast.drain()
    assert send_again(cast, upload, {33: numbers(1)[0]})
    cast.drain()
    first = upload.pushes.order_by("pk")[0]

    RejectedRecord.objects.filter(push=first).update(replaced_by=None)

    assert [breach for breach in audit() if "replaced" in breach]
