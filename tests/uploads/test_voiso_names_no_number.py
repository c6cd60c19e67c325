"""Voiso accepts contacts and names none of them: what the page and the command say, and the two ways on."""

import io
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.support.queue import run_jobs
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.board_groups import BoardGroup, of_group
from voisoadmin.operations.models import Operation
from voisoadmin.uploads.models import Upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TABLE = "phone\n" + "".join(f"+4474156{at:05}\n" for at in range(1500))


@pytest.fixture
def press(page):
    """Press a button of an upload's page, and let the jobs run."""

    def do(what: str, upload: Upload) -> None:
        form = {"client_token": str(uuid.uuid4()), "version": upload.version}
        assert page.post(reverse(f"uploads:{what}", args=[upload.pk]), form).status_code == 302
        run_jobs()
        upload.refresh_from_db()

    return do


@pytest.fixture
def paused(any_campaign, sandbox, give, press):
    sandbox.behaviour.answer_form = "message"
    upload = give(TABLE, to=any_campaign)
    press("send", upload)
    return upload


def test_the_page_shows_voisos_words_and_two_choices(paused, look, sandbox):
    shown = look(paused)

    assert "Sending is blocked and needs your decision." in shown
    assert "Contacts were accepted" in shown
    assert "500 rows are still waiting" in shown
    assert "Send the rest, each batch once" in shown
    assert reverse("uploads:cancel", args=[paused.pk]) in shown
    assert "Pause sending" not in shown
    assert Campaign.objects.filter(of_group(BoardGroup.ATTENTION)).exists()
    assert len(sandbox.requests(paused.campaign.voiso_id)) == 2


def test_sending_the_rest_sends_each_batch_once(paused, look, press, sandbox):
    press("resume", paused)

    assert len(sandbox.requests(paused.campaign.voiso_id)) == 3
    shown = look(paused)
    assert "1,500" in shown
    assert "without naming any number" in shown
    assert not Campaign.objects.filter(of_group(BoardGroup.ATTENTION)).exists()
    assert Operation.objects.filter(kind=Operation.Kind.RESUME_SENDING).count() == 1


def test_stopping_sends_nothing_more(paused, look, press, sandbox):
    press("cancel", paused)

    assert len(sandbox.requests(paused.campaign.voiso_id)) == 2
    push = paused.pushes.get()
    assert (push.needs_review, push.not_sent) == (1000, 500)


def test_the_waiting_command_reports_it_and_exits_with_1(any_campaign, sandbox, tmp_path):
    sandbox.behaviour.answer_form = "message"
    path = tmp_path / "leads.csv"
    path.write_text(TABLE)

    with pytest.raises(CommandError) as ended:
        call_command("push", str(path), "--campaign", any_campaign.voiso_id, "--wait", stdout=io.StringIO())

    assert ended.value.returncode == 1
    assert "without naming a number" in str(ended.value)
    assert "“Contacts were accepted”" in str(ended.value)
    assert "each batch once" in str(ended.value)


def test_the_reason_of_a_rejected_row_is_on_the_page_and_in_the_download(campaign, sandbox, give, press, look, page):
    there, bad, new = (f"44741560000{at}" for at in (1, 2, 3))
    lists = {
        "created": [new],
        "duplicates": [{"phone_number": there, "reason": "already in the campaign"}],
        "rejected": [{"phone_number": bad, "reason": "not a number in use"}],
    }
    sandbox.fault("odd_json", body={"leads_import": lists})
    upload = give("phone\n+447415600001\n+447415600002\n+447415600003\n")
    press("send", upload)

    shown = look(upload)
    assert "not a number in use" in shown
    assert "gives no details" not in shown
    table = b"".join(page.get(reverse("uploads:download", args=[upload.pk, "all", "csv"])).streaming_content).decode()
    assert "Voiso: “not a number in use”" in table
    assert "Voiso: “already in the campaign”" in table
