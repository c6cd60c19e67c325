"""A messy file goes from the drop to every row in the campaign by fixing it here only."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.files import fixable_file
from tests.browser.test_accessibility import check, scrolls_sideways
from tests.browser.test_without_javascript import look_until

ROWS = 33
FIXES = ("Use the first number", "Cut the extension", "Keep only the number")
EDITED = (32, 33, 34)
REFUSED_ROW, REFUSED = 12, "447400300110"
DROP = """([name, text]) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([text], name, { type: "text/csv" }));
    document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, cancelable: true }));
}"""


@pytest.fixture
def omars(browser: Browser, live_server, omar) -> Iterator[Page]:
    """Omar has signed in with another browser."""
    context = browser.new_context(base_url=live_server.url)
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, "omar")
    yield page
    context.close()


def drop(page: Page, campaign, path: Path) -> None:
    page.goto(f"/uploads/new/?campaign={campaign.pk}")
    page.evaluate(DROP, [path.name, path.read_text()])
    page.get_by_role("button", name="Upload and check").click()


def new_number(row: int) -> str:
    return f"07400 3009{row}"


def test_two_people_fix_a_messy_file_by_clicks_and_keys_until_all_rows_are_in(
    signed_in, omars, worker, sandbox, campaign, tmp_path
):
    page = signed_in
    sandbox.fault("poison", numbers=[REFUSED])

    drop(page, campaign, fixable_file(tmp_path))
    page.get_by_role("button", name="United Kingdom +44").click()
    expect(page.locator("#tab-ready")).to_contain_text("25")
    expect(page.locator("#tab-warnings")).to_contain_text("3")
    omars.goto(page.url)
    for done, fix in enumerate(FIXES, start=1):
        page.get_by_role("button", name=re.compile(f"^{fix}")).click()
        expect(page.get_by_role("form", name="Fixes").get_by_role("button", name="Undo")).to_have_count(done)
    expect(page.locator("#tab-ready")).to_contain_text("30")

    # By keyboard only: each saved row opens the next one.
    page.get_by_role("link", name=f"Edit row {EDITED[0]}").focus()
    page.keyboard.press("Enter")
    for row in EDITED:
        expect(page.get_by_label(f"Phone, row {row}")).to_be_focused()
        page.keyboard.type(new_number(row))
        page.keyboard.press("Enter")
    expect(page.locator("#tab-ready")).to_contain_text(str(ROWS))
    problems = check(page, "all fixed")

    # Omar's page has followed, so he can send what he sees.
    omars.get_by_role("button", name=f"Send {ROWS} contacts").press("Enter")
    omars.get_by_role("link", name=f"Edit row {REFUSED_ROW}").press("Enter")
    sandbox.heal()
    omars.get_by_role("textbox", name="Phone").fill(new_number(REFUSED_ROW))
    omars.keyboard.press("Enter")
    expect(omars.get_by_role("table", name="Rows in the campaign")).to_contain_text(f"{ROWS - 1} of {ROWS}")
    page.goto(omars.url)
    problems += check(page, "a row refused by Voiso is fixed")
    omars.get_by_role("button", name="Resend 1").press("Enter")

    expect(omars.get_by_role("heading", name=f"{ROWS} added")).to_be_visible()
    expect(omars.get_by_role("region", name="Rows to fix")).to_have_count(0)
    assert len(sandbox.numbers_in(int(campaign.voiso_id))) == ROWS
    assert problems == []


def test_the_same_file_is_fixed_and_sent_without_javascript_on_a_narrow_screen(plain, worker, sandbox, campaign, tmp_path):
    sandbox.fault("poison", numbers=[REFUSED])
    plain.goto(f"/uploads/new/?campaign={campaign.pk}")
    plain.locator("input[type=file]").set_input_files(fixable_file(tmp_path))
    plain.get_by_role("button", name="Upload and check").click()
    look_until(plain, "no country code")
    plain.get_by_role("button", name="United Kingdom +44").click()
    for fix in FIXES:
        look_until(plain, fix)
        plain.get_by_role("button", name=re.compile(f"^{fix}")).click()
    look_until(plain, "30", at="#tab-ready")

    plain.get_by_role("link", name=f"Edit row {EDITED[0]}").click()
    for row in EDITED:
        expect(plain.get_by_role("heading", name=f"Row {row}", exact=True)).to_be_visible()
        plain.get_by_role("textbox", name="Phone").fill(new_number(row))
        plain.get_by_role("button", name="Save Phone").click()
    look_until(plain, str(ROWS), at="#tab-ready")
    assert scrolls_sideways(plain, "the check") == []
    plain.get_by_role("button", name=f"Send {ROWS} contacts").click()
    look_until(plain, f"{ROWS - 1} added")
    sandbox.heal()
    plain.get_by_role("link", name=f"Edit row {REFUSED_ROW}").click()
    plain.get_by_role("textbox", name="Phone").fill(new_number(REFUSED_ROW))
    plain.get_by_role("button", name="Save Phone").click()
    expect(plain.get_by_text("After this resend")).to_be_visible()
    assert scrolls_sideways(plain, "rows to fix") == []
    plain.get_by_role("button", name="Resend 1").click()

    look_until(plain, f"{ROWS} added")
    assert len(sandbox.numbers_in(int(campaign.voiso_id))) == ROWS
