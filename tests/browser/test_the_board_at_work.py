"""The board while someone works on it: keys, ticks and focus survive its poll, and no row moves under a hand."""

from django.utils import timezone
from playwright.sync_api import Page, expect

from voisoadmin.campaigns.status_writes import record_status


def poll(page: Page) -> None:
    """Without waiting for the next one."""
    with page.expect_response("**/board/**"):
        page.evaluate("htmx.trigger('#poll', 'refresh')")


def groups(page: Page) -> list[str]:
    return [words.split(" ")[0] for words in page.locator(".group-row th").all_inner_texts()]


def test_a_row_is_paused_by_a_key_and_stays_where_it_is_while_it_is_ticked(signed_in, worker, campaign):
    page = signed_in
    page.goto("/")
    name, row = page.locator("a.name"), page.locator(f"#row-{campaign.pk}")
    name.focus()

    page.keyboard.press(" ")
    expect(page.locator(".pick")).to_be_checked()
    page.keyboard.press("p")
    expect(row.locator(".chip")).to_have_text("Paused", timeout=60_000)

    assert groups(page) == ["Active"]
    expect(page.locator(".pick")).to_be_checked()
    expect(name).to_be_focused()

    page.keyboard.press("Escape")
    poll(page)
    expect(page.locator(".group-row")).to_contain_text("Paused")
    expect(name).to_be_focused()
    expect(page.locator(".pick")).not_to_be_checked()

    page.locator("#search").fill("no such campaign")
    expect(page.locator("#board")).to_contain_text("No campaign matches")
    page.locator("#search").fill("")
    expect(row).to_be_visible()
    record_status(campaign, "active", source="polled", at=timezone.now())
    poll(page)
    expect(row.locator(".chip")).to_have_text("Active")
