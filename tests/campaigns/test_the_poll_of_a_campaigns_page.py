"""An open campaign's page asks with one request: for the parts whose versions have changed, and for nothing if none has."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.campaigns.status_writes import record_status
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Push
from voisoadmin.rules.models import Rule
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.django_db

PARTS = {"says", "live", "today", "timeline", "days", "poll", "last_answer"}
SECTIONS = {"campaign-uploads", "campaign-people"}


@pytest.fixture(autouse=True)
def noon(time_machine) -> None:
    """The clock is stopped: the words of a part change with each minute."""
    time_machine.move_to(datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC), tick=False)


@pytest.fixture
def campaign(noon) -> Campaign:
    return make_campaign(make_connection())


@pytest.fixture
def poll(client, ines, campaign):
    client.force_login(ines)

    def ask(versions: dict[str, str]) -> HttpResponse:
        address = reverse("campaigns:parts", args=[campaign.pk])
        return client.get(address, {"v": " ".join(versions.values())}, headers={"HX-Request": "true"})

    return ask


def versions_in(response: HttpResponse) -> dict[str, str]:
    found = re.findall(r'data-version="(([a-z_-]+):[0-9a-f]+)"', markup(response))
    return {name: version for version, name in found}


def test_the_first_poll_brings_what_the_page_has_not_drawn(client, poll, campaign):
    page = client.get(reverse("campaigns:detail", args=[campaign.pk]))
    drawn = versions_in(page)

    first = poll(drawn)

    assert set(drawn) == {"says", "today", "poll"}
    assert set(versions_in(first)) >= {"live", "timeline", "days", "campaign-uploads", "campaign-people"}
    assert not set(versions_in(first)) & set(drawn)
    assert "<html" not in markup(first)
    events = first["HX-Trigger"].split(", ")
    assert {"changed-campaign-uploads", "changed-campaign-people", "changed-controls"} <= set(events)


def test_a_poll_without_news_is_answered_with_nothing(poll):
    versions = versions_in(poll({}))

    second = poll(versions)

    assert set(versions) >= PARTS | SECTIONS
    assert (second.status_code, second.content) == (204, b"")


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("a state", {"says", "live", "today", "timeline", "days"}),
        ("sending", {"live", "poll", "campaign-uploads", "timeline"}),
        ("a click", {"timeline"}),
        ("a change of agents", {"timeline", "live", "campaign-people"}),
    ],
)
def test_a_poll_brings_only_what_has_changed(poll, campaign, what, changed):
    versions = versions_in(poll({}))

    match what:
        case "a state":
            record_status(campaign, "paused", source="polled", at=timezone.now())
        case "sending":
            Lane.objects.update(sending_state="sending", sending_rows=100, sending_done=10)
        case "a click":
            ask(campaign, "download")
        case "a change of agents":
            ask(campaign, "assign")
    news = poll(versions)

    assert set(versions_in(news)) == changed


def test_a_poll_without_news_needs_few_queries(poll, django_assert_max_num_queries):
    versions = versions_in(poll({}))

    with django_assert_max_num_queries(10):
        assert poll(versions).status_code == 204


def test_words_that_say_how_long_ago_are_refreshed_each_minute(poll, time_machine):
    versions = versions_in(poll({}))

    time_machine.shift(timedelta(minutes=1))

    assert {"says", "live", "today", "timeline"} <= set(versions_in(poll(versions)))


def test_no_later_poll_of_an_open_page_takes_more_than_twelve_queries(poll, time_machine, django_assert_max_num_queries):
    versions = versions_in(poll({}))

    brought = set()
    for _ in range(13):
        time_machine.shift(timedelta(seconds=5))
        with django_assert_max_num_queries(12):
            news = versions_in(poll(versions))
        versions |= news
        brought |= set(news)

    assert {"says", "live", "today", "timeline"} <= brought


@pytest.mark.parametrize("status", ["paused", "active", "auto_paused"])
def test_a_page_on_which_everything_happens_and_its_polls_take_at_most_twelve_queries(
    client, poll, campaign, ines, status, django_assert_max_num_queries
):
    at = timezone.now()
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    for hours, one in enumerate(("paused", "active", "auto_paused", status)):
        record_status(campaign, one, source="polled", at=at - timedelta(hours=9 - 2 * hours))
    Lane.objects.update(sending_state="blocked", sending_rows=9, sending_done=4, last_push_at=at)
    sent = Push.objects.create(
        lane=campaign.lane,
        campaign=campaign,
        state="sending",
        rows=9,
        pending=5,
        added=3,
        invalid=1,
        reasons={"added": 3, "too_short": 1},
        confirmed_at=at,
        operation=ask(campaign, "send"),
    )
    draft = Push.objects.create(lane=campaign.lane, campaign=campaign, rows=9, pending=8, invalid=1, reasons={"too_short": 1})
    upload = partial(Upload.objects.create, campaign=campaign, received_at=at, by=ines, by_label="ines", file_size=10)
    upload(file_name="sent.csv", stage="sent").pushes.add(sent)
    upload(file_name="waits.csv", stage="checked", draft=draft)
    rule = Rule.objects.create(name="Mornings", owner=ines, owner_label="ines", looked_since=at, changed_at=at)
    fires = partial(rule.firings.create, campaign=campaign, due_at=at - timedelta(hours=1), local_date=at.date(), decided_at=at)
    fires(occurrence="x", change="start", outcome="missed")
    fires(occurrence="y", change="pause", outcome="owed", is_open=True)
    fires(occurrence="z", change="start", outcome="fired", operation=ask(campaign, "start"))

    with django_assert_max_num_queries(12):
        page = client.get(reverse("campaigns:detail", args=[campaign.pk]))
    with django_assert_max_num_queries(12):
        first = poll(versions_in(page))
    with django_assert_max_num_queries(12):
        assert set(versions_in(poll({}))) >= PARTS | SECTIONS

    assert {"live", "timeline", "days", *SECTIONS, "campaign-rules"} <= set(versions_in(first))
    shown = markup(first)
    for line in ("sent.csv", "3 of 8 sent", "Mornings"):
        assert line in shown


@pytest.mark.parametrize("versions", ["", "x", "says:", "\0", "says:" + "0" * 9000, "<script>"])
def test_versions_that_the_page_never_had_bring_everything(client, ines, campaign, versions):
    client.force_login(ines)

    answer = client.get(reverse("campaigns:parts", args=[campaign.pk]), {"v": versions})

    assert set(versions_in(answer)) >= PARTS | SECTIONS
    assert "<script>" not in markup(answer)


def ask(campaign: Campaign, kind: str) -> Operation:
    return Operation.objects.create(
        kind=kind,
        status="done",
        subject_kind="campaign",
        subject_id=campaign.pk,
        subject_label=str(campaign),
        by_label="Ines Sousa",
        asked_at=timezone.now(),
        ended_at=timezone.now(),
        campaign_ref=campaign.pk,
        connection_ref=campaign.connection_id,
    )
