"""A tab that no one sees has nothing read of Voiso; one that is seen again does."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.sandbox import mirror
from voisoadmin.assignments.models import Agent, Assignment
from voisoadmin.connections.models import Connection

ENDINGS = ("/look/", "/looking/")  # of the addresses by which an open page has something read
MINUTES = 3 * 60_000  # milliseconds
HIDDEN = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => window.name === 'hidden'})"


@pytest.fixture
def looks(page: Page) -> list[str]:
    """The requests of open pages that have something read."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith(ENDINGS) else None)
    return sent


@pytest.fixture
def pages(sandbox, transactional_db, legacy_connection: Connection) -> dict[str, str]:
    """The address of each page that shows the status of agents, and a text on it."""
    campaign = mirror(sandbox, legacy_connection, sandbox.add_campaign("Spring renewals"))
    lena = Agent.objects.create(
        connection=legacy_connection, email="lena.fischer@example.com", name="Lena Fischer", seen_at=campaign.changed_at
    )
    Assignment.objects.create(campaign=campaign, agent=lena, source="confirmed", since=campaign.changed_at)
    waiting = "0 are waiting for the Dialer; 1 available"
    return {"campaign": f"/campaigns/{campaign.pk}/", "agents": "/people/", "waiting": waiting}


@pytest.mark.parametrize("name", ["campaign", "agents"])
def test_nothing_is_read_for_a_tab_while_it_is_hidden(signed_in, worker, pages, looks, name):
    page = signed_in
    page.clock.install()
    page.goto(pages[name])
    expect(page.locator("#statuses")).to_contain_text("Status")
    assert looks
    page.evaluate("window.name = 'hidden'")
    page.evaluate(HIDDEN)
    page.wait_for_load_state("networkidle")
    looks.clear()

    page.clock.run_for(MINUTES)
    page.wait_for_load_state("networkidle")
    assert looks == []

    with page.expect_request(lambda request: request.url.endswith(ENDINGS)):
        page.evaluate("window.name = ''; document.dispatchEvent(new Event('visibilitychange'))")
        page.clock.run_for(25_000)
    expect(page.locator("#statuses")).to_contain_text("Status as of")


@pytest.mark.parametrize("name", ["campaign", "agents"])
def test_a_tab_that_was_opened_in_the_background_has_nothing_read(signed_in, worker, sandbox, pages, looks, name):
    page = signed_in
    page.wait_for_load_state("networkidle")
    page.evaluate("window.name = 'hidden'")
    page.add_init_script(HIDDEN)
    looks.clear()

    page.goto(pages[name])
    page.wait_for_load_state("networkidle")

    assert looks == []
    assert sandbox.presence_requests() == []


def test_an_open_page_of_a_campaign_shows_who_waits(signed_in, worker, pages):
    page = signed_in
    page.clock.install()

    page.goto(pages["campaign"])
    for _ in range(5):
        page.clock.run_for(6_000)
        page.wait_for_load_state("networkidle")

    expect(page.locator("#statuses")).to_contain_text(f"Of the 1 agent assigned from here, {pages['waiting']}.")
