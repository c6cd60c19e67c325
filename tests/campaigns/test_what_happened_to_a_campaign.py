"""The timeline of a campaign: states, people and uploads, and nothing twice."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign(make_connection(), status="")


@pytest.fixture
def timeline(client, ines, campaign):
    """The lines of the timeline's page, as text."""
    client.force_login(ines)

    def read(query: str = "") -> list[str]:
        text = markup(client.get(reverse("campaigns:timeline", args=[campaign.pk]) + query))
        lines = text.split('<ol class="history">')[1].split("</ol>")[0].split("<li>")[1:] if "<ol" in text else []
        return [plain(line) for line in lines]

    return read


def plain(html: str) -> str:
    words, depth = "", 0
    for letter in html:
        depth += letter == "<"
        words += letter if not depth else " " if letter == "<" else ""
        depth -= letter == ">"
    return " ".join(words.split())


def state(campaign: Campaign, status: str, since: datetime, until: datetime | None = None, **fields: str) -> None:
    CampaignState.objects.create(campaign=campaign, status=status, source="polled", since=since, until=until, **fields)


def click(campaign: Campaign, kind: str, at: datetime, *, status: str = "done", by: str = "Ines Sousa", **fields) -> Operation:
    ended = None if status in {"queued", "running"} else at + SECOND
    facts = {"subject_kind": "campaign", "subject_id": campaign.pk, "subject_label": str(campaign)}
    return Operation.objects.create(
        kind=kind,
        status=status,
        by_label=by,
        asked_at=at,
        started_at=at,
        ended_at=ended,
        campaign_ref=campaign.pk,
        connection_ref=campaign.connection_id,
        **(facts | fields),
    )


def test_a_click_and_the_states_it_led_to_are_one_line(timeline, campaign):
    state(campaign, "active", NINE - 60 * MINUTE, NINE, cause="first_seen")
    click(campaign, "pause", NINE - SECOND)
    state(campaign, "pausing", NINE, NINE + 8 * SECOND, by="Ines Sousa")
    state(campaign, "paused", NINE + 8 * SECOND, by="Ines Sousa")

    first, second = timeline()

    assert first.startswith("Ines Sousa paused it Confirmed after 1 s")
    assert second.startswith("First seen, active")


def test_a_change_that_nobody_asked_for_here_says_who_made_it(timeline, campaign):
    state(campaign, "stopped", NINE, NINE + MINUTE)
    state(campaign, "active", NINE + MINUTE, NINE + 2 * MINUTE, cause="elsewhere")
    state(campaign, "auto_pausing", NINE + 2 * MINUTE, NINE + 3 * MINUTE)
    state(campaign, "auto_paused", NINE + 3 * MINUTE, NINE + 4 * MINUTE)
    state(campaign, "active", NINE + 4 * MINUTE, cause="continued")

    resumed, auto_paused, started, stopped = timeline()

    assert resumed.startswith("The dialer resumed it")
    assert auto_paused.startswith("The dialer auto-paused it")
    assert started.startswith("Someone in Voiso started it")
    assert stopped.startswith("Someone in Voiso stopped it")


def test_a_refused_click_keeps_its_line_with_voisos_words(timeline, campaign):
    click(campaign, "start", NINE, status="refused", answer="Campaign is already running")

    (line,) = timeline()

    assert line.startswith("Ines Sousa pressed Start Refused. Voiso: “Campaign is already running”")


def test_the_same_change_by_someone_else_later_has_its_own_line(timeline, campaign):
    click(campaign, "pause", NINE)
    state(campaign, "paused", NINE + SECOND, NINE + 30 * MINUTE, by="Ines Sousa")
    state(campaign, "active", NINE + 30 * MINUTE, NINE + 40 * MINUTE)
    state(campaign, "paused", NINE + 40 * MINUTE)

    assert [line.split(" it ")[0] for line in timeline()] == [
        "Someone in Voiso paused",
        "Someone in Voiso started",
        "Ines Sousa paused",
    ]


def test_an_upload_that_was_sent_is_one_line_with_its_outcome(timeline, campaign, ines):
    upload = Upload.objects.create(
        campaign=campaign,
        stage="sent",
        by=ines,
        by_label="Ines Sousa",
        received_at=NINE,
        stored_name="x",
        file_name="leads.csv",
        file_size=1,
    )
    sent = click(campaign, "send", NINE, subject_kind="upload", subject_id=upload.pk, subject_label=str(upload))
    counts = {"rows": 10, "added": 7, "duplicate": 1, "rejected": 2, "reasons": {"added": 7, "in_campaign": 1, "refused": 2}}
    push = Push.objects.create(lane=campaign.lane, campaign=campaign, state="finished", operation=sent, **counts)
    upload.pushes.add(push)

    (line,) = timeline()

    assert line.startswith("Ines Sousa sent leads.csv 7 added, 1 was already there, 2 to fix")


def test_no_line_is_lost_or_repeated_between_pages(client, ines, campaign):
    """Of more lines than two pages hold, many of them of one moment."""
    client.force_login(ines)
    names = {f"leads-{number}.csv" for number in range(130)}
    for number, name in enumerate(sorted(names)):
        click(campaign, "upload", NINE + number // 4 * SECOND, subject_kind="upload", subject_label=f"{name} to {campaign}")
    found, query = [], ""

    while query is not None:
        text = markup(client.get(reverse("campaigns:timeline", args=[campaign.pk]) + query))
        found += re.findall(r">(leads-[0-9]+[.]csv)<", text)
        earlier = re.search(r'href="([?]before=[0-9]+)"', text)
        query = earlier[1] if earlier else None

    assert sorted(found) == sorted(names)


@pytest.mark.parametrize("before", ["x", "-1", "9" * 20, "9" * 16])
def test_an_address_that_names_no_moment_shows_the_latest(timeline, campaign, before):
    click(campaign, "start", NINE)

    assert len(timeline(f"?before={before}")) == 1
