"""Bulks that meet: one form sent many times at once, and two supervisors who change the same campaigns."""

import os
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from tests.controls.test_many_at_once import begin, some
from tests.controls.test_races_and_lost_answers import at_once
from tests.support.queue import run_jobs, take_jobs
from voisoadmin.controls import tasks
from voisoadmin.operations.models import Operation

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FORMS = int(os.environ.get("TEST_FORMS", "2"))  # 100 in a long run
POSTS = 20
RACES = int(os.environ.get("TEST_RACES", "3"))  # 200 in a long run
ENDS_IN = {"pause": "paused", "stop": "stopped"}


def post(user, campaigns, change, token):
    client = Client()
    client.force_login(user)
    data = {"change": change, "campaign": [f"{row.pk}:{row.status}" for row in campaigns], "client_token": token}
    return lambda: client.post(reverse("controls:change_many"), data)


def test_twenty_parallel_posts_of_one_form_are_one_bulk_and_one_request_for_each_campaign(sandbox, connection, ines):
    for _ in range(FORMS):
        campaigns, token = some(sandbox, connection, 2), uuid.uuid4()

        answers = at_once(*[post(ines, campaigns, "start", token) for _ in range(POSTS)])
        run_jobs()

        assert len({answer["Location"] for answer in answers}) == 1
        assert Operation.objects.filter(subject_id=campaigns[0].pk, parent__campaigns=2).count() == 1
        assert [len(sandbox.requests(campaign.voiso_id, "start")) for campaign in campaigns] == [1, 1]


def test_of_two_bulks_that_meet_each_campaign_obeys_one_and_the_other_says_who_was_first(sandbox, any_connection, ines, omar):
    """Given a pause and a stop of the same campaigns at once, each campaign ends in the state of the one it accepted."""
    for _ in range(RACES):
        campaigns = some(sandbox, any_connection, 4, status="active")
        begin("pause", campaigns, by=ines)
        begin("stop", list(reversed(campaigns)), by=omar)
        jobs = [arguments for _, arguments in take_jobs()]

        at_once(*[lambda arguments=arguments: tasks.run_bulk(*arguments) for arguments in jobs])
        run_jobs()

        for campaign in campaigns:
            done, refused = sorted(Operation.objects.filter(subject_id=campaign.pk), key=lambda one: one.status)
            assert (done.status, refused.status) == ("done", "refused")
            assert sandbox.campaign(campaign.voiso_id).status == ENDS_IN[done.kind]
            assert len(sandbox.requests(campaign.voiso_id, "pause", "stop")) == 1
            assert done.by_label in refused.problem
            campaign.refresh_from_db()
            assert (campaign.status, campaign.status_by) == (ENDS_IN[done.kind], done.by_label)
