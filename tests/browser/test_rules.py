"""Two rules are made, turned on and act; a person goes before them. With the keyboard where that is quicker."""

from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import check
from voisoadmin.campaigns.counted import count, quarter_of
from voisoadmin.campaigns.models import Lane
from voisoadmin.campaigns.polling import sync
from voisoadmin.rules.evaluating import Evaluator


def accept(campaign, contacts: int) -> None:
    """As the answers to these contacts are counted."""
    count(campaign.lane_id, quarter_of(timezone.now()), {"added": contacts})
    Lane.objects.filter(pk=campaign.lane_id).update(contacts_accepted=F("contacts_accepted") + contacts)


def evaluate(campaign) -> None:
    sync(campaign.connection, at=timezone.now())
    Evaluator().evaluate()


def save_and_turn_on(page: Page, name: str) -> None:
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Name", exact=True).fill(name)
    expect(page.get_by_role("heading", name="Would have acted")).to_be_visible()
    page.get_by_role("button", name="Save in dry run").click()
    expect(page.get_by_text("Nothing is done yet")).to_be_visible()
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text(f"{name} is on.")).to_be_visible()


def test_two_rules_are_made_and_act_and_a_person_goes_before_them(signed_in, worker, sandbox, campaign):
    page, problems = signed_in, []
    sandbox.add_leads(campaign.voiso_id, ["447400123456"])  # without one Voiso starts nothing
    sync(campaign.connection, at=timezone.now())

    page.goto("/rules/")
    problems += check(page, "no rules yet")
    page.get_by_role("link", name="Make a rule").click()
    page.get_by_label("Time", exact=True).fill("9.00")
    page.get_by_role("button", name="Add a time").press("Enter")
    second = page.get_by_role("group", name="Line 2")
    second.get_by_label("Time").fill("17:00")
    second.get_by_label("What to do then").select_option("pause")
    page.get_by_label("Add a campaign by name or number").fill(campaign.name[:6])
    page.get_by_label("Add a campaign by name or number").press("Enter")
    expect(page.get_by_role("button", name=f"Remove {campaign}")).to_be_visible()
    expect(page.get_by_role("group", name="Line 1").get_by_label("Time")).to_have_value("9.00")
    problems += check(page, "a rule that grows")
    save_and_turn_on(page, "Working day")
    problems += check(page, "a rule")

    page.goto(f"/rules/new/?campaign={campaign.pk}")
    page.get_by_role("button", name="Remove line 1").click()
    page.get_by_role("button", name="Add a quota").click()
    page.get_by_label("Number of contacts").fill("500")
    expect(page.get_by_text("may be passed by that many")).to_be_visible()
    save_and_turn_on(page, "Daily quota")
    expect(page.get_by_text("0 of 500 contacts accepted today")).to_be_visible()

    accept(campaign, 500)
    evaluate(campaign)
    page.goto(f"/campaigns/{campaign.pk}/")
    timeline = page.get_by_role("region", name="Timeline")
    expect(timeline.get_by_text("paused by")).to_be_visible()
    expect(timeline.get_by_role("link", name="Daily quota")).to_be_visible()
    expect(timeline.get_by_text("500 of 500 contacts accepted today")).to_be_visible()

    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="It's already paused")).to_be_visible()
    evaluate(campaign)
    page.goto("/rules/")
    expect(page.get_by_role("table").get_by_text("Starts held")).to_be_visible()
    problems += check(page, "rules")
    page.get_by_role("link", name="Working day").first.click()
    page.get_by_role("button", name="Let rules start it again").click()
    expect(page.get_by_text(f"Rules may start {campaign} again.")).to_be_visible()
    expect(page.get_by_role("button", name="Let rules start it again")).to_have_count(0)
    assert problems == []
