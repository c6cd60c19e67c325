"""The same work without a line of JavaScript."""

import re

from playwright.sync_api import Page

from tests.browser.files import mixed_file
from voisoadmin.campaigns.models import Campaign


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
