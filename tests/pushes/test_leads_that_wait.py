"""Leads that come one by one wait in an inbox, and go out when their lane is free: each exactly once."""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django_q.models import OrmQ

from tests.pushes.support import Cast, numbers
from voisoadmin.pushes import inbound
from voisoadmin.pushes.inbound import LeadPlace, NewLead
from voisoadmin.pushes.models import Inbox, Intake, WaitingLead

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def inbox_of(cast: Cast, **options: bool) -> Inbox:
    return Inbox.objects.create(campaign=cast.campaign, lane=cast.campaign.lane, label="Website form", **options)


def post(inbox: Inbox, given: list[str], at: datetime = NOON) -> list[LeadPlace]:
    """What a request with these numbers does; those that are taken aren't accepted."""
    with transaction.atomic():
        own = inbound.locked_inbox(inbox.pk)
        taken = inbound.taken(own, given)
        leads = [NewLead(number, {"name": "Ana"}, [f"+{number}", "Ana"]) for number in given if number not in taken]
        return inbound.accept(own, leads, at=at)


@pytest.fixture
def inbox(cast: Cast) -> Inbox:
    return inbox_of(cast)


def test_accepted_leads_wait_as_rows_of_their_day_in_the_order_of_commit(inbox: Inbox):
    first, second = post(inbox, numbers(3)), post(inbox, numbers(2))

    intake = Intake.objects.get()
    assert [*first, *second] == [(intake.pk, row) for row in (1, 2, 3, 4, 5)]
    assert (intake.accepted, intake.waiting, intake.buckets()["pending"]) == (5, 5, 5)
    inbox.refresh_from_db()
    assert (inbox.waiting, inbox.oldest_at) == (5, NOON)
    assert WaitingLead.objects.count() == 5


def test_a_waiting_lane_queues_one_drain_however_many_posts_arrive(cast: Cast):
    inbox, other = inbox_of(cast), inbox_of(cast)

    for _ in range(5):
        post(inbox, numbers(2))
        post(other, numbers(2))

    assert OrmQ.objects.count() == 1
