"""Twenty posts of one form at once, from an impatient user or a slow network: one effect, the same answer."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.messages import get_messages
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from tests.support.queue import run_jobs
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.slow

FORMS = int(os.environ.get("TEST_FORMS", "3"))  # 100 in a long run
POSTS = 20
FILE = "phone,name\n" + "".join(f"+4474155{at:05},Ada\n" for at in range(50000, 50005))


@pytest.fixture
def at_once(ines):
    """Post one form of an upload's page twenty times at once; return the message in each answer."""

    def press(upload, action):
        together = Barrier(POSTS)
        address = reverse(f"uploads:{action}", args=[upload.pk])
        form = {"client_token": uuid.uuid4(), "version": upload.version}

        def one(_):
            client = Client()
            client.force_login(ines)
            together.wait()
            try:
                answer = client.post(address, form)
                assert answer.status_code == 302
                return [str(message) for message in get_messages(answer.wsgi_request)]
            finally:
                database.close()

        with ThreadPoolExecutor(POSTS) as pool:
            return [words for found in pool.map(one, range(POSTS)) for words in found]

    return press


@pytest.mark.django_db(transaction=True)
def test_a_confirmed_upload_is_sent_once(campaign, give, at_once, sandbox):
    for _ in range(FORMS):
        upload = give(FILE, resend_known="")

        assert at_once(upload, "send") == []
        run_jobs()

        assert upload.pushes.count() == 1
        assert Operation.objects.filter(kind="send", subject_id=upload.pk).count() == 1
    assert len(sandbox.requests(campaign.voiso_id, "add")) == 1  # the numbers are known from the second file on


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("action", "kind", "state"),
    [("pause", "pause_sending", Push.State.PAUSED), ("cancel", "cancel_sending", Push.State.CANCELLED)],
)
def test_a_running_push_is_changed_once(campaign, give, at_once, action, kind, state):
    for number in range(FORMS):
        upload = give(f"phone\n+4474155{number:05}\n")
        at_once(upload, "send")

        assert at_once(upload, action) == []

        assert upload.pushes.get().state == state
        assert Operation.objects.filter(kind=kind, subject_id=upload.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_upload_is_discarded_once(campaign, give, at_once):
    for _ in range(FORMS):
        upload = give(FILE)

        assert at_once(upload, "discard") == []

        assert Upload.objects.get(pk=upload.pk).stage == "cancelled"
        assert Operation.objects.filter(kind="discard_upload", subject_id=upload.pk).count() == 1
