"""Two files are checked at a time, and the slots are shared fairly: a user with many files doesn't delay another user's
file."""

import contextlib
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.queue import run_jobs, take_jobs
from voisoadmin.uploads import tasks
from voisoadmin.uploads.check import claims, slots
from voisoadmin.uploads.models import Upload


@pytest.fixture
def post(campaign):
    """Post a file as a user would; nothing is checked yet."""

    def do(user, name: str) -> Upload:
        client = Client()
        client.force_login(user)
        form = {"client_token": str(uuid.uuid4()), "kind": "add", "region": "GB"}
        file = SimpleUploadedFile(name, b"phone\n+447415550012\n")
        answer = client.post(f"{reverse('uploads:new')}?campaign={campaign.pk}", {**form, "file": file})
        assert answer.status_code == 302
        take_jobs()
        return Upload.objects.get(file_name=name)

    return do


@pytest.fixture
def in_check():
    """Keep these uploads in check, each in a slot, until the test says otherwise."""
    with contextlib.ExitStack() as stack:

        def do(upload: Upload) -> contextlib.ExitStack:
            held = stack.enter_context(contextlib.ExitStack())
            assert held.enter_context(slots.slot())
            assert held.enter_context(claims.claimed(upload.pk, at=timezone.now()))
            return held

        yield do


def checked() -> list[str]:
    """Names of the checked files, in that order."""
    done = Upload.objects.filter(stage="checked").order_by("check_began_at")
    return list(done.values_list("file_name", flat=True))


def a_slot_is_free(waits: Upload) -> None:
    """What happens when a check has ended: one job arrives, whichever upload it was queued for."""
    tasks.read_file(waits.pk)
    take_jobs()


def test_the_third_file_of_a_person_waits_while_the_first_of_another_does(post, in_check, ines, omar):
    first = post(omar, "omar-1.csv")
    second = post(omar, "omar-2.csv")
    check = in_check(first)
    in_check(second)
    third = post(omar, "omar-3.csv")
    post(ines, "ines-1.csv")
    tasks.read_file(third.pk)
    assert checked() == []

    check.close()
    a_slot_is_free(third)

    assert checked() == ["ines-1.csv"]


def test_a_person_whose_files_were_checked_before_waits_behind_one_who_had_none(post, ines, omar, ada):
    for at in range(1, 4):
        upload = post(omar, f"omar-{at}.csv")
    a_slot_is_free(upload)
    a_slot_is_free(upload)
    post(ines, "ines-1.csv")
    post(ada, "ada-1.csv")

    for _ in range(3):
        a_slot_is_free(upload)

    assert checked() == ["omar-1.csv", "omar-2.csv", "ines-1.csv", "ada-1.csv", "omar-3.csv"]


def test_two_persons_with_many_files_take_turns(post, ines, omar):
    for at in range(1, 4):
        post(omar, f"omar-{at}.csv")
    for at in range(1, 4):
        upload = post(ines, f"ines-{at}.csv")

    for _ in range(6):
        a_slot_is_free(upload)

    assert checked() == ["omar-1.csv", "ines-1.csv", "omar-2.csv", "ines-2.csv", "omar-3.csv", "ines-3.csv"]


def test_a_free_slot_is_used_by_whoever_waits(post, in_check, omar):
    first = post(omar, "omar-1.csv")
    in_check(first)
    second = post(omar, "omar-2.csv")
    post(omar, "omar-3.csv")

    tasks.read_file(second.pk)
    run_jobs()

    assert checked() == ["omar-2.csv", "omar-3.csv"]


def test_when_a_check_ends_as_many_are_queued_as_there_are_free_slots(post, ines, omar):
    files = [post(omar, f"omar-{at}.csv") for at in range(1, 5)]

    tasks.read_file(files[0].pk)

    assert take_jobs() == [("voisoadmin.uploads.tasks.read_file", (files[at].pk,)) for at in (1, 2)]


def test_lock_files_of_killed_workers_are_removed_a_day_later_but_not_those_of_running_checks(post, in_check, omar):
    in_check(post(omar, "omar-1.csv"))
    left = slots.lock_folder() / "upload-999-1"
    left.touch()

    claims.forget_old_locks(at=timezone.now())
    assert left.exists()
    claims.forget_old_locks(at=timezone.now() + timedelta(days=2))

    assert not left.exists()
    assert len(list(slots.lock_folder().glob("upload-*"))) == 1
