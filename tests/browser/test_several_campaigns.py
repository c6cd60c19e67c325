"""Several campaigns from the board: ticks, a range, the numbers in the buttons, the result, and the question before a stop."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import check
from tests.controls.test_many_at_once import some
from voisoadmin.operations.models import Operation


def test_ticked_campaigns_are_started_and_stopped_together(worker, signed_in: Page, sandbox, connection):
    """Given three paused campaigns and an active one, two ticks with Shift select all that lie between them."""
    some(sandbox, connection, 3)
    some(sandbox, connection, 1, status="active")
    page = signed_in
    page.goto("/?sort=name")
    bar = page.get_by_role("form", name="Selected campaigns")
    expect(bar).to_be_hidden()

    ticks = page.get_by_role("checkbox", name="Select Campaign")
    ticks.nth(0).check()
    ticks.nth(3).click(modifiers=["Shift"])

    expect(bar).to_contain_text("4 selected")
    expect(bar.get_by_role("button", name="Start")).to_have_text("Start 3")
    expect(bar.get_by_role("button", name="Pause")).to_have_text("Pause 1")
    assert check(page, "ticked") == []

    bar.get_by_role("button", name="Start").click()

    result = page.get_by_role("region", name="Result")
    expect(result).to_contain_text("Start 3 campaigns")
    expect(result).to_contain_text("3 done")
    expect(ticks.nth(0)).to_be_checked()
    expect(bar.get_by_role("button", name="Start")).to_have_attribute("aria-disabled", "true")

    bar.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop 4 campaigns").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Stop 4 campaigns")
    expect(page.get_by_role("status").filter(has_text="4 done")).to_be_visible()
    assert Operation.objects.bulks().count() == 2
    assert check(page, "the result") == []

    page.goto("/?sort=name")
    ticks.nth(1).check()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()

    page.get_by_label("Search campaigns").fill("Campaign 2")
    expect(ticks).to_have_count(1)
    page.get_by_label("Search campaigns").fill("Campaign")
    expect(ticks).to_have_count(4)
    ticks.nth(1).check()
    page.get_by_role("link", name="Select all 4").click()
    expect(page.get_by_role("form", name="Selected campaigns")).to_contain_text("All 4 selected")
    expect(page).to_have_url(re.compile("q=Campaign"))
