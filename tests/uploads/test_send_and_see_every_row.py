import csv
import io
import re
import uuid
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import mirror
from voisoadmin.connections.models import Connection
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.lib.clock import monotonic
from voisoadmin.lib.times import exact
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.models import Contact, Push, RejectedRecord
from voisoadmin.sandbox import Fault
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import headline, label_of

pytestmark = pytest.mark.slow

NUMBERS = [f"4474155{at:05}" for at in range(50000, 50030)]
MESSY = (
    "phone,name,source\n"
    + "".join(f"+{number},Zoe {at},fair\n" for at, number in enumerate(NUMBERS))
    + f"+{NUMBERS[0]},again,web\n"
    + "n/a,=cmd|'/C calc'!A0,web\n"
    + "447,<script>alert(1)</script>,web\n"
)


@pytest.fixture
def press(page):
    """Press a button of an upload's page."""

    def do(what: str, upload: Upload, *, run: bool = True, **fields: object):
        form = {"client_token": str(uuid.uuid4()), **fields}
        if what == "send":
            form.setdefault("version", upload.version)
        answer = page.post(reverse(f"uploads:{what}", args=[upload.pk]), form)
        if run:
            run_jobs()
        upload.refresh_from_db()
        return answer

    return do


@pytest.fixture
def download(page):
    def do(upload: Upload, what: str, ending: str) -> list[list[str]]:
        answer = page.get(reverse("uploads:download", args=[upload.pk, what, ending]))
        assert answer.status_code == 200
        content = b"".join(answer.streaming_content)
        if ending == "csv":
            return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        book = openpyxl.load_workbook(io.BytesIO(content))
        return [["" if cell is None else cell for cell in row] for row in book.active.iter_rows(values_only=True)]

    return do


def push_of(upload: Upload) -> Push:
    return upload.pushes.get()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_spreadsheet_becomes_contacts_and_every_row_is_in_one_bucket(any_campaign, sandbox, give, look, press):
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS[1:3])
    upload = give(MESSY, to=any_campaign)

    review = words(look(upload))
    assert "30 contacts ready for Spring renewals" in review
    assert "Not sent: 2 to fix, 1 repeated in file." in review
    press("send", upload)

    push = push_of(upload)
    assert (push.state, push.rows, push.pending) == ("finished", 33, 0)
    assert (push.added, push.duplicate, push.duplicate_in_file, push.invalid) == (28, 2, 1, 2)
    assert sandbox.numbers_in(any_campaign.voiso_id) == set(NUMBERS)
    result = words(look(upload))
    assert "28 added, 2 were already there of 33 rows" in result
    assert "Rows read 33" in result
    assert "confirmed sending 30 rows" in result


def test_the_outcome_of_sending_is_in_the_audit_trail(campaign, give, press, ines):
    upload = give(MESSY)

    press("send", upload)

    operation = Operation.objects.get(kind="send")
    assert (operation.status, operation.by, operation.subject_id) == ("done", ines, upload.pk)
    assert operation.result["buckets"]["added"] == 30


def test_a_double_click_sends_once(campaign, give, press, sandbox):
    upload = give(MESSY)
    token = str(uuid.uuid4())

    for _ in range(3):
        press("send", upload, client_token=token)

    assert Push.objects.count() == Operation.objects.filter(kind="send").count() == 1
    assert len(sandbox.requests(campaign.voiso_id)) == 1


def test_a_draft_that_was_not_shown_is_not_sent(campaign, give, press, page, sandbox):
    upload = give(MESSY)

    answer = press("send", upload, version=upload.version + 1)

    assert upload.stage == "checked"
    assert "Someone changed this upload since you opened the page. 30 rows are ready now, 2 to fix." in markup(
        page.get(answer.url)
    )
    assert sandbox.numbers_in(campaign.voiso_id) == set()
    assert not Operation.objects.filter(kind="send").exists()


def test_the_page_of_a_running_push_shows_how_far_it_is(campaign, give, look, press):
    upload = give(MESSY)
    press("send", upload, run=False)

    sending = look(upload)
    assert "0 of 30 sent" in words(sending)
    assert "You can leave this page" in sending
    assert "every 2s" in sending
    run_jobs()

    assert 'id="live"' not in look(upload)


def test_a_refresh_after_a_change_of_state_reloads_the_page(campaign, give, press, page):
    upload = give(MESSY)
    press("send", upload, run=False)
    address = reverse("uploads:detail", args=[upload.pk])

    before = page.get(address, {"shown": "sending"}, headers={"HX-Request": "true"})
    run_jobs()
    after = page.get(address, {"shown": "sending"}, headers={"HX-Request": "true"})

    assert markup(before).lstrip().startswith('<div id="live"')
    assert (after.headers.get("HX-Refresh"), after.content) == ("true", b"")


def test_a_pause_stops_sending_and_resume_continues_it(campaign, give, press, look, page, sandbox):
    upload = give(MESSY)
    press("send", upload, run=False)
    press("pause", upload)

    assert push_of(upload).state == "paused"
    assert sandbox.numbers_in(campaign.voiso_id) == set()
    assert "Resume sending" in look(upload)
    assert "Keep paused" in markup(page.get(reverse("uploads:cancel", args=[upload.pk])))
    press("resume", upload)

    assert push_of(upload).state == "finished"
    assert sandbox.numbers_in(campaign.voiso_id) == set(NUMBERS)
    kinds = Operation.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["upload", "send", "pause_sending", "resume_sending"]


def test_cancelling_asks_first_and_then_says_what_was_not_sent(campaign, give, press, look, page, sandbox):
    upload = give(MESSY)
    press("send", upload, run=False)

    question = page.get(reverse("uploads:cancel", args=[upload.pk]))
    assert "30 will not be sent." in words(markup(question))
    assert push_of(upload).state == "sending"
    press("cancel", upload)

    push = push_of(upload)
    assert (push.state, push.not_sent, push.rows) == ("cancelled", 30, 33)
    assert sandbox.numbers_in(campaign.voiso_id) == set()
    assert "30 rows were not sent." in words(look(upload))
    assert "Ines Sousa cancelled the rest" in words(look(upload))
    assert Operation.objects.filter(kind="cancel_sending").count() == 1


def test_cancelled_rows_are_not_called_sent_again(campaign, give, press, look, sandbox):
    upload = give(MESSY)
    press("send", upload, run=False)
    sandbox.fault(Fault.ANSWER_LOST, times=10_000)
    Engine().run(until=monotonic() + 0.2)
    assert "no clear answer; the batch is sent again" in look(upload)

    press("cancel", upload, run=False)

    page = look(upload)
    assert "no clear answer" in page
    assert "is sent again" not in page


def test_after_the_end_there_is_nothing_to_pause(campaign, give, press, page):
    upload = give(MESSY)
    press("send", upload)

    answer = press("pause", upload)

    assert "Sending has already ended." in markup(page.get(answer.url))


def test_a_campaign_that_is_not_live_holds_its_lane_with_voisos_words_until_a_person_acts(campaign, give, press, look, sandbox):
    upload = give(MESSY)
    sandbox.fault(Fault.NOT_LIVE, times=1)
    press("send", upload)

    push = push_of(upload)
    assert (push.state, push.pending) == ("sending", 30)
    held = look(upload)
    assert "Sending is blocked and needs you." in held
    assert "Resume sending" in held
    sandbox.heal()
    press("release", upload)

    assert push_of(upload).state == "finished"
    assert sandbox.numbers_in(campaign.voiso_id) == set(NUMBERS)
    assert Operation.objects.filter(kind="release_lane").count() == 1


def test_a_campaign_that_is_not_live_gives_a_warning_before_sending(campaign, give, look):
    upload = give(MESSY)

    type(campaign).objects.update(live=False)
    assert "is not a Live campaign." in look(upload)
    type(campaign).objects.update(live=None)
    assert "may not be a Live campaign." in look(upload)


def test_a_campaign_that_has_taken_contacts_is_not_suspected_of_not_being_live(campaign, give, look, press):
    type(campaign).objects.update(live=None)
    press("send", give(MESSY))

    assert "may not be a Live campaign." not in look(give(MESSY))


def test_a_wait_that_voiso_asked_for_shows_the_next_try(give, press, look, settings):
    settings.TIME_SCALE = 1  # no hold is longer than 15 minutes
    upload = give(MESSY)
    press("send", upload, run=False)
    until = timezone.now() + timedelta(seconds=90)
    Connection.objects.update(held_kind="rate", held_reason="Voiso asked us to wait.", held_until=until)

    shown = words(look(upload))

    assert re.search(r"Voiso asked us to wait\. Next try at (\d+ \w+ )?\d\d:\d\d:\d\d , in 1 min 2\d s, automatically\.", shown)
    assert f"Next batch at {timezone.localtime(until):%H:%M:%S}" in shown


def test_only_an_administrator_gets_a_link_to_a_connection_with_a_refused_key(give, press, look, page, ada):
    upload = give(MESSY)
    press("send", upload, run=False)
    Connection.objects.update(held_kind="key", held_reason="Voiso doesn't accept the API key.")
    address = reverse("connections:edit", args=[upload.campaign.connection_id])

    assert "Sending is blocked and needs an administrator." in look(upload)
    assert address not in look(upload)
    page.force_login(ada)
    assert "Sending is blocked and needs you." in look(upload)
    assert address in look(upload)


def test_an_upload_says_that_no_worker_runs(give, press, look):
    upload = give(MESSY, run=False)
    Connection.objects.update(answered_at=timezone.now() - timedelta(minutes=22))

    assert "The background worker doesn't seem to be running" in look(upload)
    run_jobs()
    upload.refresh_from_db()
    press("send", upload, run=False)
    Connection.objects.update(answered_at=timezone.now() - timedelta(minutes=22))
    assert "The background worker doesn't seem to be running" in look(upload)


def test_known_contacts_are_counted_and_listed_in_a_tab_of_their_own(campaign, give, press, look):
    press("send", give("phone\n+447400300001\n"))

    again = give("phone\n+447400300001\n")

    assert "Already there 1" in words(look(again))
    assert "+44 7400 300001 In the campaign since" in words(look(again, tab="there"))
    assert "Already there 0" in words(look(give("phone\n12\n")))


def test_the_head_of_an_upload_shows_the_last_answer_of_its_contact_centre(campaign, give, look):
    Connection.objects.create(
        name="Elsewhere", base_url="https://cc-x.voiso.com", held_kind="key", held_reason="Voiso refuses the key."
    )
    campaign.connection.answered_at = timezone.now()
    campaign.connection.save()

    crumbs = look(give(MESSY)).split('class="crumbs"')[1].split("<h1>")[0]

    assert "Voiso answered" in crumbs
    assert "Elsewhere" not in crumbs
    assert "<bdi hx-disable>leads.csv</bdi></span>" in crumbs


def test_the_same_file_again_is_announced_and_its_rows_are_duplicates(campaign, give, press, look, download):
    first = give(MESSY)
    press("send", first)

    second = give(MESSY)
    review = words(look(second))
    assert "You can send it again" not in review  # no row is ready
    assert "This file was already sent to Spring renewals , by Ines Sousa" in review
    assert "30 added" in review
    assert second.draft.reasons["known_here"] == 30
    since = exact(Contact.objects.get(number=int(NUMBERS[4])).known_since)
    assert f"In the campaign since {since.partition(',')[0]}; skipped" in words(look(second, tab="there"))
    press("send", second)
    _, *rows = download(second, "duplicate", "csv")
    assert rows[4][6] == f"Known to be in the campaign since {since}; not sent again."

    again = give(MESSY)
    form = {"resend_known": "1", "kind": "add", "region": "GB", "numbers": "auto", "header_row": "1"}
    form |= {"column-0": "phone", "column-1": "name", "column-2": "source"}
    press("choices", again, **form)
    press("send", again)

    push = push_of(again)
    assert (push.duplicate, push.unattributed, push.added) == (30, 0, 0)


def test_rows_that_were_not_added_can_be_downloaded_in_their_own_columns(campaign, give, press, download, sandbox):
    sandbox.add_leads(campaign.voiso_id, NUMBERS[1:3])
    upload = give(MESSY)
    press("send", upload)

    for ending in ("csv", "xlsx"):
        header, *rows = download(upload, "not-added", ending)
        assert header == ["phone", "name", "source", "Row", "Outcome", "Reason", "What happened", "What to do", "Code"]
        guard = "'" if ending == "csv" else ""  # a workbook says that its cells are text
        assert [(row[0], row[3], row[4], row[5], row[8]) for row in rows] == [
            (f"{guard}+{NUMBERS[1]}", "3", "Already in campaign", "Already in campaign", "in_campaign"),
            (f"{guard}+{NUMBERS[2]}", "4", "Already in campaign", "Already in campaign", "in_campaign"),
            (f"{guard}+{NUMBERS[0]}", "32", "Repeated in file", "Repeated in file", "same_number_in_file"),
            ("n/a", "33", "Invalid", "No digits", "no_digits"),
            ("447", "34", "Invalid", "Too short", "too_short"),
        ]
        assert rows[3][1] == "'=cmd|'/C calc'!A0"
        assert rows[2][6] == "Same number as row 2."


@pytest.mark.parametrize(
    ("buckets", "line"),
    [
        ({}, "nothing added"),
        ({"added": 1850, "duplicate": 150}, "1,850 added, 150 were already there"),
        ({"duplicate": 1}, "1 was already there"),
        ({"updated": 3, "added": 1}, "1 added, 3 updated"),
        ({"added": 2, "unattributed": 7, "invalid": 4}, "2 added, 7 added or already there"),
    ],
)
def test_the_headline_counts_who_was_already_there(buckets, line):
    assert headline(dict.fromkeys(Bucket, 0) | buckets) == line


def test_the_headline_of_an_update_without_effect_is_about_updates():
    assert headline(dict.fromkeys(Bucket, 0), "update") == "nothing updated"


def test_a_failed_request_is_shown_as_a_sentence_and_never_as_the_raw_answer(campaign, give, press, look, sandbox):
    sandbox.fault(Fault.ODD_JSON, on="contacts", times=1, status=500, body={"error": {"code": "E_DB", "trace": ["x"]}})
    upload = give(MESSY)

    press("send", upload)

    page = look(upload)
    assert "Voiso had an internal error (HTTP 500)." in page
    for raw in ("E_DB", "trace", "{&quot;", "&quot;:"):
        assert raw not in page


def test_a_refused_batch_shows_voisos_words_in_quotation_marks(campaign, give, press, look, sandbox):
    sandbox.fault(Fault.POISON, numbers=[NUMBERS[3]], text="Contact 3 cannot be stored", times=1)
    upload = give(MESSY)

    press("send", upload)

    page = look(upload)
    assert "Voiso refused the whole batch" in page
    assert "Voiso: “Contact 3 cannot be stored”." in page
    assert "try 2: " in page


def test_every_row_can_be_downloaded_with_its_outcome(campaign, give, press, download):
    upload = give(MESSY)
    press("send", upload)

    for ending in ("csv", "xlsx"):
        _, *rows = download(upload, "all", ending)
        assert [row[3] for row in rows] == [str(number) for number in range(2, 35)]
        assert [row[4] for row in rows[:30]] == ["Added"] * 30


def test_every_outcome_can_be_downloaded_separately(campaign, give, press, download, look, sandbox):
    sandbox.add_leads(campaign.voiso_id, NUMBERS[:3])
    sandbox.fault(Fault.ANSWER_LOST, on="contacts")
    upload = give(MESSY)
    press("send", upload)
    buckets = {bucket: rows for bucket, rows in push_of(upload).buckets().items() if rows}
    assert set(buckets) == {"unattributed", "invalid", "duplicate_in_file"}

    offered = list(dict.fromkeys(re.findall(r'href="[^"]+/download/([a-z-]+)\.(?:csv|xlsx)"', look(upload))))

    assert offered == ["not-added", "all", "unattributed", "invalid", "duplicate-in-file"]
    for what in offered[2:]:
        for ending in ("csv", "xlsx"):
            _, *rows = download(upload, what, ending)
            assert {row[4] for row in rows} == {label_of(what.replace("-", "_"))}
            assert len(rows) == buckets[what.replace("-", "_")]


def test_downloads_are_attachments_that_are_never_cached_and_always_recorded(campaign, give, press, page, ines):
    upload = give(MESSY, name="leads ü.csv")
    press("send", upload)

    for ending in ("csv", "xlsx"):
        answer = page.get(reverse("uploads:download", args=[upload.pk, "all", ending]))
        b"".join(answer.streaming_content)
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"
    downloads = Operation.objects.filter(kind="download", by=ines)
    assert {operation.request["format"] for operation in downloads} == {"csv", "xlsx"}


def test_rejected_records_are_listed_searched_and_filtered(campaign, give, press, page):
    upload = give(MESSY)
    press("send", upload)
    address = reverse("uploads:rejected_of", args=[upload.pk])

    everything = markup(page.get(address))
    assert "n/a" in everything
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in everything
    assert "<script>alert" not in everything

    def rows(**query: str) -> list[str]:
        html = markup(page.get(address, query))
        return re.findall(r'data-label="Row">([\d,]+)<', html)

    assert rows() == ["33", "34"]
    assert rows(q="n/a") == ["33"]
    assert rows(q="34") == ["34"]
    assert rows(q="alert") == ["34"]
    assert rows(reason="no_digits") == ["33"]
    assert rows(bucket="rejected") == []
    assert rows(after="33") == ["34"]
    assert "No rows match “nemo”" in markup(page.get(address, {"q": "nemo"}))


def test_a_rejected_record_gives_advice_for_each_problem(campaign, give, press, page):
    upload = give("phone,active\n+44 7400 3O0001,perhaps\n+447400300002,yes\n")
    press("send", upload)

    shown = words(markup(page.get(reverse("uploads:rejected_of", args=[upload.pk]))))

    for sentence in ("Keep only the number in the cell.", "Answer the question on the upload&#x27;s page."):
        assert sentence in shown


def test_rejected_records_of_all_uploads_leave_out_drafts(campaign, give, press, page):
    give("phone\nx1\n+447415550012\n")
    upload = give(MESSY)
    press("send", upload)

    html = markup(page.get(reverse("uploads:rejected")))

    assert re.findall(r'data-label="Row">([\d,]+)<', html) == ["34", "33"]
    assert "leads.csv" in html


def test_rejected_records_of_one_campaign_leave_out_those_of_others(campaign, sandbox, give, press, page):
    other = mirror(sandbox, campaign.connection, sandbox.add_campaign("Elsewhere", live=True))
    press("send", give("phone,name\nn/a,Hereward\n+447415550012,Zoe\n"))
    press("send", give("phone,name\nn/a,Thereza\n+447415550012,Zoe\n", to=other))

    html = markup(page.get(reverse("uploads:rejected"), {"campaign": campaign.pk}))
    refused = markup(page.get(reverse("uploads:rejected"), {"campaign": campaign.pk, "bucket": "rejected"}))

    assert ("Hereward" in html, "Thereza" in html) == (True, False)
    assert "Show all campaigns" in html
    assert "Hereward" not in refused


def test_a_rows_problem_is_shown_beside_its_number_and_in_its_column(campaign, give, look):
    upload = give("phone,name,url,priority\n+44 74,Zoe,crm.example,1\n+44 (0) 7415 550013,Max,crm.example,0\n")

    to_fix, warned = (
        re.findall(r'<tr id="row-\d+"[^>]*>(.*?)</tr>', look(upload, tab=tab), re.DOTALL) for tab in ("fix", "warnings")
    )

    cells = to_fix[0].split("</td>")
    assert (words(cells[1]), words(cells[2])) == ("+44 74", "The number is too short for its country.")
    cells = warned[0].split("</td>")
    assert words(cells[1]) == "+44 7415 550013 +44 (0) 7415 550013"
    assert words(cells[2]).startswith("Prefix after the country code")
    assert "Priority 0 is sent as 1" in words(cells[2])
    assert ("cell-warn" in cells[4], words(cells[4])) == (True, "https://crm.example crm.example")
    assert ("cell-warn" in cells[5], words(cells[5])) == (True, "1 0")
    assert [len(to_fix), len(warned)] == [1, 1]


def test_a_page_of_rejected_records_links_to_the_next(campaign, give, press, page):
    upload = give("phone\n+447415550012\n" + "n/a\n" * 120)
    press("send", upload)

    seen, address = [], reverse("uploads:rejected")
    while address:
        html = markup(page.get(address))
        seen += re.findall(r'data-label="Row">([\d,]+)<', html)
        following = re.search(r'href="([^"]+)" rel="next">Next', html)
        address = following[1].replace("&amp;", "&") if following else ""

    assert sorted(map(int, seen)) == list(range(3, 123))


def test_what_voiso_refuses_is_a_rejected_record(campaign, give, press, look, sandbox):
    sandbox.add_leads(campaign.voiso_id, NUMBERS[:25])
    upload = give(MESSY, kind="update")
    press("answer", upload, code="active_unknown", value="active")
    assert "keeps its last known value" in look(upload)
    press("send", upload)

    push = push_of(upload)
    assert (push.updated, push.rejected, push.invalid) == (25, 5, 2)
    records = RejectedRecord.objects.filter(push=push, bucket="rejected").order_by("row_number")
    assert [record.row_number for record in records] == [27, 28, 29, 30, 31]
    result = words(look(upload))
    assert "25 updated of 33 rows" in result
    assert "Voiso rejected the update; the number may not be in the campaign." in result


def test_a_row_that_voiso_refused_shows_its_number_as_in_the_file_and_as_sent(campaign, give, press, page):
    upload = give("Phone,Name\n+44 7415 550012,Zoe\n447415550013,Max\n", kind="update")
    press("answer", upload, code="active_unknown", value="active")
    press("send", upload)

    for address in (reverse("uploads:detail", args=[upload.pk]), reverse("uploads:rejected")):
        shown = words(markup(page.get(address)))
        assert "+44 7415 550012 sent as +447415550012" in shown
        assert "447415550013 Max" in shown
        assert "sent as +447415550013" not in shown


def test_batches_refused_as_a_whole_are_not_drawn_as_answered(campaign, give, press, look, sandbox):
    sandbox.fault("poison")
    upload = give("phone\n" + "".join(f"+4474155{at:05}\n" for at in range(50_000, 52_500)))

    press("send", upload)

    shown = look(upload)
    assert "Voiso refuses every row" in shown
    assert '<rect class="wait"' in shown
    assert '<rect class="ok"' not in shown


def test_an_upload_can_be_discarded_before_it_is_sent(campaign, give, press, look):
    upload = give(MESSY)

    press("discard", upload)

    assert upload.stage == "cancelled"
    assert not Push.objects.exists()
    assert "Discarded before anything was sent." in look(upload)
    assert Operation.objects.filter(kind="discard_upload").count() == 1


def test_discarding_can_be_undone_for_an_hour(campaign, give, press, look, page):
    upload = give(MESSY)
    press("discard", upload)

    press("restore", upload)

    assert (upload.stage, upload.draft.pending) == ("checked", 30)
    assert Operation.objects.filter(kind="restore_upload").count() == 1
    press("discard", upload)
    Upload.objects.update(discarded_at=timezone.now() - timedelta(hours=1))
    answer = press("restore", upload)
    assert upload.stage == "cancelled"
    assert "can&#x27;t be restored any more" in markup(page.get(answer.url))
    assert reverse("uploads:restore", args=[upload.pk]) not in look(upload)


def test_a_changed_choice_is_checked_again(campaign, give, press, look):
    upload = give("A;B;Notiz\n0171 4471500;+447415550012;Zoe\n0171 4471501;+447415550013;Max\n", region="DE")
    assert upload.stage == "needs_mapping"

    form = {"kind": "add", "region": "DE", "numbers": "auto", "header_row": "1", "delimiter": ";", "encoding": "utf-8"}
    press("choices", upload, **form, **{"column-0": "phone", "column-2": "name"})

    assert upload.stage == "checked"
    assert upload.choices == {"region": "DE", "numbers": "auto", "mapping": {"phone": 0, "name": 2}}
    assert upload.draft.pending == 2
    assert "+49 171 4471500" in look(upload)


def test_two_columns_for_one_field_are_refused_with_a_reason(campaign, give, press, page):
    upload = give(MESSY)
    form = {"kind": "add", "region": "GB", "numbers": "auto", "header_row": "1", "column-0": "phone", "column-1": "phone"}

    answer = press("choices", upload, **form)

    assert upload.stage == "checked"
    assert "Two columns are set to Phone" in markup(page.get(answer.url))


def test_a_choice_that_makes_a_file_unreadable_can_be_undone(campaign, give, press, look):
    upload = give(MESSY)
    form = {"kind": "add", "region": "GB", "numbers": "auto", "column-0": "phone"}
    press("choices", upload, header_row="5000", **form)
    assert upload.stage == "unreadable"
    assert "Re-check file" in look(upload)

    press("choices", upload, header_row="1", **form)

    assert upload.stage == "checked"


def test_a_running_check_is_replaced_by_another_choice(campaign, give, press):
    upload = give(MESSY, run=False)
    jobs = take_jobs()
    Upload.objects.filter(pk=upload.pk).update(stage="reading", check_no=7, check_beat_at=timezone.now() - timedelta(hours=1))
    assert jobs
    run_jobs()
    upload.refresh_from_db()
    assert upload.stage == "reading"

    press("discard", upload)

    assert upload.stage == "cancelled"
