"""Back, another value, Save: on every form. Nothing says saved for what was not, and saving again applies it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.assignments.conftest import read_roster
from tests.browser.files import clean_file, mixed_file
from voisoadmin.accounts.models import User
from voisoadmin.connections.models import Connection
from voisoadmin.feeds.models import Feed
from voisoadmin.operations.models import Operation
from voisoadmin.rules.models import Rule
from voisoadmin.uploads.models import Edit, Upload
from voisoadmin.uploads.pages import file_settings

ROOT = Path(__file__).resolve().parents[2]
# Forms with values to edit, by template and address; an empty one is the page's own.
TRIED = {
    ("accounts/user.html", ""): ["test_a_user", "test_a_new_user"],
    ("accounts/password.html", ""): ["test_a_users_own_password"],
    ("connections/form.html", ""): ["test_a_connection", "test_a_new_connection"],
    ("uploads/new.html", ""): ["test_a_file"],
    ("uploads/choose.html", ""): ["test_a_file_before_its_campaign"],
    ("uploads/choices.html", "uploads:choices"): ["test_how_a_file_is_read"],
    ("uploads/row_cells.html", ""): ["test_a_row_of_a_file", "test_a_row_to_fix_after_sending"],
    ("uploads/cell_in_list.html", "uploads:fix_row"): ["test_a_cell_in_the_list_of_rows_to_fix"],
    ("assignments/preview.html", "assignments:change"): ["test_the_agents_of_a_campaign"],
    ("feeds/form.html", ""): ["test_a_feed"],
    ("rules/form.html", ""): ["test_a_rule"],
}
# These change nothing that is stored, so any number of them may be sent.
WITHOUT_EFFECT = {
    ("accounts/sign_in.html", ""),
    ("assignments/panel.html", "assignments:change"),  # leads to the preview
    ("assignments/pick.html", "assignments:pick"),  # leads to the difference
}
# They repeat what was chosen before; their one field, if any, only confirms it.
CONFIRM = {
    ("assignments/difference.html", "assignments:pick"),
    ("controls/confirm_stop.html", "controls:operate"),
    ("controls/confirm_stop_many.html", "controls:change_many"),
    ("rules/turn_on.html", "rules:switch"),
}
FORM = re.compile(r"<form\b(?P<tag>(?:\{%.*?%\}|[^>{]|\{\{.*?\}\})*)>(?P<content>.*?)</form>", re.DOTALL)
ADDRESS = re.compile(r"""\baction="\{% url '([\w:]+)'""")
EDITABLE = re.compile(r"""\{% field\b|\{% include\b|<select\b|<textarea\b|<input\b(?![^>]*type="hidden")""")
SENT_BEFORE = re.compile(r"This form was already sent at (\d+ \w+, )?\d\d:\d\d\. Save again to apply your new values\.")
PASSWORD = "correct horse battery"


def token_of(form: Locator) -> Locator:
    return form.locator("input[name=client_token]")


def back(page: Page, form: Callable[[], Locator], save: Callable[[], None]) -> None:
    """Save, go back, and have the page as a browser that keeps pages shows it: with the token that is spent."""
    spent = token_of(form()).input_value()
    address = page.url
    save()
    page.wait_for_url(lambda url: url != address)
    page.go_back()
    expect(token_of(form())).to_have_count(1)
    token_of(form()).evaluate("(field, token) => { field.value = token; }", spent)


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


@pytest.fixture
def as_ada(page, ada, complaints):
    sign_in(page, "ada")
    yield page
    answered(complaints)


@pytest.fixture
def as_ines(page, ines, complaints):
    sign_in(page, "ines")
    yield page
    answered(complaints)


def answered(complaints: list[str]) -> None:
    """Take the answers off that ask for another try: the browser lists them as errors."""
    complaints[:] = [text for text in complaints if not re.search("status of (409|422)", text)]


def test_a_user(as_ada, ines):
    page = as_ada
    page.goto(f"/users/{ines.pk}/")
    page.get_by_label("First name").fill("Inês")
    save = page.get_by_role("button", name="Save")

    back(page, lambda: page.locator("form.panel-body"), save.click)
    page.get_by_label("First name").fill("Agnes")
    page.get_by_label("Role").select_option("administrator")
    save.click()

    expect(page.get_by_role("alert")).to_have_text(SENT_BEFORE)
    expect(page.get_by_label("First name")).to_have_value("Agnes")
    expect(page.get_by_label("Role")).to_have_value("administrator")
    assert User.objects.get(pk=ines.pk).role == "supervisor"
    save.click()
    expect(page.get_by_text("Agnes Sousa saved.")).to_be_visible()
    assert User.objects.get(pk=ines.pk).role == "administrator"
    assert Operation.objects.filter(kind="save_user").count() == 2


def test_a_new_user(as_ada):
    page = as_ada
    page.goto("/users/new/")
    page.get_by_label("Username").fill("jonas")
    page.get_by_label("Password").fill("staple paper sunshine")
    save = page.get_by_role("button", name=re.compile("Add"))

    back(page, lambda: page.locator("form.panel-body"), save.click)
    page.get_by_label("Username").fill("rosa")
    page.get_by_label("Password").fill("staple paper sunshine")
    save.click()

    expect(page.get_by_role("alert")).to_have_text(SENT_BEFORE)
    expect(page.get_by_label("Username")).to_have_value("rosa")
    assert not User.objects.filter(username="rosa").exists()
    page.get_by_label("Password").fill("staple paper sunshine")
    save.click()
    expect(page.get_by_text("rosa saved.")).to_be_visible()


def test_a_users_own_password(as_ines, ines):
    page = as_ines
    page.goto("/password/")
    save = page.get_by_role("main").get_by_role("button", name="Change password")

    def fill(old: str, new: str) -> None:
        for label, text in (("Current password", old), ("New password", new), ("Repeat new password", new)):
            page.get_by_label(label, exact=True).fill(text)

    fill(PASSWORD, "staple paper sunshine")
    back(page, lambda: page.locator("form.panel-body"), save.click)
    fill("staple paper sunshine", "another one entirely")
    save.click()

    expect(page.get_by_role("alert")).to_have_text(SENT_BEFORE)
    assert User.objects.get(pk=ines.pk).check_password("staple paper sunshine")
    fill("staple paper sunshine", "another one entirely")
    save.click()
    expect(page.get_by_text("Password changed.")).to_be_visible()
    assert User.objects.get(pk=ines.pk).check_password("another one entirely")


def test_a_connection(as_ada, sandbox, connection):
    page = as_ada
    page.goto(f"/connections/{connection.pk}/")
    page.get_by_label("Name").fill("Berlin")
    save = page.get_by_role("button", name="Save and check")

    back(page, lambda: page.locator("form.panel-body"), save.click)
    page.get_by_label("Name").fill("Porto")
    save.click()

    expect(page.get_by_role("alert")).to_have_text(SENT_BEFORE)
    expect(page.get_by_label("Name")).to_have_value("Porto")
    assert Connection.objects.get().name == "Berlin"
    save.click()
    expect(page.get_by_text("Porto saved.")).to_be_visible()
    assert Connection.objects.get().name == "Porto"


def test_a_new_connection(as_ada, sandbox):
    page = as_ada
    page.goto("/connections/new/")
    save = page.get_by_role("button", name="Connect and check")

    def fill(name: str, address: str) -> None:
        page.get_by_label("Name").fill(name)
        page.get_by_label("Cluster ID").fill(address)
        page.get_by_label("API key", exact=True).fill(sandbox.V4_KEY)

    fill("Berlin", "cc-test01")
    back(page, lambda: page.locator("form.panel-body"), save.click)
    fill("Porto", "cc-test02")
    save.click()

    expect(page.get_by_role("alert")).to_have_text(SENT_BEFORE)
    expect(page.get_by_label("Name")).to_have_value("Porto")
    assert [one.name for one in Connection.objects.all()] == ["Berlin"]
    page.get_by_label("API key", exact=True).fill(sandbox.V4_KEY)
    save.click()
    expect(page.get_by_text("Porto saved.")).to_be_visible()
    assert {one.name for one in Connection.objects.all()} == {"Berlin", "Porto"}


def test_an_answer_to_a_question(as_ines, worker, campaign, tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text("Phone,Active\n+447415550010,yes\n+447415550011,no\n+447415550012,Deceased\n")
    page = as_ines
    page.goto(f"/uploads/new/?campaign={campaign.pk}")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("#send-file").click()
    page.wait_for_url(re.compile(r"/uploads/\d+/"))
    form = page.locator("form.question")
    spent = token_of(form).input_value()
    form.get_by_role("button", name=re.compile("^As active")).click()
    expect(form.locator("[aria-pressed=true]")).to_contain_text("As active")
    answered, checks = Upload.objects.get().choices["answers"], Upload.objects.get().check_no

    token_of(form).evaluate("(field, token) => { field.value = token; }", spent)
    form.get_by_role("button", name="Leave them out").click()

    expect(
        page.get_by_text(re.compile("This form was already sent at .* The upload's current state is shown below"))
    ).to_be_visible()
    assert (Upload.objects.get().choices["answers"], Upload.objects.get().check_no) == (answered, checks)
    form.get_by_role("button", name="Leave them out").click()
    expect(page.get_by_text(re.compile("This form was already sent"))).to_be_hidden()
    expect(form.locator("[aria-pressed=true]")).to_contain_text("Leave them out")
    assert Upload.objects.get().choices["answers"] != answered


def test_a_file(as_ines, campaign, tmp_path):
    page = as_ines
    page.goto(f"/uploads/new/?campaign={campaign.pk}")
    page.locator("input[type=file]").set_input_files(mixed_file(tmp_path))
    save = page.locator("#send-file")

    back(page, lambda: page.locator("#new-upload"), save.click)
    page.locator("input[type=file]").set_input_files(clean_file(tmp_path, 3))
    page.get_by_label("Update existing contacts").check()
    save.click()

    expect(page.get_by_role("alert").first).to_contain_text("Choose the file again to upload it.")
    expect(page.get_by_label("Update existing contacts")).to_be_checked()
    assert Upload.objects.count() == 1
    page.locator("input[type=file]").set_input_files(clean_file(tmp_path, 3))
    save.click()
    page.wait_for_url(re.compile(r"/uploads/\d+/"))
    assert Upload.objects.count() == 2


def test_a_file_before_its_campaign(as_ines, campaign, tmp_path):
    page = as_ines
    page.goto("/uploads/new/")

    def fill(path: Path) -> None:
        page.locator("input[type=file]").set_input_files(path)
        page.get_by_label("Campaign", exact=True).select_option(str(campaign.pk))

    fill(mixed_file(tmp_path))
    back(page, lambda: page.locator("#new-upload"), page.locator("#send-file").click)
    fill(clean_file(tmp_path, 3))
    page.locator("#send-file").click()

    expect(page.get_by_role("alert").first).to_contain_text("Choose the file again to upload it.")
    assert Upload.objects.count() == 1


def test_how_a_file_is_read(as_ines, worker, campaign, tmp_path, monkeypatch):
    monkeypatch.setattr(file_settings, "ROWS_AT_ONCE", 0)  # only the button checks the file again
    page = as_ines
    page.goto(f"/uploads/new/?campaign={campaign.pk}")
    page.locator("input[type=file]").set_input_files(mixed_file(tmp_path))
    page.locator("#send-file").click()
    page.wait_for_url(re.compile(r"/uploads/\d+/"))
    form = page.locator("#choices")
    spent = token_of(form).input_value()
    page.locator("#settings > summary").click()
    page.get_by_label("Name becomes").select_option("")
    page.locator("#reread").click()
    expect(page.get_by_label("Name becomes")).to_have_value("")
    checks = Upload.objects.get().check_no

    token_of(form).evaluate("(field, token) => { field.value = token; }", spent)
    page.locator("#c-kind").select_option("update")
    page.locator("#reread").click()

    expect(page.get_by_text(SENT_BEFORE)).to_be_visible()
    expect(page.locator("#c-kind")).to_have_value("update")
    expect(page.get_by_role("button", name=re.compile("^Send "))).to_be_hidden()
    assert (Upload.objects.get().check_no, Upload.objects.get().kind) == (checks, "add")
    page.locator(".as-changed").get_by_role("button", name="Re-check file").click()
    # An update asks first whether it may wake anyone up.
    page.get_by_role("button", name=re.compile("^As active")).click()
    expect(page.get_by_role("button", name=re.compile("^Send "))).to_be_visible()
    assert Upload.objects.get().kind == "update"


def checked_upload(page: Page, campaign, folder: Path) -> Upload:
    page.goto(f"/uploads/new/?campaign={campaign.pk}")
    page.locator("input[type=file]").set_input_files(mixed_file(folder))
    page.locator("#send-file").click()
    expect(page.get_by_role("button", name=re.compile("^Send "))).to_be_visible()
    return Upload.objects.get()


def cell_form(page: Page) -> Locator:
    return page.locator("form:has(#cell-0)")


def save_cell(page: Page, value: str) -> None:
    page.locator("#cell-0").fill(value)
    cell_form(page).get_by_role("button").click()


def test_a_row_of_a_file(as_ines, worker, campaign, tmp_path):
    page = as_ines
    upload = checked_upload(page, campaign, tmp_path)
    page.goto(f"/uploads/{upload.pk}/rows/5/")

    back(page, lambda: cell_form(page), lambda: save_cell(page, "+44 7400 300009"))
    save_cell(page, "+44 7400 300010")

    expect(page.get_by_text(SENT_BEFORE)).to_be_visible()
    assert list(Edit.objects.values_list("new", flat=True)) == ["+44 7400 300009"]
    save_cell(page, "+44 7400 300010")
    expect(page.get_by_text(SENT_BEFORE)).to_be_hidden()
    assert list(Edit.objects.values_list("new", flat=True)) == ["+44 7400 300010"]


def test_a_row_to_fix_after_sending(as_ines, worker, campaign, tmp_path):
    page = as_ines
    upload = checked_upload(page, campaign, tmp_path)
    page.get_by_role("button", name=re.compile("^Send ")).click()
    expect(page.get_by_text("Finished").first).to_be_visible()
    page.goto(f"/uploads/{upload.pk}/rows-to-fix/5/")
    back(page, lambda: cell_form(page), lambda: save_cell(page, "+44 7400 300009"))

    save_cell(page, "+44 7400 300010")

    expect(page.get_by_text(SENT_BEFORE)).to_be_visible()
    assert list(Edit.objects.values_list("new", flat=True)) == ["+44 7400 300009"]
    save_cell(page, "+44 7400 300010")
    expect(page.get_by_text("Row 5 is ready to resend.")).to_be_visible()
    assert list(Edit.objects.values_list("new", flat=True)) == ["+44 7400 300010"]


def test_a_cell_in_the_list_of_rows_to_fix(as_ines, worker, campaign, tmp_path):
    page = as_ines
    upload = checked_upload(page, campaign, tmp_path)
    page.get_by_role("button", name=re.compile("^Send ")).click()
    expect(page.get_by_text("Finished").first).to_be_visible()
    page.goto(f"/uploads/{upload.pk}/rejected/")
    kept = page.context.new_page()  # as a browser keeps it: the saved row has no such form any more
    kept.goto(page.url)
    spent = token_of(cell_in_list(page)).input_value()
    token_of(cell_in_list(kept)).evaluate("(field, token) => { field.value = token; }", spent)

    save_in_list(page, "+44 7400 300009")
    expect(cell_in_list(page)).to_have_count(0)
    save_in_list(kept, "+44 7400 300010")

    expect(kept.get_by_text(SENT_BEFORE)).to_be_visible()
    assert list(Edit.objects.values_list("new", flat=True)) == ["+44 7400 300009"]
    expect(kept.locator("#cell-0")).to_have_value("+44 7400 300010")  # on the page of the row
    cell_form(kept).get_by_role("button").click()
    expect(kept.get_by_text("Row 5 is ready to resend.")).to_be_visible()
    assert list(Edit.objects.values_list("new", flat=True)) == ["+44 7400 300010"]


def cell_in_list(page: Page) -> Locator:
    return page.locator("form.cell-in-list").filter(has=page.get_by_label(re.compile("row 5$")))


def save_in_list(page: Page, number: str) -> None:
    cell_in_list(page).get_by_role("textbox").fill(number)
    cell_in_list(page).get_by_role("button").click()


def test_the_agents_of_a_campaign(as_ines, campaign):
    read_roster(campaign.connection)
    page = as_ines
    page.goto(f"/campaigns/{campaign.pk}/people/")
    page.locator("#paste").fill("tom.okafor@example.com")
    page.locator("#people-add").click()
    save = page.get_by_role("button", name=re.compile(r"^Add \d"))

    back(page, lambda: page.locator("form.panel[aria-labelledby=h-change]"), save.click)
    page.locator("#edit-names summary").click()
    page.locator("#names").fill("tom.okafor@example.com\nlena.hartmann@example.com")
    save.click()

    expect(page.get_by_text(SENT_BEFORE)).to_be_visible()
    expect(page.locator("#names")).to_have_value(re.compile("lena.hartmann"))
    assert Operation.objects.filter(kind="assign").count() == 1


def test_a_feed(as_ada, campaign):
    page = as_ada
    page.goto("/feeds/new/")
    save = page.get_by_role("button", name="Save feed")

    def fill(name: str) -> None:
        page.get_by_label("Source").fill(name)
        page.get_by_label("Campaign", exact=True).select_option(label=f"{campaign} ({campaign.connection})")

    fill("Website form")
    back(page, lambda: page.locator("form.panel-body"), save.click)
    fill("CRM")
    save.click()

    expect(page.get_by_role("alert")).to_have_text(SENT_BEFORE)
    expect(page.get_by_label("Source")).to_have_value("CRM")
    assert list(Feed.objects.values_list("name", flat=True)) == ["Website form"]
    save.click()
    expect(page.get_by_role("heading", name="CRM")).to_be_visible()


def test_a_rule(as_ines, campaign):
    page = as_ines
    page.goto(f"/rules/new/?campaign={campaign.pk}")
    save = page.get_by_role("button", name="Save in dry run")

    def fill(name: str) -> None:
        page.get_by_label("Time", exact=True).fill("09:00")
        page.get_by_label("Time zone").fill("Europe/Berlin")
        page.get_by_label("Name", exact=True).fill(name)

    fill("Working day")
    back(page, lambda: page.locator("form#rule"), save.click)
    fill("Long day")
    save.click()

    expect(page.get_by_text(SENT_BEFORE)).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Long day")
    assert list(Rule.objects.values_list("name", flat=True)) == ["Working day"]
    save.click()
    expect(page.get_by_text("Long day saved.")).to_be_visible()


def forms_with_values(template: Path) -> Iterator[tuple[str, str]]:
    text = template.read_text()
    assert len(FORM.findall(text)) == text.count("<form"), f"A form of {template} isn't found."
    for form in FORM.finditer(text):
        if 'method="post"' in form["tag"] and EDITABLE.search(form["content"]):
            address = ADDRESS.search(form["tag"])
            yield str(template.relative_to(ROOT / "templates")), address[1] if address else ""


def test_no_form_with_values_is_left_out():
    found = {form for template in (ROOT / "templates").rglob("*.html") for form in forms_with_values(template)}

    assert found == TRIED.keys() | WITHOUT_EFFECT | CONFIRM
    assert [name for names in TRIED.values() for name in names if name not in globals()] == []
