"""What is sent of what is to be sent, and how long the rest takes: the same on every page and in the command line."""

import io
import uuid

import pytest
from django.core.management import call_command
from django.urls import reverse

from tests.pushes.support import numbers
from tests.uploads.test_send_and_see_every_row import words
from voisoadmin.campaigns.models import Lane
from voisoadmin.connections.models import Connection
from voisoadmin.lib.times import about
from voisoadmin.pushes import pacing
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.progress import progress
from voisoadmin.uploads.models import Upload

READY = 4500


@pytest.fixture
def upload(cast, give) -> Upload:
    """Of its 4,620 rows 4,500 can be sent: 80 are invalid, and 40 repeat a number."""
    given = numbers(READY)
    lines = [f"+{number}" for number in [*given, *given[:40]]]
    return give("phone\n" + "\n".join(lines) + "\nn/a" * 80 + "\n")


def send(upload: Upload, page) -> Push:
    form = {"client_token": str(uuid.uuid4()), "version": upload.version}
    page.post(reverse("uploads:send", args=[upload.pk]), form)
    return upload.pushes.get()


def figures_of(upload: Upload, page) -> float:
    """The seconds that all say are left, once each has shown the same rows."""
    upload = Upload.objects.get(pk=upload.pk)
    sending = page.get(reverse("uploads:detail", args=[upload.pk]))
    board = page.get(reverse("campaigns:board"))
    campaign = page.get(reverse("campaigns:detail", args=[upload.campaign_id]))
    stop = page.get(reverse("controls:confirm_stop", args=[upload.campaign_id]))
    line = words(page.get(reverse("uploads:list")).content.decode())
    out = io.StringIO()
    call_command("upload", str(upload.pk), stdout=out)

    lane = Lane.objects.get(pk=upload.campaign.lane_id)
    texts = {
        "upload": words(sending.content.decode()),
        "board": words(board.content.decode()),
        "campaign": words(campaign.content.decode()),
        "stop": words(stop.content.decode()),
        "line": line,
        "terminal": out.getvalue(),
    }
    push = upload.pushes.get()
    sent, left = push.sent, READY - push.sent
    expected = {
        "upload": f"{sent:,} of {READY:,} sent",
        "board": f"{sent:,} / {READY:,}",
        "campaign": f"{sent:,} / {READY:,}",
        "stop": f"{left:,} contacts are still being sent",
        "line": f"{sent:,} of {READY:,} sent",
        "terminal": f"{sent:,} of {READY:,} sent",
    }
    assert {place for place, text in texts.items() if expected[place] not in text} == set()
    seconds = progress(push).seconds_left
    assert lane.sending_seconds == campaign.context["lane"].sending_seconds == seconds
    for place in ("board", "campaign", "upload", "terminal"):
        assert about(seconds) in texts[place].lower()
    return seconds


def test_every_page_and_the_terminal_show_the_same_progress(cast, upload, page):
    review = page.get(reverse("uploads:detail", args=[upload.pk])).context
    assert (review["ready"], review["calls"]) == (READY, 5)
    push = send(upload, page)
    assert push.sent == 0
    before = figures_of(upload, page)
    # Nothing else waits in the lane, so its first request needs no rest.
    assert before == review["seconds"] == pacing.seconds_for(5, None, rested=True)

    cast.one_call()

    push.refresh_from_db()
    assert 1000 <= push.sent < READY
    assert push.rows - push.pending > push.sent  # unsendable rows have an outcome and are no progress
    after = figures_of(upload, page)
    cast.campaign.lane.refresh_from_db()
    left = push.batches_total - push.batches_done
    assert after == pacing.seconds_for(left, cast.campaign.lane.answer_milliseconds)


def test_the_estimate_counts_requests_and_follows_the_answers(settings):
    settings.TIME_SCALE = 1.0

    # A hundred requests, each answered after 3 s and followed by a rest of 2.01 s, except the last.
    assert pacing.seconds_for(100, 3000, rested=True) == pytest.approx(100 * 3.0 + 99 * 2.01)
    assert pacing.seconds_for(0, 3000, rested=True) == 0
    usual = None
    for milliseconds in [500] * 20 + [3000] * 40:
        usual = pacing.usual_answer(usual, milliseconds)
    assert usual == pytest.approx(3000, rel=0.02)


def test_a_push_that_waits_for_another_counts_its_requests_too(cast, upload, page):
    other = cast.push(numbers(2500))
    send(upload, page)

    assert progress(upload.pushes.get()).seconds_left == pacing.seconds_for(3 + 5, None, rested=True)
    other.refresh_from_db()
    assert (other.sent, other.to_send) == (0, 2500)
    assert "0 / 7,000" in words(page.get(reverse("campaigns:board")).content.decode())


def test_the_board_says_no_pace_while_the_connection_waits_for_a_person(cast, upload, page):
    def strip() -> str:
        return words(page.get(reverse("campaigns:board")).content.decode().split('id="now-flows"')[1].split("</section>")[0])

    send(upload, page)
    assert "a second" in strip()

    Connection.objects.update(held_reason="Voiso refuses the API key.", held_until=None)

    assert "action needed" in strip()
    assert "Voiso refuses the API key." in strip()
    assert "a second" not in strip()
    assert "done" not in strip()
