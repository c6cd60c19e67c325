"""A check that is no longer needed ends at once, with all processes it started, and makes room for another."""

import re
import threading
import time

import psutil
import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from tests.support.queue import run_jobs, take_jobs
from tests.support.waiting import helpers_of, lives, until
from voisoadmin.lib import processor_time
from voisoadmin.pushes.models import Push
from voisoadmin.uploads import tasks
from voisoadmin.uploads.check.claims import Superseded, claimed
from voisoadmin.uploads.check.slots import slot
from voisoadmin.uploads.models import Upload

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
of_processes = pytest.mark.once  # it ends processes, whatever the database

SHEET, PHONES = "voisoadmin.sheets.reader.child", "voisoadmin.contacts.parallel_child"
SMALL = "phone\n+447415550012\n"
LARGE = "phone,name\n" + "".join(f"+4474{10_000_000 + at},Zoe {at}\n" for at in range(150_000))
TOKEN = "8d0b8c5c-5b0c-4c0f-9d5e-5d3f6f8f1a31"
ENDLESS = re.compile(r"(a+)+b")
SECONDS = 8  # two, on a machine four times slower


@pytest.fixture
def checking():
    """Begin to check an upload in parallel to the test, as a worker does, and wait until one of its helpers runs."""
    threads = []

    def begin(upload: Upload, module: str) -> tuple[threading.Thread, psutil.Process]:
        def work() -> None:
            try:
                tasks.read_file(upload.pk)
            finally:
                connections.close_all()

        before = helpers_of(None, module)
        thread = threading.Thread(target=work)
        threads.append(thread)
        thread.start()
        find = lambda: [one for one in helpers_of(None, module) if one not in before]  # noqa: E731
        (helper,) = until(find, seconds=60, what=f"{module} runs")
        return thread, helper

    yield begin
    for helper in (*helpers_of(None, SHEET), *helpers_of(None, PHONES)):
        helper.kill()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("module", [SHEET, pytest.param(PHONES, marks=of_processes)])
def test_discarding_ends_a_check_that_hangs_and_everything_it_started(give, page, checking, module):
    upload = give(LARGE, run=False)
    take_jobs()
    thread, helper = checking(upload, module)
    helper.suspend()

    page.post(reverse("uploads:discard", args=[upload.pk]), {"client_token": "8d0b8c5c-5b0c-4c0f-9d5e-5d3f6f8f1a11"})

    thread.join(SECONDS)
    assert not thread.is_alive()
    assert not lives(helper)
    assert helpers_of(None, SHEET) == helpers_of(None, PHONES) == []
    upload.refresh_from_db()
    assert upload.stage == "cancelled"
    run_jobs()
    assert not Push.objects.exists()


def test_two_hostile_files_keep_another_one_waiting_only_until_they_are_discarded(give, page, checking):
    hostile = [give(LARGE, run=False) for _ in range(2)]
    take_jobs()
    held = [checking(upload, SHEET) for upload in hostile]
    for _, helper in held:
        helper.suspend()
    innocent = give(SMALL)
    assert innocent.stage == "received"

    for at, upload in enumerate(hostile):
        token = f"8d0b8c5c-5b0c-4c0f-9d5e-5d3f6f8f1a2{at}"
        page.post(reverse("uploads:discard", args=[upload.pk]), {"client_token": token})
    for thread, _ in held:
        thread.join(SECONDS)
    run_jobs()

    innocent.refresh_from_db()
    assert innocent.stage == "checked"


def test_a_check_that_another_worker_took_over_ends(give, checking):
    upload = give(LARGE, run=False)
    take_jobs()
    thread, helper = checking(upload, SHEET)
    helper.suspend()

    Upload.objects.filter(pk=upload.pk).update(check_no=2, check_beat_at=timezone.now())

    thread.join(SECONDS)
    assert not thread.is_alive()
    assert not lives(helper)
    with slot() as first, slot() as second:
        assert (first, second) == (True, True)
    upload.refresh_from_db()
    assert (upload.stage, upload.check_no) == ("reading", 2)


@pytest.mark.parametrize("how", ["discarded", pytest.param("taken over by another worker", marks=of_processes)])
def test_a_check_within_one_long_pattern_ends_as_soon_as_it_is_not_needed(give, page, how):
    """No other thread runs meanwhile, so only a signal can end it."""
    upload = give(SMALL, run=False)
    take_jobs()

    with claimed(upload.pk, at=timezone.now()) as claim:
        if how == "discarded":
            page.post(reverse("uploads:discard", args=[upload.pk]), {"client_token": TOKEN})
        else:
            Upload.objects.filter(pk=upload.pk).update(check_no=2, check_beat_at=timezone.now())
        began = time.process_time()
        with pytest.raises(Superseded), claim.watched(), processor_time.at_most(20, TimeoutError()):
            ENDLESS.match("a" * 1000)

    assert time.process_time() - began < SECONDS
    assert claim.is_lost


@of_processes
def test_a_check_within_one_long_pattern_goes_on_while_it_is_needed(give):
    upload = give(SMALL, run=False)
    take_jobs()

    with (
        claimed(upload.pk, at=timezone.now()) as claim,
        pytest.raises(TimeoutError),
        processor_time.at_most(3, TimeoutError()),
        claim.watched(),
    ):
        ENDLESS.match("a" * 1000)

    assert not claim.is_lost


def test_a_check_whose_file_takes_long_to_open_keeps_its_heartbeat(give, checking):
    upload = give(LARGE, run=False)
    take_jobs()
    thread, helper = checking(upload, SHEET)
    helper.suspend()
    began = timezone.now()

    until(
        lambda: Upload.objects.filter(pk=upload.pk, check_beat_at__gt=began).exists(), seconds=SECONDS, what="a heartbeat comes"
    )

    helper.resume()
    thread.join(60)
    upload.refresh_from_db()
    assert upload.stage == "checked"
