"""Making a rule, seeing what it says, turning it on and off: through the pages, without a script."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from tests.support.sandbox import mirror
from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Operation
from voisoadmin.rules.models import Evaluation, Firing, KeepRunning, Rule

WEEKDAYS = ["0", "1", "2", "3", "4"]


@pytest.fixture
def supervisor(ines) -> Client:
    client = Client()
    client.force_login(ines)
    return client


def time_line(number: int, at: str, then: str, days=WEEKDAYS) -> dict:
    prefix = f"line-{number}-"
    return {f"{prefix}kind": "times", f"{prefix}at": at, f"{prefix}then": then, f"{prefix}weekdays": days}


def quota(number: int, contacts: int) -> dict:
    prefix = f"line-{number}-"
    return {f"{prefix}kind": "accepted", f"{prefix}contacts": contacts, f"{prefix}since": "today"}


def form(of, *lines: dict, **more) -> dict:
    joined = {name: value for line in lines for name, value in line.items()}
    hours = {"hours_days": WEEKDAYS, "hours_from": "09:00", "hours_to": "18:00", "zone": "Europe/Berlin"}
    usual = {"name": "Daily", "lines": len(lines), "then": "pause", "window": 10, "campaign": [of.pk], "do": "save"}
    return usual | hours | joined | more


def save(client: Client, fields: dict, *, path: str = "") -> Rule:
    answer = client.post(path or reverse("rules:new"), fields)
    assert answer.status_code == 302, re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", markup(answer)))[:3000]
    return Rule.objects.get(name=fields["name"], removed_at=None)


def day(of, **more) -> dict:
    return form(of, time_line(0, "09:00", "start"), time_line(1, "17:00", "pause"), **more)


def test_a_new_rule_is_in_dry_run_and_turning_it_on_is_a_click(supervisor, campaign):
    rule = save(supervisor, day(campaign))
    assert rule.mode == Rule.Mode.DRY_RUN
    page = supervisor.get(reverse("rules:detail", args=[rule.pk]))
    assert "start Spring" in markup(page) or f"</b> {campaign}" in markup(page)
    assert "Nothing is done yet" in markup(page)

    supervisor.post(reverse("rules:switch", args=[rule.pk]), {"mode": "on"})

    rule.refresh_from_db()
    assert rule.mode == Rule.Mode.ON
    kinds = list(Operation.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["save_rule", "switch_rule"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zone": ""}, "needs one that you chose"),
        ({"zone": "Berlin"}, "This isn&#x27;t a time zone"),
        ({"days_off": "Bavaria"}, "Select a valid choice"),
        ({"hours_days": []}, "Choose the days and hours"),
        ({"hours_from": ""}, "Choose the days and hours"),
        ({"hours_to": "08:00"}, "must end later"),
        ({"campaign": []}, "Choose at least one campaign"),
        ({"name": ""}, "Enter a name."),
        ({"lines": 0}, "Add a time or a condition"),
        ({"line-0-at": "25:00"}, "Enter a valid time"),
        ({"line-0-weekdays": []}, "Choose at least one day"),
        ({"window": "x"}, "Enter a whole number"),
        ({"add_campaign": "Nowhere"}, "No campaign here has “Nowhere”"),
    ],
)
def test_a_rule_that_starts_is_saved_only_when_it_says_when_and_where(supervisor, campaign, changes, words):
    answer = supervisor.post(reverse("rules:new"), day(campaign, **changes))
    assert answer.status_code == 422
    assert words in markup(answer)
    assert not Rule.objects.exists()


def test_the_lists_of_zones_and_countries_stand_once_on_the_page_and_keep_what_was_chosen(supervisor, campaign):
    fields = day(campaign, zone="asia/kolkata", days_off="IN")

    page = markup(supervisor.post(reverse("rules:new"), fields | {"do": "look"}))
    part = markup(supervisor.post(reverse("rules:new"), fields | {"do": "add-times"}, headers={"HX-Request": "true"}))
    rule = save(supervisor, fields)

    assert page.count('<option value="Asia/Kolkata">') == 1
    for answer in (page, part):
        assert 'value="asia/kolkata"' in answer
        assert '<option value="IN" selected>India</option>' in answer
    assert 'value="Asia/Kolkata"' not in part  # a button of a line isn't answered with hundreds of zones
    assert (rule.sentence["zone"], rule.sentence["days_off"]) == ("Asia/Kolkata", "IN")


def test_lines_are_added_and_removed_by_buttons_and_keep_what_was_typed(supervisor, campaign):
    fields = form(campaign, time_line(0, "09:15", "start"), do="add-accepted")
    del fields["then"]  # nothing is asked of it while there are only times
    page = markup(supervisor.post(reverse("rules:new"), fields))
    assert 'value="09:15"' in page
    assert 'name="line-1-contacts"' in page
    assert "Enter a name." not in page
    assert "so it may be passed by that many" in page

    assert '<option value="pause" selected>pause</option>' in page.split('name="then"')[1].split("</select>")[0]

    fields = form(campaign, time_line(0, "09:15", "start"), quota(1, 700), do="remove-0")
    page = markup(supervisor.post(reverse("rules:new"), fields))
    assert 'value="700"' in page
    assert 'name="line-1-' not in page


def test_a_changed_rule_goes_back_to_dry_run_and_a_changed_zone_only_its_starts(supervisor, campaign):
    rule = save(supervisor, day(campaign))
    edit, switch = reverse("rules:edit", args=[rule.pk]), reverse("rules:switch", args=[rule.pk])
    assert 'value="17:00"' in markup(supervisor.get(edit))

    def modes_after(fields: dict) -> tuple[str, bool]:
        supervisor.post(switch, {"mode": "on"})
        saved = save(supervisor, fields, path=edit)
        return saved.mode, saved.starts_are_dry

    assert modes_after(day(campaign, name="Renamed")) == ("on", False)
    assert modes_after(day(campaign, zone="Europe/Lisbon")) == ("on", True)
    assert "Its time zone was changed" in markup(supervisor.get(reverse("rules:list")))
    assert modes_after(day(campaign, zone="Europe/Lisbon", **{"line-1-at": "16:00"})) == ("dry_run", False)


def test_a_rule_that_stops_asks_before_it_is_turned_on(supervisor, campaign):
    fields = form(campaign, time_line(0, "17:00", "stop"))
    words = "Voiso may not let a stopped campaign start again"
    assert words in markup(supervisor.post(reverse("rules:new"), fields | {"do": "look"}))

    rule = save(supervisor, fields)
    assert reverse("rules:turn_on", args=[rule.pk]) in markup(supervisor.get(reverse("rules:detail", args=[rule.pk])))
    assert words in markup(supervisor.get(reverse("rules:turn_on", args=[rule.pk])))


def test_all_with_a_name_is_resolved_at_once_and_later_ones_are_only_offered(supervisor, sandbox, campaign):
    for number in (7001, 7002):
        sandbox.add_campaign(f"Winback {number}", id=number)
    first = mirror(sandbox, campaign.connection, 7001)
    fields = form(campaign, time_line(0, "17:00", "pause"), campaign=[], add_campaign="winback", do="add-named")
    page = markup(supervisor.post(reverse("rules:new"), fields))
    assert f'name="campaign" value="{first.pk}"' in page

    rule = save(supervisor, fields | {"campaign": [first.pk], "every_named": "winback", "add_campaign": "", "do": "save"})
    mirror(sandbox, campaign.connection, 7002)

    page = markup(supervisor.get(reverse("rules:detail", args=[rule.pk])))
    assert "1 more with “winback” in the name" in page
    assert list(rule.campaigns.all()) == [first]


def test_rules_are_made_only_for_campaigns_of_ones_own_centres_and_seen_only_there(campaign, sandbox):
    other = User.objects.create_user("other", all_centres=False)
    client = Client()
    client.force_login(other)
    answer = client.post(reverse("rules:new"), day(campaign))
    assert answer.status_code == 422
    assert "Choose at least one campaign" in markup(answer)

    mine = Client()
    mine.force_login(User.objects.create_user("mine"))
    rule = save(mine, day(campaign))
    assert "Daily" not in markup(client.get(reverse("rules:list")))
    assert client.get(reverse("rules:detail", args=[rule.pk])).status_code == 404
    assert client.post(reverse("rules:switch", args=[rule.pk]), {"mode": "on"}).status_code == 404


@pytest.fixture
def owed(supervisor, campaign) -> Firing:
    rule, now = save(supervisor, day(campaign)), timezone.now()
    Evaluation.objects.create(at=now)
    about = {"campaign": campaign, "local_date": now.date(), "due_at": now, "decided_at": now, "is_timed": True}
    return rule.firings.create(occurrence="x", change="pause", outcome="owed", reason="Voiso is silent.", is_open=True, **about)


def test_a_notice_marks_the_navigation_of_the_rules_owner_until_it_is_read(supervisor, owed, omar):
    Firing.objects.update(change="notify", outcome="notified", is_open=False, reason="Auto-paused for 5 min")
    of_another = Client()
    of_another.force_login(omar)
    page = supervisor.get(reverse("rules:list"))
    assert "Auto-paused for 5 min" in markup(page)
    assert "unread notices" not in markup(of_another.get("/"))
    assert "Mark as read" not in markup(of_another.get(reverse("rules:list")))

    later = {field: getattr(owed, field) for field in ("rule", "campaign", "local_date", "due_at", "decided_at")}
    Firing.objects.create(occurrence="y", change="notify", outcome="notified", reason="It waits", **later)
    assert '2 <span class="visually-hidden">unread notices' in markup(supervisor.get("/"))
    for client in (of_another, supervisor):
        client.post(reverse("rules:read_notices"), {"last": page.context["notices"].last})

    page = supervisor.get(reverse("rules:list"))
    assert [notice.reason for notice in page.context["notices"].firings] == ["It waits"], "it came after the page was drawn"
    supervisor.post(reverse("rules:read_notices"), {"last": page.context["notices"].last})
    assert "unread notices" not in markup(supervisor.get("/"))
    assert "Auto-paused for 5 min" in markup(supervisor.get(reverse("rules:log")))


@pytest.mark.parametrize(
    ("outcome", "words"), [("notified", "reports"), ("not_decided", "didn&#x27;t decide on"), ("would", "would have reported")]
)
def test_the_log_says_that_a_rule_reported_only_if_it_did(supervisor, owed, outcome, words):
    Firing.objects.update(change="notify", outcome=outcome, is_open=False)

    assert f"</a> {words} <a" in markup(supervisor.get(reverse("rules:log")))


def test_an_owed_pause_is_wanted_on_the_board_until_a_person_keeps_the_campaign_running(supervisor, owed):
    page = markup(supervisor.get("/"))
    assert "Daily: pause is still to come" in page
    log = f"{reverse('rules:log')}?campaign={owed.campaign_id}"
    assert "Keep running tonight" in markup(supervisor.get(log))

    answer = supervisor.post(
        reverse("rules:keep_running", args=[owed.campaign_id]), {"day": str(owed.local_date), "next": log}, follow=True
    )

    assert "keeps running today" in markup(answer)
    owed.refresh_from_db()
    assert owed.outcome == Firing.Outcome.WAIVED
    assert "still to come" not in markup(supervisor.get("/"))


@pytest.mark.parametrize("posted", ["", "today", "2026-13-01", "1999-01-01", "9999-12-31"])
def test_a_day_that_no_page_offers_is_refused(supervisor, campaign, posted):
    answer = supervisor.post(reverse("rules:keep_running", args=[campaign.pk]), {"day": posted})
    assert answer.status_code == 400
    assert not KeepRunning.objects.exists()


def test_a_missed_start_has_one_button_which_starts_by_hand(supervisor, owed, campaign):
    owed.outcome, owed.change, owed.is_open = "missed", "start", False
    owed.save()
    type(campaign).objects.update(status="paused")

    page = markup(supervisor.get(reverse("rules:log")))

    assert "Daily: start missed" in markup(supervisor.get("/"))
    button = page.split(reverse("controls:operate", args=[campaign.pk]))[1].split("</form>")[0]
    assert 'name="change" value="start"' in button
    assert 'name="shown_status" value="paused"' in button


def test_a_rule_that_cannot_be_read_can_be_edited(supervisor, campaign):
    rule = save(supervisor, day(campaign))
    Rule.objects.filter(pk=rule.pk).update(sentence="<script>")
    for name in ("detail", "edit"):
        assert "Daily" in markup(supervisor.get(reverse(f"rules:{name}", args=[rule.pk])))
    save(supervisor, day(campaign), path=reverse("rules:edit", args=[rule.pk]))
