"""Removing a connection that has uploads: sending ends, nothing blocks others, pages stay where they can."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.queue import run_jobs
from tests.support.sandbox import connect, mirror
from voisoadmin.connections.services import remove_connection
from voisoadmin.operations.models import Operation
from voisoadmin.uploads.models import Upload

FILE = "Phone,Name\n07415 550001,Ada\n07415 550002,Bo\n07415 5500,Cy\n"
OTHER = "Phone,Name\n07415 550003,Di\n"


@pytest.fixture
def post(page):
    def do(upload, action, **fields):
        form = {"client_token": "7d0f2f9e-0000-4000-8000-000000000001", "version": upload.version, **fields}
        return page.post(reverse(f"uploads:{action}", args=[upload.pk]), form, follow=True)

    return do


@pytest.fixture
def again(sandbox, campaign):
    """The same contact centre, connected a second time."""
    other = connect(sandbox, name="Test centre, again")
    return mirror(sandbox, other, campaign.voiso_id)


def test_a_running_push_is_cancelled_and_the_lane_is_free(sandbox, campaign, again, give, post, look, ada):
    upload = give(FILE)
    post(upload, "send")

    remove_connection(campaign.connection, by=ada, at=timezone.now())
    run_jobs()
    later = give(OTHER, to=again)
    post(later, "send", client_token="7d0f2f9e-0000-4000-8000-000000000002")
    run_jobs()

    push = upload.pushes.get()
    assert (push.state, push.not_sent, push.invalid) == ("cancelled", 2, 1)
    assert Operation.objects.get(kind="send", subject_id=upload.pk).has_ended
    assert later.pushes.get().added == 1
    assert sandbox.numbers_in(campaign.voiso_id) == {"447415550003"}
    assert "not sent" in look(upload)


def test_its_uploads_stay_readable_if_another_connection_lists_the_campaign(campaign, again, give, post, look, page, ada):
    upload = give(FILE)
    post(upload, "send")
    run_jobs()

    remove_connection(campaign.connection, by=ada, at=timezone.now())

    assert reverse("campaigns:detail", args=[again.pk]) in look(upload)
    assert reverse("campaigns:detail", args=[campaign.pk]) not in look(upload)
    listed = markup(page.get(reverse("uploads:list")))
    assert upload.file_name in listed
    assert reverse("campaigns:detail", args=[campaign.pk]) not in listed
    of_campaign = markup(page.get(reverse("uploads:of_campaign", args=[again.pk])))
    assert reverse("uploads:detail", args=[upload.pk]) in of_campaign
    assert "07415 5500" in markup(page.get(reverse("uploads:rejected")))
    assert "07415 5500" in markup(page.get(reverse("uploads:rejected"), {"campaign": again.pk}))


def test_without_another_connection_its_uploads_are_gone_from_the_pages(campaign, give, page, ada):
    upload = give(FILE)

    remove_connection(campaign.connection, by=ada, at=timezone.now())

    assert page.get(reverse("uploads:detail", args=[upload.pk])).status_code == 404
    assert upload.file_name not in markup(page.get(reverse("uploads:list")))


def test_an_unsent_upload_is_refused_with_a_reason(sandbox, campaign, again, give, post, ada):
    upload = give(FILE)
    remove_connection(campaign.connection, by=ada, at=timezone.now())

    answer = post(upload, "send")
    run_jobs()

    assert "The connection Test centre was removed" in markup(answer)
    assert Upload.objects.get(pk=upload.pk).stage == "checked"
    assert sandbox.numbers_in(campaign.voiso_id) == set()
