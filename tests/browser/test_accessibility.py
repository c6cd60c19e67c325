"""Every page, at both widths and in both themes, through axe with its default rules."""

import time
import uuid
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.files import mixed_file
from tests.feeds.support import a_source
from voisoadmin.accounts.models import User
from voisoadmin.assignments.models import Agent
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import RejectedRecord
from voisoadmin.uploads.models import Upload

AXE = Axe().axe_script
WIDTHS = (1280, 390)
# Themes differ only in their colours.
THEMES = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]},
}
PAGES = {
    "the board": "/",
    "all campaigns selected": "/bulk/selected/",
    "a campaign": "/campaigns/{campaign}/",
    "its people": "/campaigns/{campaign}/people/",
    "its day": "/campaigns/{campaign}/states/",
    "its timeline": "/campaigns/{campaign}/timeline/",
    "stop asks": "/campaigns/{campaign}/stop/",
    "where to upload": "/uploads/new/",
    "a new upload": "/uploads/new/?campaign={campaign}",
    "uploads": "/uploads/",
    "a checked upload": "/uploads/{checked}/",
    "all its rows, and its settings": "/uploads/{checked}/?tab=all&settings=1",
    "one of its rows": "/uploads/{checked}/rows/3/",
    "a finished upload": "/uploads/{finished}/",
    "its rejected records": "/uploads/{finished}/rejected/",
    "one of these rows": "/uploads/{finished}/rows-to-fix/{to_fix}/",
    "all rejected records": "/rejected/",
    "agents and teams": "/people/",
    "an agent": "/people/agents/{agent}/",
    "picking for campaigns": "/people/{centre}/assign/?on={campaign}&tick=a{agent}",
    "feeds": "/feeds/",
    "a feed": "/feeds/{feed}/",
    "a new feed": "/feeds/new/",
    "activity": "/activity/",
    "connections": "/connections/",
    "a new connection": "/connections/new/",
    "users": "/users/",
    "a new user": "/users/new/",
    "the password": "/password/",
    "a page that is not there": "/nowhere/",
}


@pytest.fixture
def everything(worker, campaign, client, ines, tmp_path) -> dict[str, int]:
    """One finished and one checked upload to the campaign."""
    path = mixed_file(tmp_path)
    call_command("push", str(path), campaign=campaign.voiso_id, wait=True)
    client.force_login(ines)
    with path.open("rb") as file:
        fields = {"file": file, "client_token": str(uuid.uuid4()), "kind": "add", "region": ""}
        client.post(reverse("uploads:new") + f"?campaign={campaign.pk}", fields)
    while not Upload.objects.filter(stage=Upload.Stage.CHECKED).exists():
        time.sleep(0.05)
    finished, checked = Upload.objects.order_by("pk")
    to_fix = RejectedRecord.objects.filter(push__uploads=finished)[0].row_number
    agent = Agent.objects.create(connection=campaign.connection, name="W" * 180, voiso_id="1", seen_at=timezone.now())
    source = a_source(campaign, name="W" * 80)
    source.post([{"phone": "+447400300077"}, {"phone": "0123"}, {}], key="k" * 200)
    people = {"feed": source.feed.pk, "centre": campaign.connection_id, "agent": agent.pk}
    return {"campaign": campaign.pk, "finished": finished.pk, "checked": checked.pk, "to_fix": to_fix} | people


def test_axe_finds_nothing_at_either_width_in_either_theme_and_no_name_widens_a_page(
    page: Page, complaints, ada: User, everything
):
    """With names that can't be broken: what works for them works for shorter ones."""
    Campaign.objects.update(name="W" * 180)
    Upload.objects.update(file_name=f"{'a' * 180}.csv")
    for operation in Operation.objects.all():
        operation.pk, operation.once_key, operation.subject_label = None, uuid.uuid4(), "W" * 200
        operation.save()

    found = [problem for name in visited(page, everything) for problem in check(page, name)]

    complaints[:] = [text for text in complaints if "404" not in text]  # a page that doesn't exist
    assert found == []


def visited(page: Page, everything: dict[str, int]) -> Iterator[str]:
    """Go to each page in turn, the first one signed out, and yield its name."""
    page.goto("/sign-in/")
    yield "sign-in"
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    for name, address in PAGES.items():
        page.goto(address.format(**everything))
        expect(page.locator(".htmx-request")).to_have_count(0)
        yield name


def scrolls_sideways(page: Page, name: str) -> list[str]:
    overflow = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [f"{name}: scrolls sideways"] if overflow else []


def check(page: Page, name: str) -> list[str]:
    """All of axe's default rules in the light theme, and those about colours in the dark one."""
    problems = []
    page.evaluate(AXE)  # once for a page, which is then looked at in each state
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        problems += scrolls_sideways(page, f"{name}, {width}")
        for theme, options in THEMES.items():
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            for violation in page.evaluate("async options => (await axe.run(options)).violations", options):
                nodes = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
                problems.append(f"{name}, {width}, {theme}: {violation['id']}: {nodes}")
    return problems
