"""A program that doesn't know whether its post arrived sends it again: the key decides, and the answer is the first one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.feeds.support import Source, a_source, click
from voisoadmin.feeds.models import FeedRequest
from voisoadmin.feeds.services import change_feed, create_token, pause_feed, revoke_token
from voisoadmin.feeds.tasks import sweep
from voisoadmin.pushes.models import WaitingLead

ANA, BEN = "+447400300018", "+447400300019"


@pytest.fixture
def source(campaign) -> Source:
    return a_source(campaign)


def test_the_same_key_and_body_get_the_same_answer_and_add_nothing(source):
    first = source.post({"phone": ANA}, key="lead-1")
    again = source.post({"phone": ANA}, key="lead-1")

    assert (again.status_code, again.content) == (202, first.content)
    assert WaitingLead.objects.count() == FeedRequest.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(source):
    source.post({"phone": ANA}, key="lead-1")

    answer = source.post({"phone": BEN}, key="lead-1")

    assert (answer.status_code, answer.json()["code"]) == (422, "key_used")
    assert WaitingLead.objects.count() == 1


def test_a_key_holds_for_all_tokens_of_its_feed_and_for_no_other_feed(source, campaign):
    first = source.post({"phone": ANA}, key="lead-1")
    other_token = create_token(source.feed, click())

    assert source.post({"phone": ANA}, key="lead-1", token=other_token).content == first.content
    assert a_source(campaign, name="CRM").post({"phone": BEN}, key="lead-1").json()["accepted"] == 1


def test_a_repeat_is_answered_while_paused_over_a_limit_and_after_an_edit(source, settings):
    first = source.post({"phone": ANA}, key="lead-1")
    change_feed(source.feed, name="CRM", writing="with_code", country="", resends_known=True, click=click())
    pause_feed(source.feed, click())
    settings.FEED_REQUESTS = 1
    source.post({"phone": BEN})

    assert source.post({"phone": ANA}, key="lead-1").content == first.content


def test_a_repeat_with_a_revoked_token_is_not_answered(source):
    source.post({"phone": ANA}, key="lead-1")
    revoke_token(source.feed.tokens.get(), click())

    assert source.post({"phone": ANA}, key="lead-1").status_code == 401


def test_an_answer_is_kept_for_thirty_days(source):
    source.post({"phone": ANA}, key="lead-1")
    source.post({"phone": BEN}, key="lead-2")
    FeedRequest.objects.filter(key="lead-1").update(at=timezone.now() - timedelta(days=30, minutes=1))
    FeedRequest.objects.filter(key="lead-2").update(at=timezone.now() - timedelta(days=29))

    sweep()

    assert list(FeedRequest.objects.values_list("key", flat=True)) == ["lead-2"]
    assert WaitingLead.objects.count() == 2


def test_only_accepted_posts_are_kept_so_a_refused_one_can_be_sent_right(source):
    assert source.post(b"[", key="lead-1").status_code == 400
    assert source.post({"phone": ANA}, key="lead-1").status_code == 202
