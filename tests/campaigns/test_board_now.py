"""The board in groups, what happens now, and the one poll that brings what has changed."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.campaigns.bulk.asking import Chosen, ask_bulk
from voisoadmin.campaigns.counted import count, quarter_of
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import record_status
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import ask
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_ines(client, ines):
    client.force_login(ines)
    return client


def versions(text: str) -> str:
    return " ".join(re.findall(r'data-version="([^"]+)"', text))


def groups(text: str) -> list[str]:
    """The titles of groups and the names of campaigns, from the top."""
    title, name = (
        r'class="group-row">.*?<th[^>]*>\s*(.*?)\s*<span class="n">(\d+)',
        r'class="name".*?<bdi hx-disable>(.*?)</bdi>',
    )
    found = re.findall(f"{title}|{name}", text)
    return [f"{word} {number}" if word else name for word, number, name in found]


class Poll:
    """An open board, and its poll."""

    def __init__(self, client, query: str = "") -> None:
        self.client, self.query = client, query
        self.shown = set(versions(markup(client.get(f"/{query}"))).split())

    def __call__(self, *, kept: list[int] | None = None) -> str:
        data = {"v": " ".join(self.shown)} | ({} if kept is None else {"kept": " ".join(map(str, kept))})
        answer = self.client.get(f"/board/{self.query}", data, headers={"HX-Request": "true"})
        text = markup(answer) if answer.status_code == 200 else ""
        assert answer.status_code == (200 if text else 204)
        self.shown |= set(versions(text).split())
        return text


def test_campaigns_are_in_groups_what_is_sent_first_and_ended_ones_folded(as_ines):
    berlin, now = make_connection(), timezone.now()
    make_campaign(berlin, "1", "Ended", status="stopped")
    make_campaign(berlin, "2", "Paused", status="paused")
    make_campaign(berlin, "3", "Not started", status="draft")
    make_campaign(berlin, "4", "Earlier", status="active", changed_at=now - timedelta(hours=3))
    make_campaign(berlin, "5", "Later", status="active", changed_at=now)
    make_campaign(berlin, "6", "Blocked", lane={"sending_state": "blocked"})
    make_campaign(berlin, "7", "Flows", status="stopped", lane={"sending_state": "sending", "sending_rows": 10})
    make_campaign(berlin, "8", "Strange", status="a new word")

    text = markup(as_ines.get("/"))

    assert groups(text) == [
        "Sending 1", "Flows", "Needs attention 1", "Blocked", "Active 2", "Later", "Earlier", "State unknown 1", "Strange",
        "Paused 1", "Paused", "Not started 1", "Ended 1",
    ]  # fmt: skip
    assert 'href="?show=ended"' in text


def test_a_long_group_is_cut_and_leads_to_all_of_it(as_ines):
    berlin = make_connection()
    for number in range(12):
        make_campaign(berlin, str(number), f"P{number}", status="paused")

    text = markup(as_ines.get("/"))

    assert len(groups(text)) == 1 + 10
    assert "Show 2 more" in re.sub(r"\s+", " ", text)


def test_a_poll_brings_nothing_while_nothing_changes_and_then_only_what_has_changed(as_ines):
    berlin = make_connection()
    campaign = make_campaign(berlin, "1", "Changes")
    make_campaign(berlin, "2", "Stays")
    with time_machine.travel(timezone.now(), tick=False):
        poll = Poll(as_ines)
        assert poll() == ""

        Campaign.objects.filter(pk=campaign.pk).update(name="Has changed")
        text = poll()
        assert groups(text) == ["Has changed"]
        assert re.findall(r' id="([a-z-]+)-?\d*" ?[^>]*hx-swap-oob', text) == ["row-"]
        assert poll() == ""


def test_a_campaign_that_changes_its_group_moves_unless_a_row_is_ticked(as_ines):
    berlin = make_connection()
    first, second = make_campaign(berlin, "1", "First"), make_campaign(berlin, "2", "Second", status="paused")
    with time_machine.travel(timezone.now(), tick=False):
        poll = Poll(as_ines)
        record_status(first, "paused", source="polled", at=timezone.now() - timedelta(days=1))
        make_campaign(berlin, "3", "New")

        kept = poll(kept=[first.pk, second.pk])
        assert groups(kept) == ["First"]
        assert "Paused" in kept
        assert "board-table" not in kept
        assert poll(kept=[first.pk, second.pk]) == ""

        assert groups(poll()) == ["Active 1", "New", "Paused 2", "Second", "First"]


def test_rows_that_are_kept_are_only_those_the_user_may_see(as_ines, ines):
    lisbon = make_connection("Lisbon")
    hidden = make_campaign(lisbon, "9", "Hidden")
    shown = make_campaign(make_connection(), "1", "Shown")
    ines.all_centres = False
    ines.save()
    ines.centres.set([shown.connection])

    text = Poll(as_ines)(kept=[hidden.pk, shown.pk]) + Poll(as_ines, "?show=active")(kept=[hidden.pk])

    assert "Hidden" not in text


@pytest.mark.parametrize("query", ["?kept=x+1e3+-1&v=%00", "?kept=" + "1+" * 900, "?v=" + "a" * 3000, "?show=nonsense&kept="])
def test_a_poll_with_nonsense_gets_an_answer(as_ines, query):
    make_campaign(make_connection())

    assert as_ines.get(f"/board/{query}", headers={"HX-Request": "true"}).status_code in {200, 204}


def test_what_needs_a_person_is_named_with_its_one_action(as_ines):
    berlin, now = make_connection(), timezone.now()
    make_campaign(berlin, "1", "Import", status="import_error")
    make_campaign(berlin, "2", "Long", status="auto_paused", status_since=now - timedelta(minutes=12))
    make_campaign(berlin, "3", "Short", status="auto_paused", status_since=now - timedelta(minutes=2))
    make_campaign(berlin, "4", "Alone", status="draft", agents_count=0)

    text = markup(as_ines.get("/")).split('id="now-wants"')[1].split("</section>")[0]

    assert re.findall(r'<a class="truncate"[^>]*title="([^"]*)"', text) == ["Import", "Alone", "Long"]
    assert text.count('class="btn btn-small"') == 3
    assert "Auto-paused 12 min. Check agents, contacts and calling hours" in text  # a cause that isn't known isn't claimed
    assert "No agent is assigned" in text


def test_a_change_that_was_not_confirmed_needs_attention(as_ines, ines):
    campaign, at = make_campaign(make_connection(), "1", "Doubtful", status="paused"), timezone.now()
    operation = ask("start", campaign.subject, Click(by=ines, at=at))
    Operation.objects.filter(pk=operation.pk).update(status="running")
    Campaign.objects.update(failed_operation=operation.pk, failed_at=at, place=Campaign.Place.ATTENTION)
    Operation.objects.filter(pk=operation.pk).update(status="unconfirmed", ended_at=at)

    text = markup(as_ines.get("/"))

    assert groups(text) == ["Needs attention 1", "Doubtful"]
    assert text.count("Start not confirmed by Voiso") >= 2  # above the list, and in its row


def test_a_centre_that_does_not_answer_wants_nothing_but_says_so(as_ines):
    now = timezone.now()
    silent = make_connection(answered=timedelta(minutes=9), silent_since=now - timedelta(minutes=8), failures=9)
    make_campaign(silent, "1", "Import", status="import_error")

    text = markup(as_ines.get("/")).split('id="now-wants"')[1].split("</section>")[0]

    assert 'class="btn btn-small"' not in text
    assert "What its campaigns need isn" in text


def test_today_is_the_day_of_the_contact_centre_and_says_so(as_ines):
    tokyo = ZoneInfo("Asia/Tokyo")
    noon = datetime(2026, 11, 23, 12, 30, tzinfo=tokyo)
    campaign = make_campaign(make_connection(time_zone="Asia/Tokyo", answered=None), lane={"last_push_at": noon})
    count(campaign.lane_id, quarter_of(noon - timedelta(hours=12)), {"added": 40, "duplicate": 7})
    count(campaign.lane_id, quarter_of(noon - timedelta(hours=13)), {"added": 5})
    count(campaign.lane_id, quarter_of(noon - timedelta(hours=25)), {"added": 100})

    with time_machine.travel(noon, tick=False):
        text = markup(as_ines.get("/"))

    today = text.split('id="now-today"')[1].split("</section>")[0]
    assert "Asia/Tokyo time" in today
    assert "<b>40</b>" in today
    assert "7 already there" in today
    assert "Yesterday by now: 100" in today
    assert "Show as table" in today
    assert 'title="Accepted by Voiso today, Asia/Tokyo time"' in text


BROKEN = "Can't be shown completely right now"


@pytest.mark.parametrize("part", ["flows", "row"])
def test_what_is_stored_and_cannot_be_read_takes_nothing_else_with_it(as_ines, part, caplog):
    berlin, at = make_connection(), timezone.now()
    broken = make_campaign(berlin, "1", "Broken", lane={"last_push_at": at})
    make_campaign(berlin, "2", "Whole", status="import_error")
    count(broken.lane_id, quarter_of(at), {"added": 40})
    match part:
        case "flows":
            push = Push.objects.create(lane=broken.lane, campaign=broken, state="sending", reasons=[1], confirmed_at=at)
            upload = {"received_at": at, "by_label": "ines", "file_size": 10, "stage": "sent"}
            Upload.objects.create(campaign=broken, file_name="a.csv", **upload).pushes.add(push)
        case "row":
            Campaign.objects.filter(pk=broken.pk).update(pending_operation="dance")

    text = markup(as_ines.get("/"))

    assert "Whole" in text
    assert "<b>40</b>" in text.split('id="now-today"')[1]
    assert "Contact list import failed" in text.split('id="now-wants"')[1]
    assert (BROKEN in text.split('id="now-flows"')[1].split("</section>")[0]) == (part == "flows")
    assert ("Unreadable" in text.split('id="board"')[1]) == (part == "row")
    assert "can't be shown" in caplog.text


def test_the_row_of_a_campaign_that_waits_in_a_bulk_says_its_place_until_its_turn_comes(as_ines, ines):
    berlin, at = make_connection(), timezone.now()
    campaigns = [make_campaign(berlin, f"{number:02}", f"Waits {number}", status="paused") for number in range(10)]
    chosen = [Chosen(campaign_id=campaign.pk, shown_status="paused") for campaign in campaigns]
    bulk = ask_bulk(Operation.Kind.START, chosen, Click(by=ines, at=at))
    with time_machine.travel(at, tick=False):
        poll = Poll(as_ines)
        text = markup(as_ines.get("/"))
        assert "Waiting to start, 1st" in text
        assert "Waiting to start, 10th" in text

        bulk.children.filter(campaign_ref=campaigns[0].pk).update(status="running")
        text = poll()

        assert "Waiting to start, 1st" in text.split("Waits 1<")[1].split("</tr>")[0]
        assert "Waiting" not in text.split("Waits 0<")[1].split("</tr>")[0]
