import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import mirror
from voisoadmin.uploads.models import Upload

TABLE = "phone\n+447415550012\n"


@pytest.fixture
def names(page):
    """The file names in a list, in its order."""

    def do(address: str, **query: object) -> list[str]:
        html = markup(page.get(address, query))
        return re.findall(r'id="upload-\d+"[^>]*><bdi hx-disable>([^<]+)</bdi>', html)

    return do


def send(page, upload: Upload, *, run: bool = True) -> None:
    form = {"client_token": str(uuid.uuid4()), "version": upload.version}
    page.post(reverse("uploads:send", args=[upload.pk]), form)
    if run:
        run_jobs()


def test_uploads_are_found_by_state(give, page, names):
    finished = give(TABLE, "finished.csv")
    send(page, finished)
    give(TABLE.replace("12", "13"), "checked.csv")
    give("Name,City\nZoe,Leeds\n", "columns.csv")
    give(b"", "empty.csv")
    cancelled = give(TABLE.replace("12", "15"), "cancelled.csv")
    page.post(reverse("uploads:discard", args=[cancelled.pk]), {"client_token": str(uuid.uuid4())})
    sending = give(TABLE.replace("12", "14"), "sending.csv")
    send(page, sending, run=False)
    take_jobs()

    shown = {state: names(reverse("uploads:list"), state=state) for state in ("not-sent", "running", "finished", "cancelled")}

    assert shown == {
        "not-sent": ["columns.csv", "checked.csv"],
        "running": ["sending.csv"],
        "finished": ["finished.csv"],
        "cancelled": ["cancelled.csv"],
    }
    assert names(reverse("uploads:list"), state="unreadable") == ["empty.csv"]
    assert len(names(reverse("uploads:list"))) == 6


def test_drafts_of_more_than_a_week_ago_are_folded_away_but_found(give, page, names):
    give(TABLE, "old.csv")
    Upload.objects.update(received_at=timezone.now() - timedelta(days=8))
    give(TABLE, "new.csv")
    address = reverse("uploads:list")

    assert names(address) == names(address, state="not-sent") == ["new.csv"]
    assert "1 older draft" in markup(page.get(address))
    assert names(address, state="old-drafts") == ["old.csv"]
    assert names(address, q="old") == ["old.csv"]


def test_uploads_are_searched_by_file_campaign_and_person(give, names):
    give(TABLE, "autumn.csv")
    give(TABLE, "winter.csv")

    address = reverse("uploads:list")
    assert names(address, q="AUTUMN") == ["autumn.csv"]
    assert names(address, q="spring renewals") == ["winter.csv", "autumn.csv"]
    assert names(address, q="ines") == ["winter.csv", "autumn.csv"]
    assert names(address, q="omar") == []


def test_a_long_list_has_pages_that_keep_the_search(give, names, page, campaign):
    first = give(TABLE, run=False)
    Upload.objects.bulk_create(
        Upload(
            campaign=campaign,
            stage="unreadable",
            by_label="Ines Sousa",
            received_at=first.received_at,
            stored_name=f"x{at}",
            file_name=f"old {at}.csv",
            file_size=1,
            sha256="0" * 64,
        )
        for at in range(60)
    )

    html = markup(page.get(reverse("uploads:list"), {"q": "old"}))
    following = re.search(r'href="(\?[^"]+)"[^>]*>Next', html)
    assert following is not None
    assert "q=old" in following[1]
    assert len(names(reverse("uploads:list"), q="old")) == 50
    assert len(names(reverse("uploads:list"), q="old", page=2)) == 10
    assert len(names(reverse("uploads:list"), q="old", page="x")) == 50


def test_a_campaign_shows_its_own_uploads_as_a_panel_and_as_a_page(give, page, names, sandbox, connection, campaign):
    other = mirror(sandbox, connection, sandbox.add_campaign("Another"))
    give(TABLE, "mine.csv")
    give(TABLE, "other.csv", to=other)
    address = reverse("uploads:of_campaign", args=[campaign.pk])

    assert names(address) == ["mine.csv"]
    part = markup(page.get(address, headers={"HX-Request": "true"}))
    assert part.lstrip().startswith('<section class="panel" id="campaign-uploads"')
    assert "mine.csv" in part


def test_a_running_check_shows_its_progress(give, look):
    upload = give(TABLE, run=False)
    assert "Waiting to be checked" in look(upload)

    Upload.objects.filter(pk=upload.pk).update(stage="reading", rows_read=48_210)

    assert "48,210" in look(upload)
    assert "shown=reading" in look(upload)


def test_the_template_can_be_uploaded_unchanged_and_its_example_is_not_sent(page, give):
    for ending in ("csv", "xlsx"):
        answer = page.get(reverse("uploads:template", args=[ending]))
        upload = give(b"".join(answer.streaming_content), f"contacts.{ending}")

        assert (upload.stage, upload.draft.reasons) == ("checked", {"example_row": 1})
        assert (upload.draft.pending, upload.draft.invalid) == (0, 0)
        assert set(upload.mapping) == {"phone", "name", "source", "url", "priority", "active"}
    assert page.get(reverse("uploads:template", args=["pdf"])).status_code == 404
