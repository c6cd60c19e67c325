import hashlib
import threading
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.operations.models import Operation
from voisoadmin.uploads.intake import receiving, spool
from voisoadmin.uploads.models import Upload

TABLE = b"phone,name\n+447415550012,Zoe\n"


def form(data: bytes = TABLE, name: str = "leads.csv", **fields: str) -> dict[str, object]:
    return {
        "client_token": str(uuid.uuid4()),
        "kind": "add",
        "region": "GB",
        **fields,
        "file": SimpleUploadedFile(name, data),
    }


def address(campaign) -> str:
    return f"{reverse('uploads:new')}?campaign={campaign.pk}"


def stored_files(root) -> list:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_file_becomes_an_upload_that_is_queued_for_reading(page, campaign, ines, upload_root):
    answer = page.post(address(campaign), form())

    upload = Upload.objects.get()
    assert answer.status_code == 302
    assert answer.url == reverse("uploads:detail", args=[upload.pk])
    assert (upload.stage, upload.campaign, upload.by, upload.choices) == ("received", campaign, ines, {"region": "GB"})
    assert (upload.file_name, upload.file_size, upload.sha256) == ("leads.csv", len(TABLE), hashlib.sha256(TABLE).hexdigest())
    (path,) = stored_files(upload_root)
    assert path == spool.stored_path(upload.stored_name)
    assert path.read_bytes() == TABLE
    assert path.stat().st_mode & 0o777 == 0o600
    assert take_jobs() == [("voisoadmin.uploads.tasks.read_file", (upload.pk,))]


def test_the_audit_trail_names_the_file_and_who_sent_it(page, campaign, ines):
    page.post(address(campaign), form())

    operation = Operation.objects.get(kind="upload")
    assert (operation.status, operation.by, operation.campaign_ref) == ("done", ines, campaign.pk)
    assert operation.subject_label == "leads.csv to Spring renewals"


def test_the_same_form_posted_again_shows_the_same_upload(page, campaign, upload_root):
    token = str(uuid.uuid4())

    answers = [page.post(address(campaign), form(client_token=token)) for _ in range(3)]

    assert len({answer.url for answer in answers}) == 1
    assert Upload.objects.count() == Operation.objects.filter(kind="upload").count() == len(stored_files(upload_root)) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_of_one_form_at_once_make_one_upload(campaign, ines, upload_root):
    token = str(uuid.uuid4())
    answers = []

    def post() -> None:
        client = Client()
        client.force_login(ines)
        answers.append(client.post(address(campaign), form(client_token=token)))
        database.close()

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [302] * 20
    assert len({answer.url for answer in answers}) == 1
    assert Upload.objects.count() == Operation.objects.filter(kind="upload").count() == 1
    assert len(stored_files(upload_root)) == 1
    assert len(take_jobs()) == 1


def test_a_csv_over_the_limit_is_refused_with_the_limit_named(page, campaign, settings, upload_root):
    settings.MAX_CSV_MIB = 1

    answer = page.post(address(campaign), form(b"phone\n" + b"+447415550012\n" * 100_000))

    assert answer.status_code == 422
    assert "The file is too large. The limit is 1 MB for CSV and 100 MB for a workbook." in markup(answer)
    assert not Upload.objects.exists()
    assert stored_files(upload_root) == []


def test_a_workbook_over_its_limit_is_recognised_by_content_not_name(page, campaign, settings, upload_root):
    settings.MAX_WORKBOOK_MIB = 1

    answer = page.post(address(campaign), form(b"PK\x03\x04" + bytes(1_200_000), name="leads.csv"))

    assert answer.status_code == 422
    assert "1 MB for a workbook" in markup(answer)
    assert stored_files(upload_root) == []


def test_a_form_without_a_file_says_so(page, campaign):
    fields = form()
    del fields["file"]

    answer = page.post(address(campaign), fields)

    assert answer.status_code == 422
    assert "Choose a file first." in markup(answer)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\ines\\leads.xlsx", "leads.xlsx"),
        ("lea\u202eds\x00\x1b.csv", "lea ds .csv"),
        ("<script>alert(1)</script>.csv", "script>.csv"),
        ("", "upload"),
        (" . ", "upload"),
        ("Zoë 名簿.csv", "Zoë 名簿.csv"),
    ],
)
def test_file_names_are_only_for_display(sent, shown):
    assert spool.clean_file_name(sent) == shown


def test_a_very_long_name_keeps_its_extension():
    name = spool.clean_file_name("x" * 5000 + ".csv")

    assert len(name) == 200
    assert name.endswith("….csv")


def test_a_hostile_name_touches_no_path_and_is_escaped(page, campaign, upload_root):
    page.post(address(campaign), form(name="../<img src=x onerror=alert(1)>.csv"))

    shown = markup(page.get(reverse("uploads:detail", args=[Upload.objects.get().pk])))
    assert "<img src=x" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;.csv" in shown
    assert [path.parent for path in stored_files(upload_root)] == [upload_root]


def test_a_stranger_leaves_no_file_behind(client, campaign, upload_root):
    answer = client.post(address(campaign), form())

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("accounts:sign_in"))
    assert stored_files(upload_root) == []


def test_a_form_without_its_token_is_refused(ines, campaign, upload_root):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ines)

    answer = client.post(address(campaign), form())

    assert answer.status_code == 403
    assert not Upload.objects.exists()
    assert stored_files(upload_root) == []


def test_files_that_no_upload_names_go_after_a_day(page, campaign, upload_root):
    page.post(address(campaign), form())
    (upload_root / "incoming" / "left.part").write_bytes(b"half a file")
    (upload_root / "orphan").write_bytes(b"a whole one whose row was never written")

    assert receiving.remove_orphans(at=timezone.now()) == 0
    assert receiving.remove_orphans(at=timezone.now() + timedelta(days=1, minutes=1)) == 2

    assert stored_files(upload_root) == [spool.stored_path(Upload.objects.get().stored_name)]


def test_the_form_shows_what_a_file_should_contain_before_one_is_chosen(page, campaign):
    shown = markup(page.get(address(campaign)))

    assert "CSV up to 300 MB, Excel or OpenDocument up to 100 MB, 1,048,576 rows" in shown
    assert "+44 7700 900123" in shown
    assert settings.MAX_CSV_MIB == 300


def test_without_a_campaign_the_page_asks_for_one(page, campaign):
    shown = markup(page.get(reverse("uploads:new"), {"q": "spring"}))

    assert address(campaign).replace("&", "&amp;") in shown
    assert "No campaign matches “winter”" in markup(page.get(reverse("uploads:new"), {"q": "winter"}))


def test_all_of_many_campaigns_can_be_reached_with_their_state(page, connection):
    facts = {"status": "auto_paused", "changed_at": timezone.now(), "seen_at": timezone.now()}
    lanes = Lane.objects.bulk_create(Lane(address="cc-test01.voiso.com:443", voiso_id=str(9000 + at)) for at in range(51))
    Campaign.objects.bulk_create(
        Campaign(connection=connection, lane=lane, voiso_id=lane.voiso_id, name=f"Winter {lane.voiso_id}", **facts)
        for lane in lanes
    )

    first = markup(page.get(reverse("uploads:new")))
    second = markup(page.get(reverse("uploads:new"), {"page": "2"}))

    listed = ['title="Winter 9049"' in first, 'title="Winter 9050"' in first, 'title="Winter 9050"' in second]
    assert listed == [True, False, True]
    assert ("Auto-paused" in first, "auto_paused" in first) == (True, False)


def test_the_campaign_can_be_chosen_beside_the_file_and_those_used_last_come_first(page, campaign, ines):
    begin = reverse("uploads:new")
    assert "Recent" not in markup(page.get(begin))

    answer = page.post(begin, {**form(), "campaign": campaign.pk})

    upload = Upload.objects.get()
    assert answer.url == reverse("uploads:detail", args=[upload.pk])
    assert (upload.campaign, upload.by) == (campaign, ines)
    recent = markup(page.get(begin)).split("Recent")[1].split("By name")[0]
    assert campaign.name in recent


def test_a_file_without_a_campaign_is_refused_with_a_reason(page, campaign, upload_root):
    answer = page.post(reverse("uploads:new"), form())

    assert answer.status_code == 422
    assert "Choose a campaign first, then the file again." in markup(answer)
    assert not Upload.objects.exists()
    assert stored_files(upload_root) == []


def test_pasted_cells_become_an_upload(page, campaign):
    fields = {
        "client_token": str(uuid.uuid4()),
        "kind": "add",
        "region": "GB",
        "cells": "phone\tname\r\n+447415550012\tZoë, Ltd\r\n",
    }

    answer = page.post(address(campaign), fields)
    run_jobs()

    upload = Upload.objects.get()
    assert answer.url == reverse("uploads:detail", args=[upload.pk])
    assert (upload.file_name, upload.stage, upload.rows, upload.draft.pending) == ("Pasted cells.tsv", "checked", 1, 1)
    assert "Zoë, Ltd" in markup(page.get(answer.url))


def test_neither_a_file_nor_cells_is_refused_and_the_form_keeps_what_was_typed(page, campaign):
    fields = {"client_token": str(uuid.uuid4()), "kind": "update", "region": "DE", "cells": " \n"}

    answer = page.post(address(campaign), fields)

    assert answer.status_code == 422
    assert "Choose a file first. You can also paste cells." in markup(answer)
    assert 'value="update" checked' in markup(answer)


@pytest.mark.parametrize("asked", ["999999", "x", "1.5", "-1", "٣"])
def test_a_missing_campaign_is_not_found(page, campaign, asked):
    assert page.get(reverse("uploads:new"), {"campaign": asked}).status_code == 404
