from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.connections.models import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, ines):
    """A campaign's page as Ines sees it."""
    client.force_login(ines)

    def get(campaign: Campaign, view: str = "detail", query: str = "", **headers: str) -> str:
        response = client.get(reverse(f"campaigns:{view}", args=[campaign.pk]) + query, headers=headers)
        assert response.status_code == 200
        return markup(response)

    return get


def add_state(campaign: Campaign, status: str, since: datetime, until: datetime | None, **fields: str) -> None:
    CampaignState.objects.create(
        campaign=campaign, status=status, source=Campaign.Source.POLLED, since=since, until=until, **fields
    )


def test_the_page_shows_state_figures_and_the_whole_name(page):
    name = "Winback Q4 – Österreich & Schweiz / Segment A–F (ohne Opt-out) " * 4
    campaign = make_campaign(
        make_connection(),
        name=name.strip(),
        lane={
            "contacts_known": 88204,
            "contacts_added": 87000,
            "rows_duplicate": 1398,
            "rows_rejected": 21,
            "sending_state": "sending",
            "sending_rows": 9100,
            "sending_done": 4000,
        },
    )

    text = page(campaign)

    assert f"<h1><bdi hx-disable>{name.strip().replace('&', '&amp;')}</bdi></h1>" in text
    for figure in ("88,204", "87,000", "1,398", "5,100", "4,000 / 9,100"):
        assert figure in text
    assert f'{reverse("uploads:rejected")}?campaign={campaign.pk}&amp;bucket=rejected">21 rejected</a>' in text


def test_no_contacts_sent_from_here_is_never_shown_as_an_empty_campaign(page):
    fed_elsewhere = make_campaign(make_connection())

    text = page(fed_elsewhere)

    assert "0 contacts known from here." in text


def test_other_parts_of_the_page_are_loaded_and_linked(page):
    campaign = make_campaign(make_connection())

    text = page(campaign)

    for view in ("uploads:of_campaign", "assignments:panel"):
        url = reverse(view, args=[campaign.pk])
        assert f'hx-get="{url}"' in text
        assert f'href="{url}"' in text
    for view in ("campaigns:day", "campaigns:timeline"):
        assert f'href="{reverse(view, args=[campaign.pk])}"' in text
    assert f'hx-get="{reverse("controls:panel", args=[campaign.pk])}"' in text


def test_the_path_names_the_campaign(page):
    text = page(make_campaign(make_connection(), "4711", "Summer Outreach"))

    crumbs = text.split('class="crumbs"')[1].split("<h1>")[0]
    assert "<bdi hx-disable>Summer Outreach</bdi>" in crumbs
    assert "4711" not in crumbs


def test_without_a_script_the_controls_are_plain_forms(page):
    campaign = make_campaign(make_connection(), status="paused")

    text = page(campaign)

    assert f'method="post" action="{reverse("controls:operate", args=[campaign.pk])}"' in text
    assert 'name="change" value="start"' in text
    assert "Unavailable: It&#x27;s already paused" in text


def test_an_auto_pause_is_explained_only_as_far_as_it_is_known(page):
    berlin = make_connection()
    unknown = make_campaign(berlin, "1", status="auto_paused")
    nobody = make_campaign(berlin, "2", status="auto_paused", agents_count=0)

    assert "dashboard</a> shows who is logged in" in page(unknown)
    assert f'<a href="{berlin.base_url}" target="_blank" rel="noopener noreferrer nofollow">' in page(unknown)
    assert "Possible cause: no agent assigned" in page(nobody)


def test_a_hold_on_sending_is_shown_with_voisos_words(page):
    campaign = make_campaign(
        make_connection(), lane={"held_reason": "Voiso refused 20 times.", "held_answer": "<b>Field crm is unknown</b>"}
    )

    text = page(campaign)

    assert "Voiso refused 20 times." in text
    assert "&lt;b&gt;Field crm is unknown&lt;/b&gt;" in text


def test_the_states_of_today_are_drawn_and_listed(page):
    campaign = make_campaign(make_connection(), status="")
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    now = timezone.now()
    step = (now - midnight) / 4
    add_state(campaign, "active", midnight - timedelta(hours=2), midnight + step)
    add_state(campaign, "paused", midnight + step, midnight + 2 * step, by="Marta Kowalczyk")
    add_state(campaign, "active", midnight + 2 * step, midnight + 3 * step, cause="elsewhere")
    add_state(campaign, "auto_paused", midnight + 3 * step, None)

    text = page(campaign, "day")

    assert text.count('class="s-') == 5
    for part in (
        "Marta Kowalczyk",
        "someone in Voiso",
        "Not requested here",
        "the dialer",
        "in these hours",
    ):
        assert part in text
    assert " style=" not in text


@pytest.mark.parametrize(
    ("status", "cause", "text"),
    [
        ("active", "first_seen", "Already so when first seen"),
        ("active", "continued", "Resumed automatically"),
        ("paused", "elsewhere", "Not requested here"),
        ("active", "accepted", "Assumed: Voiso accepted our start at 09:00"),
        ("paused", "accepted", "Assumed: Voiso accepted our pause at 09:00"),
        ("stopped", "accepted", "Assumed: Voiso accepted our stop at 09:00"),
        ("auto_paused", "", "Voiso doesn&#x27;t say why"),
    ],
)
def test_a_stored_cause_is_a_code_and_is_shown_as_text(page, status, cause, text):
    campaign = make_campaign(make_connection(), status="")
    add_state(campaign, status, datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC), cause=cause)

    shown = page(campaign, "day", "?day=2026-03-01")

    assert text in shown
    assert not cause or f">{cause}<" not in shown


def test_an_earlier_day_can_be_shown(page):
    campaign = make_campaign(make_connection(), status="")
    add_state(campaign, "active", datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, 30, tzinfo=UTC))

    text = page(campaign, "day", "?day=2026-03-01")

    assert 'x="0.00" width="1000.00"' in text
    assert "<span>09:00</span><span>10:15</span><span>11:30</span>" in text
    assert "2 h 30 min" in text
    assert "?day=2026-02-28" in text
    assert "No data for this day" in page(campaign, "day", "?day=2026-03-02")


@pytest.mark.parametrize("day", ["x", "2026-13-01", "9999-01-01", "2026-3-1 "])
def test_an_invalid_day_is_not_found(client, ines, day):
    client.force_login(ines)
    campaign = make_campaign(make_connection())

    assert client.get(reverse("campaigns:day", args=[campaign.pk]), {"day": day}).status_code == 404


def test_a_campaign_of_a_removed_connection_and_an_unknown_one_are_not_found(client, ines):
    client.force_login(ines)
    campaign = make_campaign(make_connection(removed_at=timezone.now()))

    for pk in (campaign.pk, 999999):
        for view in ("detail", "parts", "day", "timeline"):
            assert client.get(reverse(f"campaigns:{view}", args=[pk])).status_code == 404


def test_strangers_are_redirected_to_the_sign_in_page(client):
    campaign = make_campaign(make_connection())

    for path in ("/", reverse("campaigns:detail", args=[campaign.pk]), reverse("campaigns:timeline", args=[campaign.pk])):
        assert client.get(path).status_code == 302


@pytest.mark.parametrize("view", ["detail", "parts", "day", "timeline"])
def test_reading_needs_a_get(client, ines, view):
    client.force_login(ines)
    campaign = make_campaign(make_connection())

    assert client.post(reverse(f"campaigns:{view}", args=[campaign.pk])).status_code == 405


@pytest.mark.parametrize("hostile", ['<script>alert("x")</script>', '"><img src=x onerror=alert(1)>', "' hx-get='/evil"])
def test_hostile_words_are_text(page, hostile):
    campaign = make_campaign(
        make_connection(hostile[:40], held_kind=Connection.HoldKind.KEY, held_reason=hostile),
        name=hostile,
        status=hostile,
        status_by=hostile,
        lane={"sending_state": "waiting", "sending_rows": 1, "sending_reason": hostile, "held_reason": hostile},
    )
    add_state(campaign, hostile, timezone.now(), None, by=hostile)

    text = page(campaign) + page(campaign, "day")

    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "' hx-get='/evil" not in text


def test_the_page_needs_few_queries_whatever_happened(page, django_assert_max_num_queries):
    campaign = make_campaign(make_connection())
    for number in range(100):
        add_state(campaign, "active", timezone.now() - timedelta(seconds=number), timezone.now())

    with django_assert_max_num_queries(12):
        page(campaign)
