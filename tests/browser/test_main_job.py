"""The main job, as a supervisor does it: upload, check, send, watch, read what was refused, pause the campaign."""

import csv
import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.files import clean_file, mixed_file
from voisoadmin.uploads.pages import file_settings

REFRESH_THE_CONTROLS = """() => new Promise((done) => {
    document.addEventListener("htmx:beforeSwap", () => setTimeout(done, 100), { once: true });
    htmx.trigger("#controls", "refresh");
})"""


def upload(page: Page, campaign, path) -> None:
    page.goto("/")
    page.get_by_role("link", name=campaign.name).first.click()
    page.get_by_role("link", name="Upload contacts").first.click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload and check").click()


def test_a_messy_file_is_uploaded_sent_and_every_row_is_explained(signed_in, worker, sandbox, campaign, tmp_path):
    page = signed_in

    upload(page, campaign, mixed_file(tmp_path))
    expect(page.get_by_role("heading", name="leads <b>november.csv")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Send 2 contacts")).click()

    expect(page.get_by_role("heading", name="2 added")).to_be_visible()
    assert sandbox.numbers_in(int(campaign.voiso_id)) == {"447400300001", "447400300002"}
    row = page.get_by_role("row")
    expect(row.filter(has_text="Added").filter(has_text="new in the campaign")).to_contain_text("2")
    expect(row.filter(has_text="Rows read")).to_contain_text("5")
    expect(page.get_by_text("Nemo", exact=True)).to_be_visible()
    expect(page.get_by_text("Shortened", exact=True)).to_be_visible()


def test_a_changed_choice_must_be_checked_before_anything_is_sent(signed_in, worker, campaign, tmp_path, monkeypatch):
    monkeypatch.setattr(file_settings, "ROWS_AT_ONCE", 2)  # a file of five rows counts as a long one
    page = signed_in
    upload(page, campaign, mixed_file(tmp_path))
    send = page.get_by_role("button", name=re.compile("^Send 2 contacts"))
    expect(send).to_be_visible()

    page.locator("#settings > summary").click()
    page.get_by_label("Name becomes").select_option("")

    expect(send).to_be_hidden()
    page.locator(".as-changed").get_by_role("button", name="Re-check file").click()
    expect(send).to_be_visible()
    expect(page.get_by_label("Name becomes")).to_have_value("")


def test_a_short_file_is_checked_again_with_each_changed_choice(signed_in, worker, campaign, tmp_path):
    page = signed_in
    upload(page, campaign, mixed_file(tmp_path))
    page.locator("#settings > summary").click()

    page.get_by_label("Name becomes").select_option("source")

    expect(page.locator("#verdict")).to_contain_text("Source")
    expect(page.get_by_label("Name becomes")).to_have_value("source")
    expect(page.get_by_role("button", name=re.compile("^Send 2 contacts"))).to_be_visible()


def test_rows_to_fix_are_corrected_in_the_table_by_keyboard_alone(signed_in, worker, campaign, tmp_path):
    page = signed_in
    path = tmp_path / "leads.csv"
    path.write_text("Phone,Name\n+447400300001,Ada\n447,Ben\nn/a,Cy\n+44 74,Di\n")
    upload(page, campaign, path)
    rows = page.locator("#rows tbody tr")
    expect(rows).to_have_count(3)

    page.get_by_role("link", name="Edit row 3").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("+44 7400 300002")
    expect(page.locator("#row-3 .verdict")).to_contain_text("Ready with this.")
    assert page.url.endswith("/")  # the address stays that of the file
    page.keyboard.press("Enter")

    # The next problem is open.
    expect(page.get_by_label("Phone, row 4")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Row 3 is ready now.")).to_be_visible()
    page.keyboard.type("+44 7400 300003")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Edit row 4")).to_be_focused()
    expect(page.locator("#row-4")).to_contain_text("n/a")
    expect(page.locator("#tab-ready")).to_contain_text("2")
    expect(page.get_by_role("button", name=re.compile("^Send 2 contacts"))).to_be_visible()


def test_rejected_records_are_downloaded_in_their_own_columns_and_no_cell_is_a_formula(signed_in, worker, campaign, tmp_path):
    page = signed_in
    upload(page, campaign, mixed_file(tmp_path))
    page.get_by_role("button", name=re.compile("^Send 2 contacts")).click()
    expect(page.get_by_role("heading", name="2 added")).to_be_visible()

    page.get_by_text("Download", exact=True).first.click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Rows not added, with reasons (XLSX)").click()
    waiting.value.save_as(tmp_path / "rejected.xlsx")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="All rows with outcome (CSV)").click()
    waiting.value.save_as(tmp_path / "all.csv")

    sheet = load_workbook(tmp_path / "rejected.xlsx").active
    table = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert [name in table[0] for name in ("Telefon", "Name", "Kampagne")] == [True, True, True]
    assert len(table) == 4  # the header, one repeated in the file, two invalid
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value} <= {"s", "n"}
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert len(lines) == 6
    assert not [cell for line in lines for cell in line if cell[:1] in "=+-@" and cell]


def test_rows_to_fix_are_downloaded_corrected_and_uploaded_again(signed_in, worker, sandbox, campaign, tmp_path):
    page = signed_in
    upload(page, campaign, mixed_file(tmp_path))
    page.get_by_role("button", name=re.compile("^Send 2 contacts")).click()

    with page.expect_download() as waiting:
        page.get_by_role("link", name="These 2 (XLSX)").click()
    waiting.value.save_as(tmp_path / "to fix.xlsx")
    book = load_workbook(tmp_path / "to fix.xlsx")
    header, *rows = book.active.iter_rows()
    phones = [cell.value for cell in header].index("Telefon")
    for number, row in enumerate(rows, start=3):
        row[phones].value = f"+44740030000{number}"
    book.save(tmp_path / "fixed.xlsx")
    upload(page, campaign, tmp_path / "fixed.xlsx")
    page.get_by_role("button", name=re.compile("^Send 2 contacts")).click()

    expect(page.get_by_role("heading", name="2 added")).to_be_visible()
    assert sandbox.numbers_in(int(campaign.voiso_id)) == {f"44740030000{last}" for last in "1234"}


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_refresh_between_press_and_release_does_not_swallow_the_click(signed_in, worker, sandbox, campaign, by):
    page = signed_in
    page.goto(f"/campaigns/{campaign.pk}/")
    expect(page.locator("#controls")).to_have_attribute("data-loaded", "yes")
    button = page.get_by_role("button", name="Pause")

    if by == "mouse":
        button.hover()
        page.mouse.down()
        page.evaluate(REFRESH_THE_CONTROLS)
        page.mouse.up()
    else:
        button.focus()
        page.keyboard.down(" ")
        page.evaluate(REFRESH_THE_CONTROLS)
        page.keyboard.up(" ")

    expect(page.locator("#chip").get_by_text("Paused")).to_be_visible()
    assert sandbox.campaign(int(campaign.voiso_id)).status == "paused"


def test_a_campaign_is_paused_and_stopped_from_its_page_and_the_board_says_so(signed_in, worker, sandbox, campaign):
    page = signed_in
    page.goto(f"/campaigns/{campaign.pk}/")

    page.get_by_role("button", name="Pause").click()
    expect(page.locator("h1 ~ *, .meta, .titles").get_by_text("Paused").first).to_be_visible()
    page.get_by_role("link", name="Stop…").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Calls in progress finish")
    page.get_by_role("dialog").get_by_role("button", name="Stop campaign").click()

    page.goto("/?show=ended")
    expect(page.get_by_role("row").filter(has_text=campaign.name)).to_contain_text("Stopped")
    assert sandbox.campaign(int(campaign.voiso_id)).status == "stopped"


def test_esc_closes_the_dialog_and_nothing_is_stopped(signed_in, worker, sandbox, campaign):
    page = signed_in
    page.goto(f"/campaigns/{campaign.pk}/")

    page.get_by_role("link", name="Stop…").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    assert sandbox.campaign(int(campaign.voiso_id)).status == "active"


def test_sending_is_paused_resumed_and_cancelled_midway(signed_in, worker, sandbox, campaign, settings, tmp_path):
    page = signed_in
    settings.TIME_SCALE = 0.5  # a second between the requests, so that there is something to watch
    upload(page, campaign, clean_file(tmp_path, rows=20_000))
    page.get_by_role("button", name=re.compile("^Send 20,000")).click()

    page.get_by_role("button", name="Pause sending").click()
    expect(page.get_by_role("button", name="Resume sending")).to_be_visible()
    page.get_by_role("button", name="Resume sending").click()
    page.get_by_role("link", name="Cancel sending…").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the rest").click()

    expect(page.get_by_text("Cancelled").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Rows read")).to_contain_text("20,000")


def test_the_board_keeps_focus_and_half_typed_text_while_it_refreshes(signed_in, worker, campaign):
    page = signed_in
    page.goto("/")
    search = page.get_by_placeholder("Name or number")
    search.fill("Spri")

    with page.expect_response(lambda response: response.request.headers.get("hx-request") == "true", timeout=60_000):
        pass

    expect(search).to_be_focused()
    expect(search).to_have_value("Spri")


def test_two_files_dropped_together_are_refused_before_they_are_sent(signed_in, campaign):
    page = signed_in
    page.goto(f"/uploads/new/?campaign={campaign.pk}")

    page.evaluate("""() => {
        const dropped = new DataTransfer();
        for (const name of ['a.csv', 'b.csv']) dropped.items.add(new File(['Phone'], name));
        document.getElementById('drop').dispatchEvent(new DragEvent('drop', {dataTransfer: dropped, cancelable: true}));
    }""")
    page.get_by_role("button", name="Upload and check").click()

    expect(page.get_by_text("One file at a time")).to_be_visible()
    expect(page.get_by_role("button", name="Upload and check")).to_be_visible()


def test_an_impossible_control_says_why_without_alarm(signed_in, worker, campaign):
    page = signed_in
    page.goto(f"/campaigns/{campaign.pk}/")

    page.get_by_role("button", name=re.compile(r"^Start\b.*Unavailable")).first.click(force=True)

    line = page.locator("#line")
    expect(line).to_be_visible()
    expect(line).not_to_have_class(re.compile("note-bad"))
