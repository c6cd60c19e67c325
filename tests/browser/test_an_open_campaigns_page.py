"""An open campaign's page follows what happens, and keeps what someone is doing on it."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.support.sandbox import mirror
from voisoadmin.campaigns.models import Campaign, CampaignState
from voisoadmin.campaigns.status_writes import record_status
from voisoadmin.connections.models import Connection


def test_it_follows_a_change_and_keeps_what_is_open_and_typed(signed_in: Page, worker, sandbox, connection: Connection):
    page = signed_in
    number = sandbox.add_campaign("Spring renewals")
    campaign = mirror(sandbox, connection, number)
    CampaignState.objects.create(
        campaign=campaign, status="active", source="polled", cause="first_seen", since=timezone.now() - timedelta(hours=1)
    )
    page.goto(reverse("campaigns:detail", args=[campaign.pk]))

    # The first poll brings the timeline, the days and the sections of other apps.
    expect(page.locator("#timeline ol.history")).to_contain_text("First seen, active")
    expect(page.locator("#days table")).to_contain_text("Today")
    expect(page.locator("#campaign-uploads")).to_contain_text("No uploads to this campaign yet")
    # An open page has its campaign kept fresh.
    assert Campaign.objects.get().looked_at is not None

    page.locator("#states-as-table summary").click()
    page.locator("#paste").fill("ada@example.com")
    page.locator("#other-days").focus()
    sandbox.campaign(number).become("paused")
    record_status(campaign, "paused", source="polled", at=timezone.now())

    expect(page.locator("#says")).to_contain_text("Paused")
    expect(page.locator("#timeline")).to_contain_text("Someone in Voiso paused it")
    expect(page.locator("#controls")).to_contain_text("Start")
    expect(page.locator("#states-as-table")).to_have_attribute("open", "")
    expect(page.locator("#paste")).to_have_value("ada@example.com")
    expect(page.locator("#other-days")).to_be_focused()

    page.locator("#timeline-all").click()
    expect(page.locator("h1")).to_contain_text("Timeline of Spring renewals")
