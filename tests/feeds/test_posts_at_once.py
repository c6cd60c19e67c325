"""Posts that come at the same moment: one key is stored once, and no request waits long for another."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from tests.feeds.support import Source, a_source
from voisoadmin.feeds.models import FeedDay, FeedRequest
from voisoadmin.pushes import inbound
from voisoadmin.pushes.models import Intake, WaitingLead

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = [f"+4474003{number:05}" for number in range(40)]


@pytest.fixture
def source(transactional_db, campaign) -> Source:
    return a_source(campaign)


def at_once(source: Source, posts: list[tuple[object, str]]) -> list:
    """The answers of posts that threads send in parallel."""

    def post(leads, key):
        try:
            return source.post(leads, key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda one: post(*one), posts))


@contextmanager
def inbox_kept_locked(source: Source) -> Iterator[None]:
    """By a transaction of another thread, as a request that is still being written."""
    taken, done = threading.Event(), threading.Event()

    def keep() -> None:
        try:
            with transaction.atomic():
                inbound.locked_inbox(source.feed.inbox_id)
                taken.set()
                done.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        assert taken.wait(60)
        yield
    finally:
        done.set()
        thread.join()


def test_the_same_post_at_once_is_stored_once_and_every_answer_is_the_same(source):
    answers = at_once(source, [([{"phone": phone} for phone in NUMBERS[:3]], "lead-1")] * 8)

    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.content for answer in answers if answer.status_code == 202}) == 1
    assert (FeedRequest.objects.count(), WaitingLead.objects.count()) == (1, 3)
    assert FeedDay.objects.get().accepted == 3


def test_posts_at_once_number_their_rows_without_a_gap(source):
    answers = at_once(source, [({"phone": phone}, "") for phone in NUMBERS])

    accepted = sum(answer.status_code == 202 for answer in answers)
    assert {answer.status_code for answer in answers} <= {202, 409}
    rows = sorted(WaitingLead.objects.values_list("row_number", flat=True))
    assert rows == list(range(1, accepted + 1))
    intake = Intake.objects.get()
    assert (intake.accepted, intake.waiting, FeedDay.objects.get().requests) == (accepted,) * 3


def test_a_request_that_waits_too_long_for_another_is_refused_and_can_be_repeated(source):
    with inbox_kept_locked(source):
        answer = source.post({"phone": NUMBERS[0]}, key="lead-1")

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (409, "in_progress", "1")
    assert source.post({"phone": NUMBERS[0]}, key="lead-1").json()["accepted"] == 1


def test_a_repeat_is_answered_while_another_request_is_being_written(source):
    first = source.post({"phone": NUMBERS[0]}, key="lead-1")

    with inbox_kept_locked(source):
        assert source.post({"phone": NUMBERS[0]}, key="lead-1").content == first.content
