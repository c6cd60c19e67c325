"""The forms of an upload: a file, how it is read, and the buttons that send, pause, cancel and discard it."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.submissions.posting import at_once, refused, said, same
from tests.support.markup import markup
from tests.support.queue import run_jobs
from voisoadmin.operations.models import Operation
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.slow

FILE = "phone;name\n+447415550001;Ada\n+447415550002;Tom\n"


@pytest.fixture
def signed_in(client, ines):
    client.force_login(ines)
    return client


@pytest.fixture
def new(campaign):
    return f"{reverse('uploads:new')}?campaign={campaign.pk}"


def with_file(text=FILE, name="leads.csv", **fields):
    form = {"kind": "add", "region": "GB", "client_token": uuid.uuid4(), **fields}
    return {**form, "file": SimpleUploadedFile(name, text.encode())}


@pytest.fixture
def checked(signed_in, new):
    """A checked upload that waits to be sent."""
    signed_in.post(new, with_file())
    run_jobs()
    return Upload.objects.get()


def choices(upload, **changed):
    return {"kind": "add", "region": "GB", "numbers": "auto", "header_row": "1", "client_token": uuid.uuid4(), **changed}


def press(client, upload, action, **form):
    return client.post(reverse(f"uploads:{action}", args=[upload.pk]), form)


@pytest.mark.parametrize(
    "changed",
    [
        {"text": FILE + "+447415550003;Eve\n"},
        {"name": "other.csv"},
        {"kind": "update"},
        {"region": "DE"},
    ],
)
def test_another_file_or_choice_with_the_same_token_is_not_called_uploaded(signed_in, new, changed):
    token = uuid.uuid4()
    first = signed_in.post(new, with_file(client_token=token))
    again = signed_in.post(new, with_file(client_token=token))

    other = signed_in.post(new, with_file(client_token=token, **changed))

    assert same(first, again)
    page = refused(other, r"This form was already sent at \d\d:\d\d\. Choose the file again to upload it\.")
    assert 'value="DE" selected' in page or "region" not in changed
    assert 'value="update" checked' in page or "kind" not in changed
    assert Upload.objects.count() == Operation.objects.count() == 1


def test_choices_that_were_not_applied_stay_in_the_form(signed_in, checked):
    form = choices(checked, delimiter=";")
    first = press(signed_in, checked, "choices", **form)
    run_jobs()
    before = Upload.objects.get()

    again = press(signed_in, checked, "choices", **form)
    other = press(signed_in, checked, "choices", **form | {"kind": "update", "region": "DE", "column-1": ""})

    assert same(first, again)
    page = refused(other, r"This form was already sent at \d\d:\d\d\. Save again to apply your new values\.")
    assert '<option value="update" selected>' in page
    assert '<option value="DE" selected>' in page
    assert "not-applied" in page, "what is offered is to check the file again, not to send it"
    after = Upload.objects.get()
    assert (after.check_no, after.kind, after.choices) == (before.check_no, "add", before.choices)


def test_an_outdated_check_from_another_page_is_not_called_sent(signed_in, checked, sandbox, campaign):
    form = {"client_token": uuid.uuid4(), "version": checked.version}
    first = press(signed_in, checked, "send", **form)

    again = press(signed_in, checked, "send", **form)
    other = press(signed_in, checked, "send", **form | {"version": checked.version + 1})
    run_jobs()

    assert same(first, again)
    assert other.status_code == 422
    assert "This form was already sent at" in markup(other)
    assert Operation.objects.filter(kind="send").count() == 1
    assert len(sandbox.requests(campaign.voiso_id)) == 1


@pytest.mark.parametrize("action", ["pause", "resume", "cancel", "release", "discard", "send", "choices"])
def test_a_token_of_another_form_works_with_no_button(signed_in, checked, action):
    token = uuid.uuid4()
    other = "discard" if action == "send" else "send"
    press(signed_in, checked, other, client_token=token, version=checked.version)
    before = (Operation.objects.count(), Upload.objects.get().stage, list(Upload.objects.get().pushes.values_list("state")))

    form = choices(checked) if action == "choices" else {"version": checked.version}
    answer = press(signed_in, checked, action, **form | {"client_token": token})

    assert answer.status_code == 422
    assert "This form belongs to another page or person, so nothing was changed." in markup(answer)
    assert before == (
        Operation.objects.count(),
        Upload.objects.get().stage,
        list(Upload.objects.get().pushes.values_list("state")),
    )


@pytest.mark.parametrize("action", ["discard", "pause", "cancel"])
def test_a_button_pressed_twice_acts_once(signed_in, checked, action):
    if action != "discard":
        press(signed_in, checked, "send", client_token=uuid.uuid4(), version=checked.version)
    token = uuid.uuid4()
    first = press(signed_in, checked, action, client_token=token)
    made = Operation.objects.count()

    again = press(signed_in, checked, action, client_token=token)

    assert same(first, again)
    assert said(again) == []
    assert Operation.objects.count() == made


@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_files_with_one_token_one_is_kept(campaign, new, ines, settings, tmp_path):
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    token = uuid.uuid4()
    forms = [with_file(FILE + f"+44741555{number:04}0;X\n", client_token=token) for number in range(20)]

    answers = at_once(ines, new, *forms)

    assert sorted(answer.status_code for answer in answers) == [302] + [422] * 19
    assert Upload.objects.count() == Operation.objects.count() == 1
    assert len([path for path in settings.UPLOAD_ROOT.rglob("*") if path.is_file()]) == 1
