import io
import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.support.queue import run_jobs
from tests.support.sandbox import connect, mirror
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Push
from voisoadmin.sandbox import Fault
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.slow

NUMBERS = [f"4474155{at:05}" for at in range(50000, 50020)]
TABLE = "phone,name\n" + "".join(f"+{number},Zoe\n" for number in NUMBERS) + f"+{NUMBERS[0]},again\nn/a,nemo\n"
KEYS = [
    "upload",
    "state",
    "rows",
    "buckets",
    "reasons",
    "warnings",
    "questions",
    "offers",
    "notes",
    "problem",
    "calls",
    "seconds",
]


def manage(*arguments: object) -> tuple[int, dict[str, object], str]:
    """Run a command with --json; return its exit code, the record it printed, and its error message."""
    out = io.StringIO()
    code, complaint = 0, ""
    try:
        call_command(*map(str, arguments), "--json", stdout=out)
    except CommandError as problem:
        code, complaint = problem.returncode, str(problem)
    lines = out.getvalue().splitlines()
    return code, json.loads(lines[-1]) if lines else {}, complaint


@pytest.fixture
def leads(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(TABLE)
    return path


def test_a_push_with_wait_does_everything_in_this_process(any_campaign, sandbox, leads):
    code, printed, _ = manage("push", leads, "--campaign", any_campaign.voiso_id, "--wait")

    assert (code, list(printed)) == (0, KEYS)
    assert (printed["state"], printed["rows"], printed["calls"]) == ("finished", 22, 1)
    buckets = printed["buckets"]
    assert sum(buckets.values()) == 22
    assert {name: rows for name, rows in buckets.items() if rows} == {"added": 20, "duplicate_in_file": 1, "invalid": 1}
    assert printed["reasons"] == {"added": 20, "no_digits": 1, "same_number_in_file": 1}
    assert sandbox.numbers_in(any_campaign.voiso_id) == set(NUMBERS)


def test_without_json_outcomes_and_reasons_are_words(campaign, leads):
    out = io.StringIO()
    call_command("push", str(leads), "--campaign", campaign.voiso_id, "--wait", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[1] == "22 rows: 20 added, 1 repeated in file, 1 invalid"
    assert sorted(lines[2:5]) == ["  Added: 20", "  No digits: 1", "  Repeated in file: 1"]


def test_the_upload_command_shows_the_same_record_later(campaign, leads):
    _, pushed, _ = manage("push", leads, "--campaign", campaign.voiso_id, "--wait")

    code, printed, _ = manage("upload", pushed["upload"])

    assert code == 0
    assert {**printed, "seconds": 0} == {**pushed, "seconds": 0}


def test_a_push_that_does_not_wait_leaves_the_rest_to_a_worker(campaign, sandbox, leads):
    code, printed, _ = manage("push", leads, "--campaign", campaign.voiso_id)
    assert (code, printed["state"], printed["rows"], sum(printed["buckets"].values())) == (0, "received", None, 0)
    assert sandbox.numbers_in(campaign.voiso_id) == set()

    run_jobs()

    code, printed, _ = manage("upload", printed["upload"])
    assert (code, printed["state"], printed["buckets"]["added"]) == (0, "finished", 20)


def test_work_lost_by_the_worker_is_sent_by_the_sweep(campaign, leads, monkeypatch):
    manage("push", leads, "--campaign", campaign.voiso_id)
    run_jobs(disturb=lambda tasks: [])
    upload = Upload.objects.get()
    call_command("shell", "--command", "from voisoadmin.uploads.tasks import sweep; sweep()", verbosity=0)

    run_jobs()

    upload.refresh_from_db()
    assert upload.stage == "sent"
    assert Push.objects.get().state == "finished"


def test_the_user_is_in_the_audit_trail(campaign, leads):
    manage("push", leads, "--campaign", campaign.voiso_id, "--wait")

    operations = Operation.objects.order_by("pk")
    assert [operation.kind for operation in operations] == ["upload", "send"]
    assert {operation.status for operation in operations} == {"done"}
    assert all("(command line)" in operation.by_label for operation in operations)


def test_a_column_can_be_named(campaign, tmp_path, sandbox):
    path = tmp_path / "odd.csv"
    path.write_text("A;B\n0171 4471500;0171 4471600\n0171 4471501;0171 4471601\n")

    code, printed, complaint = manage("push", path, "--campaign", campaign.voiso_id, "--region", "DE", "--wait")
    assert (code, printed["state"], printed["error_code"]) == (1, "needs_mapping", "several_phone_columns")
    assert printed["problem"] == complaint
    assert complaint.startswith("Several columns could be the phone number: “A” and “B”.")
    assert [answer["ready"] for answer in printed["questions"][0]["answers"]] == [2, 2]
    assert sandbox.numbers_in(campaign.voiso_id) == set()
    code, printed, _ = manage("push", path, "--campaign", campaign.voiso_id, "--region", "DE", "--map", "phone=B", "--wait")

    assert (code, printed["buckets"]["added"]) == (0, 2)
    assert sandbox.numbers_in(campaign.voiso_id) == {"491714471600", "491714471601"}


def test_a_question_is_answered_in_the_command(campaign, tmp_path, sandbox):
    path = tmp_path / "odd.csv"
    path.write_text("A;B\n0171 4471500;0171 4471600\n0171 4471501;0171 4471601\n")
    to = ["--campaign", campaign.voiso_id, "--region", "DE", "--wait"]

    code, printed, complaint = manage("push", path, *to, "--answer", "several_phone_columns=C")
    assert (code, printed["state"]) == (2, "needs_mapping")
    assert "Answers: “A”, “B”." in complaint
    code, printed, _ = manage("push", path, *to, "--answer", "several_phone_columns=B")

    assert (code, printed["buckets"]["added"], printed["questions"]) == (0, 2, [])
    assert sandbox.numbers_in(campaign.voiso_id) == {"491714471600", "491714471601"}


def test_known_numbers_are_left_out_unless_requested(campaign, leads, sandbox):
    manage("push", leads, "--campaign", campaign.voiso_id, "--wait")

    code, printed, _ = manage("push", leads, "--campaign", campaign.voiso_id, "--wait")
    assert (code, printed["state"], printed["calls"], printed["reasons"]["known_here"]) == (0, "finished", 0, 20)
    code, printed, _ = manage("push", leads, "--campaign", campaign.voiso_id, "--resend-known", "--wait")

    assert (code, printed["calls"], printed["reasons"]["in_campaign"]) == (0, 1, 20)
    assert printed["buckets"]["unattributed"] == 0


def test_an_update_changes_existing_contacts(campaign, sandbox, leads):
    sandbox.add_leads(campaign.voiso_id, NUMBERS)

    update = ["push", leads, "--campaign", campaign.voiso_id, "--kind", "update", "--wait"]

    code, printed, complaint = manage(*update)
    assert (code, printed["state"], printed["questions"][0]["code"]) == (1, "checked", "active_unknown")
    assert printed["problem"] == complaint
    assert sandbox.lead(campaign.voiso_id, NUMBERS[1]).name != "Zoe"
    code, printed, _ = manage(*update, "--answer", "active_unknown=active")

    assert (code, printed["buckets"]["updated"]) == (0, 20)
    assert sandbox.lead(campaign.voiso_id, NUMBERS[1]).name == "Zoe"


def test_a_held_campaign_ends_the_command_with_the_reason(campaign, sandbox, leads):
    sandbox.fault(Fault.NOT_LIVE, times=1)

    code, printed, complaint = manage("push", leads, "--campaign", campaign.voiso_id, "--wait")

    assert (code, printed["state"], printed["buckets"]["pending"]) == (1, "blocked", 20)
    assert "Sending is blocked: " in complaint


def test_rows_that_were_not_sent_are_an_exit_code(campaign, sandbox, leads, page):
    sandbox.fault(Fault.NOT_LIVE, times=1)
    _, printed, _ = manage("push", leads, "--campaign", campaign.voiso_id, "--wait")
    page.post(reverse("uploads:cancel", args=[printed["upload"]]), {"client_token": "6f8c1cf0-6f0b-4f0a-8d6c-0d3b6f2f1c11"})

    code, printed, complaint = manage("upload", printed["upload"])

    assert (code, printed["state"], printed["buckets"]["not_sent"]) == (1, "cancelled", 20)
    assert "20 rows were not sent" in complaint


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--campaign", "999"], "No campaign 999."),
        (["--campaign", "CAMPAIGN", "--connection", "Nowhere"], "No connection named Nowhere."),
        (["--campaign", "CAMPAIGN", "--region", "XX"], "“XX” is not a country code"),
        (["--campaign", "CAMPAIGN", "--map", "fone=A"], "“fone=A” is not FIELD=COLUMN"),
        (["--campaign", "CAMPAIGN", "--map", "phone=Nowhere", "--wait"], "No column “Nowhere”."),
    ],
)
def test_bad_usage_is_explained(campaign, leads, arguments, sentence):
    arguments = [campaign.voiso_id if argument == "CAMPAIGN" else argument for argument in arguments]

    code, _, complaint = manage("push", leads, *arguments)

    assert code == 2
    assert sentence in complaint


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000, "x"])
def test_the_number_of_an_upload_that_cannot_exist_is_reported(db, number):
    with pytest.raises(CommandError, match="No upload "):
        call_command("upload", number)


def test_a_missing_file_is_reported(campaign, tmp_path):
    assert manage("push", tmp_path / "no.csv", "--campaign", campaign.voiso_id)[::2] == (
        2,
        f"No such file: {tmp_path / 'no.csv'}.",
    )
    assert "is a folder" in manage("push", tmp_path, "--campaign", campaign.voiso_id)[2]
    assert not Upload.objects.exists()


def test_a_campaign_listed_by_two_connections_needs_its_connection(campaign, sandbox, leads):
    mirror(sandbox, connect(sandbox, generation="legacy", name="Older key"), int(campaign.voiso_id))

    code, _, complaint = manage("push", leads, "--campaign", campaign.voiso_id)
    assert code == 2
    assert "Older key" in complaint
    assert "Test centre" in complaint

    assert manage("push", leads, "--campaign", campaign.voiso_id, "--connection", "Older key", "--wait")[0] == 0


def test_a_campaign_that_was_never_listed_is_searched_once(connection, sandbox, leads):
    voiso_id = sandbox.add_campaign("Fresh")
    assert not Campaign.objects.exists()

    code, printed, _ = manage("push", leads, "--campaign", voiso_id, "--wait")

    assert (code, printed["buckets"]["added"]) == (0, 20)


def test_rejected_rows_are_written_to_a_file(campaign, leads, tmp_path):
    _, printed, _ = manage("push", leads, "--campaign", campaign.voiso_id, "--wait")

    code, written, _ = manage("rejected", printed["upload"], "--output", tmp_path / "out.csv")
    assert (code, written["rows"]) == (0, 2)
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "phone,name,Row,Outcome,Reason,What happened,What to do,Code"
    assert lines[1].startswith(f"'+{NUMBERS[0]},again,22,Repeated in file,Repeated in file,")
    assert lines[1].endswith(",same_number_in_file")
    assert lines[2].startswith("n/a,nemo,23,Invalid,No digits,")
    assert lines[2].endswith(",no_digits")

    assert manage("rejected", printed["upload"], "--output", tmp_path / "all.xlsx", "--all-rows")[1]["rows"] == 22
    sheet = openpyxl.load_workbook(tmp_path / "all.xlsx").active
    assert [row[2] for row in sheet.iter_rows(values_only=True)] == ["Row", *map(str, range(2, 24))]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["all.xlsx", "leads.csv", "out.csv"]
    assert Operation.objects.filter(kind="download").count() == 2


def test_rejected_rows_need_an_upload_and_a_known_file_type(campaign, leads, tmp_path):
    assert manage("rejected", "7", "--output", tmp_path / "out.csv")[::2] == (2, "No upload 7.")
    _, printed, _ = manage("push", leads, "--campaign", campaign.voiso_id)
    assert manage("rejected", printed["upload"], "--output", tmp_path / "out.txt")[0] == 2
    assert manage("rejected", printed["upload"], "--output", tmp_path / "out.csv")[0] == 1
