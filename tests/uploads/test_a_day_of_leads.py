"""A day of leads that an application posted has an upload's page: outcomes, rows to fix, resends, downloads."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.pushes.leads import NOON, inbox_of, post
from tests.pushes.support import Cast, numbers
from tests.support.markup import markup
from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.repairs import hash_of
from voisoadmin.pushes import inbound, services
from voisoadmin.pushes.models import Inbox, Push, RejectedRecord
from voisoadmin.uploads.models import Upload

REFUSED = "12345"  # Voiso calls it invalid


@pytest.fixture
def inbox(cast: Cast) -> Inbox:
    return inbox_of(cast.campaign)


def click(page: Client, upload: Upload, action: str, **form: object) -> str:
    return markup(page.post(f"/uploads/{upload.pk}/{action}/", form, follow=True))


def shown(page: Client, upload: Upload, part: str = "") -> str:
    answer = page.get(f"/uploads/{upload.pk}/{part}")
    assert answer.status_code == 200
    return markup(answer)


def test_its_page_shows_what_waits_and_then_what_became_of_each_lead(page, cast, inbox):
    post(inbox, [*numbers(4), REFUSED])
    day = Upload.objects.get()

    waiting = shown(page, day)
    assert "Website form, 30 Nov 2026" in waiting
    assert "5 leads wait for Voiso." in waiting

    cast.drain()

    done = shown(page, day)
    assert "4 added" in done
    assert "1 to fix" in done
    assert "All sent" in done
    assert "wait for Voiso" not in done
    assert "Website form, 30 Nov 2026" in markup(page.get("/uploads/?state=finished"))
    assert "Website form, 30 Nov 2026" in markup(page.get("/rejected/"))


def test_rows_that_voiso_rejected_are_sent_again_into_the_same_day_each_number_once(page, cast, inbox):
    """A rejected number may come again, and be rejected again."""
    post(inbox, [*numbers(2), REFUSED])
    cast.drain()
    post(inbox, [REFUSED])
    cast.drain()
    day = Upload.objects.get()
    assert day.intake.reasons == {"added": 2, "refused_by_voiso": 2}

    click(page, day, "resend", what="rejected", rows=2)
    cast.drain()

    day.refresh_from_db()
    assert day.intake.buckets() | {"rejected": 1, "duplicate_in_file": 1, "added": 2} == day.intake.buckets()
    assert Push.objects.filter(intake=day.intake_id, first_row=None).count() == 1
    click(page, day, "dismiss", row=3)
    day.refresh_from_db()
    assert day.intake.dismissed == {"refused_by_voiso": 1}
    cast.check()


def test_cancelled_leads_are_sent_again_as_the_rest_of_their_day(page, cast, inbox):
    post(inbox, given := numbers(5))
    inbound.cancel_waiting(inbox.pk, at=timezone.now())
    post(inbox, given[:2])
    inbound.cancel_waiting(inbox.pk, at=timezone.now())
    day = Upload.objects.get()
    assert "Send the rest (7)" in shown(page, day)

    click(page, day, "resend", what="rest", rows=7)
    cast.drain()

    day.refresh_from_db()
    assert {name: rows for name, rows in day.intake.buckets().items() if rows} == {"added": 5, "duplicate_in_file": 2}
    assert cast.sandbox.numbers_in(cast.id) == set(given)


def test_leads_without_a_clear_answer_keep_their_doubt_when_they_are_sent_again(page, cast, inbox):
    post(inbox, given := numbers(3))
    cast.sandbox.fault("answer_lost", times=20)
    cast.slice(0.05)
    services.cancel_push(Push.objects.get(), at=timezone.now())
    cast.sandbox.heal()
    day = Upload.objects.get()

    click(page, day, "resend", what="needs_review", rows=3)
    cast.drain()

    day.refresh_from_db()
    assert day.intake.unattributed == 3
    assert cast.sandbox.numbers_in(cast.id) == set(given)


def test_its_downloads_have_every_lead_once_with_its_latest_outcome(page, cast, inbox):
    first, rejected, late = *numbers(1), REFUSED, *numbers(1)
    post(inbox, [first, rejected])
    cast.drain()
    post(inbox, [late])
    day = Upload.objects.get()

    answer = page.get(f"/uploads/{day.pk}/download/all.csv")

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].split(",")[:2] == ["Phone", "Name"]
    assert [(line.split(",")[0].lstrip("'"), line.rsplit(",", 1)[1]) for line in lines[1:]] == [
        (f"+{first}", "added"),
        (f"+{rejected}", "refused_by_voiso"),
        (f"+{late}", "waiting"),
    ]


def test_its_page_says_that_the_feed_is_paused_or_what_holds_its_lane(page, cast, inbox):
    post(inbox, numbers(2))
    inbound.pause(inbox.pk, at=NOON)
    day = Upload.objects.get()
    assert "The feed is paused." in shown(page, day)
    assert "Paused" in markup(page.get("/uploads/?state=running"))

    inbound.resume(inbox.pk)
    cast.campaign.lane.held_reason = "Voiso refused the key."
    cast.campaign.lane.save()

    assert "Voiso refused the key." in shown(page, day)


def test_the_board_shows_what_waits_and_after_ten_minutes_that_it_needs_a_person(page, cast, inbox):
    post(inbox, numbers(3), timezone.now())

    fresh = markup(page.get("/"))
    assert "3 leads waiting" in fresh
    assert "See leads" not in fresh

    Inbox.objects.update(oldest_at=timezone.now() - timedelta(minutes=11))
    Lane.objects.update(held_reason="Voiso refused the key.")
    assert "3 leads waiting from Website form for 11 min. Voiso refused the key" in (late := markup(page.get("/")))
    assert "See leads" in late

    inbound.pause(inbox.pk, at=NOON)
    assert "The feed is paused" in markup(page.get("/"))


def test_a_rejected_lead_is_corrected_here_and_sent_again(page, cast, inbox):
    """A person writes the country code, however the source writes numbers."""
    post(inbox, [REFUSED, *numbers(1)])
    cast.drain()
    day = Upload.objects.get()
    (right,) = numbers(1)
    assert f"/uploads/{day.pk}/rows-to-fix/1/" in shown(page, day, "rejected/")

    assert "country code" in edit(page, day, "07400 111222")
    edit(page, day, f"+{right}")
    day.refresh_from_db()
    assert "sent again" not in click(page, day, "resend-fixed", rows=1, version=day.version)
    cast.drain()

    day.refresh_from_db()
    assert day.intake.reasons == {"added": 2}
    assert right in cast.sandbox.numbers_in(cast.id)


def edit(page: Client, day: Upload, value: str) -> str:
    day.refresh_from_db()
    record = RejectedRecord.objects.get(intake=day.intake_id, row_number=1)
    form = {"column": 0, "value": value, "seen_hash": hash_of(record.cells), "version": day.version}
    return markup(page.post(f"/uploads/{day.pk}/rows-to-fix/1/", form, follow=True))
