import re
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.campaigns import counted
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, ines):
    """The board as Ines sees it."""
    client.force_login(ines)

    def get(query: str = "", **headers: str) -> str:
        response = client.get(f"/{query}", headers=headers)
        assert response.status_code == 200
        return markup(response)

    return get


def cells(text: str, label: str) -> list[str]:
    """The texts of the cells of a column, without links."""
    return [re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(f'data-label="{label}"[^>]*>(.*?)</td>', text)]


def names(text: str) -> list[str]:
    return [part.split("</bdi>")[0].split("<bdi hx-disable>")[-1] for part in text.split('class="name"')[1:]]


def test_a_supervisor_sees_every_campaign_with_its_state_and_numbers(page):
    berlin = make_connection()
    campaign = make_campaign(berlin, "4702", lane={"last_push_at": timezone.now(), "rows_to_fix": 361})
    counted.count(campaign.lane_id, counted.quarter_of(timezone.now()), {"added": 12400, "unattributed": 18, "duplicate": 5})

    text = page()

    assert names(text) == ["Summer Outreach"]
    assert "4702 · <bdi hx-disable>Berlin</bdi>" in text
    assert "Active" in text
    assert 'class="cause ' in text
    assert cells(text, "Agents") == ["12"]
    assert cells(text, "Today") == ["12,418"]
    assert ">361</a>" in text


def test_the_number_of_rows_to_fix_links_to_them(page):
    campaign = make_campaign(make_connection(), lane={"rows_to_fix": 1204, "last_push_at": timezone.now()})

    text = page()

    assert f'href="{reverse("uploads:rejected")}?campaign={campaign.pk}"' in text
    assert ">1,204</a>" in text


def test_a_running_push_shows_its_numbers_and_a_bar(page):
    make_campaign(
        make_connection(),
        lane={"sending_state": Lane.Sending.SENDING, "sending_rows": 46900, "sending_done": 12000},
    )

    text = page()

    assert "12,000 / 46,900" in text
    assert 'aria-valuenow="12000"' in text
    assert 'viewBox="0 0 46900 10"' in text


def test_a_waiting_lane_says_why(page):
    make_campaign(
        make_connection(),
        lane={
            "sending_state": Lane.Sending.WAITING,
            "sending_rows": 10,
            "sending_done": 1,
            "sending_reason": "Voiso: wait until 14:06:10",
        },
    )

    assert "Voiso: wait until 14:06:10" in page()


def test_every_id_on_the_board_is_unique_and_without_blanks(page):
    make_campaign(make_connection(), "1", "In Berlin")

    ids = re.findall(r' id="([^"]*)"', page())

    assert len(ids) == len(set(ids))
    assert [one for one in ids if not one or re.search(r"\s", one)] == []
    assert "sort-last-upload" in ids


def test_an_unknown_number_is_never_shown_as_zero(page):
    berlin, now = make_connection(), timezone.now()
    make_campaign(berlin, "1", "Nothing sent from here", agents_count=None, changed_at=now)
    make_campaign(berlin, "2", "Sent from here", lane={"last_push_at": now}, changed_at=now - timedelta(minutes=1))

    text = page()

    assert (cells(text, "Agents"), cells(text, "Today"), cells(text, "To fix")) == (["–", "12"], ["–", "0"], ["–", "0"])


def test_tabs_count_the_states_and_filter_by_them(page):
    berlin = make_connection()
    for number, status in enumerate(["active", "active", "paused", "auto_paused", "draft", "stopped", "completed"]):
        make_campaign(berlin, str(number), f"{status} {number}", status=status)

    text = page("?show=paused")

    assert names(text) == ["paused 2"]
    for tab, number in (("All", 7), ("Needs attention", 1), ("Active", 2), ("Paused", 1), ("Not started", 1), ("Ended", 2)):
        assert f'{tab} <span class="n">{number}</span>' in text


def test_campaigns_that_voiso_no_longer_lists_leave_the_board_and_are_still_found(page):
    berlin = make_connection()
    make_campaign(berlin, "1", "Here")
    make_campaign(berlin, "2", "Gone", missing_since=timezone.now())

    assert names(page()) == ["Here"]
    assert names(page("?show=gone")) == ["Gone"]


@pytest.mark.parametrize(
    ("search", "found"), [("outr", ["Summer Outreach"]), ("4711", ["Winback"]), ("47", ["Winback"]), ("x", [])]
)
def test_search_finds_by_name_and_number(page, search, found):
    berlin = make_connection()
    make_campaign(berlin, "99", "Summer Outreach")
    make_campaign(berlin, "4711", "Winback")

    text = page(f"?q={search}")

    assert names(text) == found
    if not found:
        assert "No campaign matches “x”" in text


@pytest.mark.parametrize("search", ["über", "ÜBER", "überraschung (50", "%C3%9CBERRASCHUNG"])
def test_search_ignores_case_in_every_script(page, search):
    berlin = make_connection()
    make_campaign(berlin, "99", "Überraschung (50 %)")
    make_campaign(berlin, "4711", "Uberraschung")

    assert names(page(f"?q={search}")) == ["Überraschung (50 %)"]


def test_names_are_sorted_regardless_of_case(page):
    berlin = make_connection()
    for number, name in enumerate(["alpha", "Beta", "gamma", "Delta"]):
        make_campaign(berlin, str(number), name)

    assert names(page("?sort=name")) == ["alpha", "Beta", "Delta", "gamma"]
    assert names(page("?sort=-name")) == ["gamma", "Delta", "Beta", "alpha"]


def test_one_contact_centre_can_be_chosen(page):
    make_campaign(make_connection("Berlin"), "1", "In Berlin")
    lisbon = make_connection("Lisbon")
    make_campaign(lisbon, "2", "In Lisbon")

    assert names(page(f"?centre={lisbon.pk}")) == ["In Lisbon"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [("name", "Alpha"), ("-name", "Omega"), ("fix", "Alpha"), ("-fix", "Omega"), ("-agents", "Omega")],
)
def test_columns_sort(page, sort, first):
    berlin, now = make_connection(), timezone.now()
    make_campaign(berlin, "1", "Alpha", lane={"rows_to_fix": 1}, agents_count=None, changed_at=now)
    make_campaign(berlin, "2", "Omega", lane={"rows_to_fix": 2}, changed_at=now - timedelta(days=2))

    text = page(f"?sort={sort}")

    assert names(text)[0] == first
    assert "aria-sort" in text


@pytest.mark.parametrize(
    "query",
    [
        "?sort=password",
        "?sort=connection__key",
        "?page=9999999999999",
        "?page=-1",
        "?centre=1e3",
        "?show=x",
        "?q=%00",
        "?page=٣",
    ],
)
def test_an_address_with_invalid_filters_shows_the_board(page, query):
    make_campaign(make_connection())

    assert names(page(query)) == ["Summer Outreach"]


def test_thousands_of_campaigns_are_paged_in_at_most_twelve_queries(page, django_assert_max_num_queries):
    berlin = make_connection()
    lanes = Lane.objects.bulk_create(Lane(address="https://cc-berlin.voiso.com:443", voiso_id=str(n)) for n in range(3000))
    now = timezone.now()
    Campaign.objects.bulk_create(
        Campaign(
            connection=berlin,
            lane=lane,
            voiso_id=lane.voiso_id,
            name=f"C{lane.voiso_id}",
            status="active",
            changed_at=now,
            place=Campaign.Place.ACTIVE,
        )
        for lane in lanes
    )

    with django_assert_max_num_queries(12):
        text = page("?page=2&sort=name")

    assert "51–100 of 3,000" in text
    assert len(names(text)) == 50


def test_a_search_gets_only_the_list_and_its_tabs(page):
    make_campaign(make_connection())

    text = page(**{"HX-Request": "true", "HX-Target": "board"})

    assert "<html" not in text
    assert names(text) == ["Summer Outreach"]
    assert 'id="tabs"' in text
    assert "hx-swap-oob" in text


def test_going_back_in_the_browser_gets_the_whole_page(page):
    make_connection()

    assert "<html" in page(**{"HX-Request": "true", "HX-History-Restore-Request": "true"})


def test_the_board_refreshes_more_often_while_a_campaign_changes(page):
    campaign = make_campaign(make_connection())

    assert 'hx-trigger="every 8s' in page()

    campaign.status = "pausing"
    campaign.save()
    assert 'hx-trigger="every 3s' in page()


def test_controls_post_to_the_campaign_and_impossible_ones_say_why(page):
    campaign = make_campaign(make_connection())

    text = page()

    assert f'formaction="{reverse("controls:operate", args=[campaign.pk])}?shown=active"' in text
    assert 'name="client_token"' in text
    assert 'aria-label="Start Summer Outreach. Unavailable: It&#x27;s already running" aria-disabled="true"' in text
    assert 'name="change" value="pause"' in text
    assert f'href="{reverse("controls:confirm_stop", args=[campaign.pk])}' in text


def test_without_a_connection_the_board_says_how_to_begin(page):
    text = page()

    assert "No contact centre connected yet" in text
    assert "A VoisoAdmin administrator does the first two steps." in text
    assert "1,048,576" in text


def test_a_silent_contact_centre_makes_only_its_own_campaigns_outdated(page):
    now = timezone.now()
    berlin = make_connection(
        answered=timedelta(minutes=9), silent_since=now - timedelta(minutes=8), last_problem="Voiso answered 502.", failures=9
    )
    make_campaign(berlin, "1", "In Berlin")
    make_campaign(make_connection("Lisbon"), "2", "In Lisbon")

    text = page()

    assert "Berlin hasn't answered since" in text
    assert "Voiso answered 502." in text
    assert "Try now" in text
    assert text.count("is-stale") == 1
    assert "as of " in text
    assert "a start is never sent late" in text


def test_a_refused_key_says_that_a_person_must_act(page, client, ada):
    make_campaign(make_connection(held_kind=Connection.HoldKind.KEY, held_reason="Voiso refuses the key."))

    text = page()

    assert "Berlin: Voiso refuses the key." in text
    assert "Ask an administrator to fix the connection." in text
    assert "Try now" not in text


def test_the_board_says_that_no_worker_runs(page):
    make_campaign(make_connection(answered=timedelta(minutes=20)))

    assert "VoisoAdmin hasn't contacted Voiso since" in page()


HOSTILE = [
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "' hx-get='/evil' x='",
    "{{ 7|add:7 }}{% debug %}",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "<svg/onload=alert(1)>",
    "&lt;already&gt;",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_is_only_ever_text(page, hostile):
    make_campaign(make_connection(hostile[:60]), "1", hostile, status=hostile[:60], lane={"sending_reason": hostile})

    text = page()

    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<svg/onload" not in text
    assert "' hx-get='/evil'" not in text
    assert "14" not in names(text)[0] or "14" in hostile


def test_the_page_carries_no_inline_script_or_style(page):
    make_campaign(make_connection())

    text = page()

    assert " style=" not in text
    assert " onclick=" not in text
    assert "<script>" not in text
    assert "<style" not in text


def test_reading_the_board_writes_nothing(page):
    make_campaign(make_connection())

    with CaptureQueriesContext(database) as queries:
        page()

    assert not [q["sql"] for q in queries if not q["sql"].lstrip().upper().startswith("SELECT")]


def test_the_search_is_part_of_the_address(client, ines):
    client.force_login(ines)
    make_connection()
    headers = {"HX-Request": "true", "HX-Target": "board", "HX-Trigger": "search"}

    assert client.get("/?centre=&q=winb&show=paused", headers=headers)["HX-Push-Url"] == "/?show=paused&q=winb"
    assert client.get("/?q=", headers=headers)["HX-Push-Url"] == "/"
    assert "HX-Push-Url" not in client.get("/?q=winb", headers={"HX-Request": "true", "HX-Target": "board"})
