"""What a campaign's page says of today: the state as a sentence, the states and contacts of the hours, the days before."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.campaigns.models import Campaign, CampaignState, QuarterHour

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def noon(time_machine) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def shown(client, ines):
    client.force_login(ines)

    def get(campaign: Campaign, view: str = "detail", query: str = "") -> str:
        return markup(client.get(reverse(f"campaigns:{view}", args=[campaign.pk]) + query))

    return get


def a_campaign(*, zone: str = "", status: str = "", **fields) -> Campaign:
    return make_campaign(make_connection(time_zone=zone), status=status, **fields)


def state(campaign: Campaign, status: str, since: datetime, until: datetime | None = None, **fields) -> None:
    CampaignState.objects.create(campaign=campaign, status=status, source="polled", since=since, until=until, **fields)


def sent(campaign: Campaign, at: datetime, **rows: int) -> None:
    QuarterHour.objects.create(lane=campaign.lane, began_at=at, **rows)


def says(text: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", text.split('id="says"')[1].split("</p>")[0]).split("> ", 1)[1].split())


def strip(text: str) -> list[tuple[str, float, float]]:
    boxes = re.findall(r'<rect class="(s-[a-z]+)" x="([0-9.]+)" width="([0-9.]+)"', text)
    return [(css, float(x), float(width)) for css, x, width in boxes]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "active", "since": NOON - HOUR, "status_by": "Ines Sousa"}, "Since 11:00, started by Ines Sousa."),
        ({"status": "active", "since": NOON - HOUR, "cause": "continued"}, "Since 11:00. Resumed automatically."),
        ({"status": "active", "cause": "first_seen"}, "Already active when it was first seen."),
        ({"status": "paused", "since": NOON - HOUR, "status_by": "Ines Sousa"}, "By Ines Sousa, 11:00."),
        ({"status": "draft", "agents_count": 0}, "Can't start: no agents, and no contacts sent from here."),
        ({"status": ""}, "This API doesn't report the status."),
    ],
)
def test_the_state_is_a_sentence_with_its_cause(shown, fields, sentence):
    text = says(shown(a_campaign(**fields))).replace("&#x27;", "'")

    assert sentence in text
    assert "No contacts sent today." in text


def test_the_sentence_says_what_was_sent_today_and_when_last(shown):
    campaign = a_campaign(status="active", lane={"last_call_at": NOON - 24 * MINUTE})
    sent(campaign, NOON - HOUR, added=9000, unattributed=412, duplicate=5)

    assert "9,412 contacts added today, the last 24 min ago." in says(shown(campaign))


def test_the_strip_covers_the_hours_from_the_first_in_which_it_ran_until_now(shown):
    campaign = a_campaign()
    state(campaign, "stopped", NOON - 30 * HOUR, NOON - 4 * HOUR)
    state(campaign, "active", NOON - 4 * HOUR, NOON - HOUR)
    state(campaign, "paused", NOON - HOUR)

    text = shown(campaign)

    assert strip(text) == [("s-paused", 750, 250), ("s-active", 0, 750)]
    assert "Active 3 h</span>" in text
    assert "Paused 1 h</span>" in text
    assert "<span>08:00</span><span>10:00</span><span>12:00</span>" in text


def test_contacts_that_were_sent_before_it_ran_widen_the_hours(shown):
    campaign = a_campaign()
    state(campaign, "paused", NOON - 30 * HOUR, NOON - 2 * HOUR)
    state(campaign, "active", NOON - 2 * HOUR)
    sent(campaign, NOON - 4 * HOUR, added=10)

    assert strip(shown(campaign)) == [("s-active", 500, 500), ("s-paused", 0, 500)]


def test_nothing_is_claimed_of_the_time_since_the_last_answer(shown):
    silent = make_connection(answered=HOUR, silent_since=NOON - HOUR + MINUTE, failures=5)
    campaign = make_campaign(silent, status="active", since=NOON - 4 * HOUR)

    text = shown(campaign)

    assert strip(text) == [("s-active", 0, 750)]
    assert "Active 3 h</span>" in text
    assert "As of 11:00." in says(text)


def test_today_begins_and_ends_in_the_contact_centres_time_zone(shown):
    """At noon in UTC it is already the next day in Auckland, since one hour."""
    campaign = a_campaign(zone="Pacific/Auckland")
    state(campaign, "active", NOON - 30 * HOUR)
    sent(campaign, NOON - 2 * HOUR, added=100)
    sent(campaign, NOON - 30 * MINUTE, added=7)

    text = shown(campaign)

    assert "in Pacific/Auckland" in text
    assert "<dt>Added</dt><dd>7</dd>" in text
    assert "<span>00:00</span><span>00:30</span><span>01:00</span>" in text


def test_contacts_an_hour_are_columns_and_a_table(shown):
    campaign = a_campaign()
    state(campaign, "active", NOON - 3 * HOUR)
    sent(campaign, NOON - 3 * HOUR, added=600, duplicate=60)
    sent(campaign, NOON - 3 * HOUR + 15 * MINUTE, added=610, rejected=2)
    sent(campaign, NOON - HOUR, added=100)

    text = shown(campaign)

    assert "most at 09:00, 1,272" in text
    assert 'aria-label="Contacts an hour: 1,310 added, 60 already there, 2 rejected"' in text
    rows = re.findall(r'<td class="tab">(..:..)</td>' + 3 * r'<td class="num">([0-9,]+)</td>', text)
    assert rows == [("09:00", "1,210", "60", "2"), ("11:00", "100", "0", "0")]


def test_what_was_added_since_the_last_start_leaves_out_what_was_there_before(shown):
    campaign = a_campaign(status="active", since=NOON - HOUR, lane={"contacts_accepted": 1000})
    CampaignState.objects.update(accepted_before=400, until=NOON - 30 * MINUTE)
    state(campaign, "active", NOON - 20 * MINUTE, cause="continued", accepted_before=900)

    assert ">Since start</dt><dd>600</dd>" in shown(campaign)


def test_the_days_before_have_their_times_and_contacts(client, ines):
    client.force_login(ines)
    campaign = a_campaign()
    state(campaign, "active", NOON - 24 * HOUR, NOON - 20 * HOUR)
    state(campaign, "auto_paused", NOON - 20 * HOUR, NOON - 18 * HOUR)
    state(campaign, "stopped", NOON - 18 * HOUR)
    sent(campaign, NOON - 24 * HOUR, added=40, unattributed=2, rejected=9)

    answer = client.get(reverse("campaigns:parts", args=[campaign.pk]))
    days = markup(answer).split('id="days"')[1].split("</section>")[0]

    today, yesterday = ([*re.findall(r">\s*([^<>]+?)\s*<", row)] for row in days.split('<tr role="row">')[2:])
    assert today == ["Today", "0", "0", "0", "0"]
    assert yesterday == ["Sun 1 Mar", "4 h", "2 h", "0", "42"]
    assert "?day=2026-03-01" in days


def test_a_day_of_which_nothing_is_known_has_no_figures(client, ines):
    client.force_login(ines)
    campaign = a_campaign()
    sent(campaign, NOON - 48 * HOUR, added=5)

    answer = client.get(reverse("campaigns:parts", args=[campaign.pk]))
    days = markup(answer).split('id="days"')[1].split("</section>")[0]

    assert days.count("–") == 9  # of three days, the first of which has contacts
    assert ">5<" in days
