"""The same work without a line of JavaScript."""

import re

from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.files import mixed_file
from tests.support.sandbox import mirror
from voisoadmin.assignments.roster import sync_roster
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.opening import client_for


def look_until(page: Page, text: str, *, at: str = "body") -> None:
    """Reload the page, as a person would, until that part shows the text."""
    for _ in range(100):
        if page.locator(at).get_by_text(text).count():
            return
        page.wait_for_timeout(100)
        page.reload()
    raise AssertionError(f"The page never said {text!r}.")


def test_a_file_is_uploaded_and_sent(plain, worker, campaign, tmp_path):
    plain.goto(f"/uploads/new/?campaign={campaign.pk}")
    plain.locator("input[type=file]").set_input_files(mixed_file(tmp_path))
    plain.get_by_role("button", name="Upload and check").click()
    look_until(plain, "ready for")
    plain.get_by_role("button", name=re.compile("^Send 2")).click()

    look_until(plain, "2 added")


def test_a_campaign_is_paused_and_stopped(plain, worker, campaign):
    plain.goto("/")
    plain.get_by_role("button", name=f"Pause {campaign.name}").click()
    look_until(plain, "Paused", at="tr .chip")  # the tabs above always contain it
    plain.goto(f"/campaigns/{campaign.pk}/")
    plain.get_by_role("link", name=re.compile("^Stop")).first.click()
    plain.get_by_role("button", name="Stop campaign").click()

    look_until(plain, "Stopped", at=".chip")
    campaign = Campaign.objects.get(pk=campaign.pk)
    assert campaign.status == "stopped"


def test_agents_are_picked_and_added_to_campaigns(plain, worker, campaign, sandbox, connection):
    """A search keeps the ticks; the difference comes before the change, and the result names everyone."""
    other = mirror(sandbox, connection, sandbox.add_campaign("Autumn", agents=[]))
    with client_for(connection) as client:
        sync_roster(connection, client, at=timezone.now())
    plain.goto(f"/people/{connection.pk}/assign/")
    plain.get_by_label("Tom Okafor").check()
    for row in (campaign, other):
        plain.get_by_label(row.name).check()
    plain.get_by_label("Search agents and teams").fill("priya")
    plain.get_by_label("Search agents and teams").press("Enter")
    plain.get_by_label("Priya Nair").check()
    plain.get_by_role("button", name="Preview").click()
    assert plain.get_by_role("heading", level=1).inner_text() == "Add 2 to 2 campaigns"
    plain.get_by_role("button", name="Add 2 to 2 campaigns").click()

    look_until(plain, "2 done")
    people = sandbox.centre.users
    assert {people[key].name for key in sandbox.campaign(other.voiso_id).agents} == {"Tom Okafor", "Priya Nair"}
