"""A CRM is connected: an administrator makes a feed, copies the request, and follows the first lead into the campaign."""

import shlex

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in


def posted(curl: str) -> httpx.Response:
    """What a terminal does with the copied command."""
    words = shlex.split(curl.replace("\\\n", " "))
    values = {flag: [words[at + 1] for at, word in enumerate(words) if word == flag] for flag in ("-H", "-d")}
    headers = dict(header.split(": ", 1) for header in values["-H"])
    return httpx.post(words[1], headers=headers, content=values["-d"][0].encode(), trust_env=False, timeout=60)


def test_a_lead_is_posted_with_the_copied_command_and_is_added(page: Page, ada, worker, sandbox, campaign):
    sign_in(page, "ada")
    page.get_by_role("link", name="Feeds").click()
    page.get_by_role("link", name="New feed").click()
    page.get_by_label("Source").fill("Website form")
    page.get_by_label("Campaign", exact=True).select_option(label=f"{campaign} ({campaign.connection})")
    page.get_by_role("button", name="Save feed").click()
    page.get_by_role("button", name="Create token").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy request").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    answer = posted(page.evaluate("navigator.clipboard.readText()"))

    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    page.goto(page.url.removesuffix("token/"))
    while not page.get_by_text("1 added").count():
        page.reload()
    page.locator("a.name", has_text="202").click()
    expect(page.get_by_text("1 added").first).to_be_visible()
    assert sandbox.numbers_in(int(campaign.voiso_id)) == {"12025550123"}
