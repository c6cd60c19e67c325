"""A file that was checked before an update of VoisoAdmin is judged by the rules of today before anything is sent."""

import json
import uuid
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from tests.support.markup import markup
from tests.support.queue import run_jobs, take_jobs
from voisoadmin.contacts import rules
from voisoadmin.uploads.check.run import read_upload
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.tasks import sweep

pytestmark = pytest.mark.slow

FILE = "phone,name\n+447415550123,Ada\n+447415550124,Grace\n"
NUMBERS = {"447415550123", "447415550124"}


@pytest.fixture
def of_other_rules(give, any_campaign):
    """A checked upload whose check went by the rules of another version."""

    def do(version: str) -> Upload:
        upload = give(FILE, to=any_campaign)
        Upload.objects.filter(pk=upload.pk).update(check_rules=version)
        upload.refresh_from_db()
        return upload

    return do


def send(page, upload: Upload):
    form = {"client_token": str(uuid.uuid4()), "version": upload.version}
    answer = page.post(reverse("uploads:send", args=[upload.pk]), form, follow=True)
    run_jobs()
    upload.refresh_from_db()
    return markup(answer)


@pytest.mark.parametrize("version", ["", "1/9.0.1", "2/9.0.1", "999/9.0.1"])
def test_a_file_of_other_rules_is_checked_again_instead_of_sent_and_the_page_says_what_changed(
    page, look, sandbox, any_campaign, of_other_rules, version
):
    upload = of_other_rules(version)
    assert "is checked again before it is sent" in look(upload)

    answer = send(page, upload)

    assert "it is being checked again. Nothing was sent" in answer
    assert upload.stage == "checked"
    assert sandbox.numbers_in(any_campaign.voiso_id) == set()
    shown = look(upload)
    assert "Checked again with newer rules: 2 rows were ready before, 2 are now." in shown
    for sentence in rules.changes_since(version):
        assert sentence in shown
    assert "is checked again before it is sent" not in shown

    send(page, upload)

    assert sandbox.numbers_in(any_campaign.voiso_id) == NUMBERS


def test_each_version_names_what_it_changed():
    assert set(rules.CHANGES) == set(range(2, rules.RULES + 1))
    assert rules.changes_since("") == list(rules.CHANGES.values())
    assert rules.changes_since(rules.rules_in_force()) == []
    assert rules.changes_since(f"{rules.RULES}/0.0.1") == [rules.NEW_NUMBERS]


def test_a_file_checked_by_the_rules_of_today_is_sent_at_once(page, sandbox, any_campaign, give):
    upload = give(FILE, to=any_campaign)

    send(page, upload)

    assert sandbox.numbers_in(any_campaign.voiso_id) == NUMBERS


def test_a_file_that_a_command_left_to_a_worker_is_checked_again_and_then_sent(sandbox, any_campaign, tmp_path, upload_root):
    path = tmp_path / "leads.csv"
    path.write_text(FILE)
    out = StringIO()
    call_command("push", str(path), campaign=any_campaign.voiso_id, region="GB", json=True, stdout=out)
    upload = Upload.objects.get(pk=json.loads(out.getvalue())["upload"])
    read_upload(upload.pk)  # its worker died before it sent what it had checked
    take_jobs()
    Upload.objects.filter(pk=upload.pk).update(check_rules="1/9.0.1")

    sweep()
    run_jobs()

    upload.refresh_from_db()
    assert upload.check_no >= 2
    assert sandbox.numbers_in(any_campaign.voiso_id) == NUMBERS
