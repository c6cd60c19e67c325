"""Agents and teams are picked from a list with boxes, or pasted, for one campaign or several."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.assignments.conftest import LENA, PRIYA, TOM, on, outcomes, read_roster
from tests.support.markup import markup
from tests.support.queue import run_jobs
from tests.support.sandbox import mirror
from voisoadmin.assignments import tasks
from voisoadmin.assignments.models import Agent, Team
from voisoadmin.connections.models import Connection
from voisoadmin.operations.models import Operation

pytestmark = pytest.mark.slow


@pytest.fixture
def campaigns(sandbox, any_connection):
    """Spring with Lena, Autumn with no one, Winter with Lena and Tom; all lists read where the API has them."""
    read_roster(any_connection)
    Connection.objects.filter(pk=any_connection.pk).update(synced_at=timezone.now())
    staffed = {"Spring": [LENA], "Autumn": [], "Winter": [LENA, TOM]}
    found = {
        name: mirror(sandbox, any_connection, sandbox.add_campaign(name, agents=agents)) for name, agents in staffed.items()
    }
    if any_connection.capabilities.lists_agents:
        tasks.sync_lists(any_connection.pk)
    return found


def box(row):
    return {"Agent": "a", "Team": "t", "Campaign": "c"}[type(row).__name__] + str(row.pk)


def agent(email):
    return Agent.objects.get(email=email)


@pytest.fixture
def pick(client, ines, any_connection):
    """Posts the page's form; the answer."""
    client.force_login(ines)

    def post(step, *rows, **fields):
        data = {"step": step, "tick": [box(row) for row in rows], "client_token": str(uuid.uuid4()), **fields}
        return client.post(reverse("assignments:pick", args=[any_connection.pk]), data)

    return post


def words(page):
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def hidden(answer, name):
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', markup(answer))
    return found[1] if found else ""


def test_what_would_change_is_shown_for_each_campaign(pick, campaigns, sandbox):
    page = words(markup(pick("preview", agent(LENA), agent(TOM), *campaigns.values())))

    if campaigns["Spring"].connection.generation == "v4":
        assert "Add 2 to 2 campaigns" in page
        assert re.search(r"2 will be added to 1 campaign Autumn .*1 will be added to 1 campaign Spring", page)
        assert re.search(r"Spring .*1 will be added tom\.okafor@example\.com .* 1 needs no change lena", page)
        assert "No change on 1 campaign Winter" in page
    else:
        assert "2 will be added to each of 3 campaigns Autumn Spring Winter" in page
    assert not Operation.objects.exists()
    assert on(sandbox, campaigns["Autumn"]) == set()


def test_ticks_survive_searching_and_turning_pages(pick, campaigns, any_connection):
    for number in range(60):
        Agent.objects.create(
            connection=any_connection, voiso_id=f"n{number}", name=f"Agent {number:02}", seen_at=timezone.now()
        )
    evening = Team.objects.get(name="Evening")

    found = pick("find", agent(LENA), evening, campaigns["Spring"], q="agent")
    more = pick(
        "find",
        Agent.objects.get(name="Agent 07"),
        evening,
        campaigns["Spring"],
        agent(LENA),
        q="agent",
        picked=hidden(found, "picked"),
        shown=hidden(found, "shown"),
        go=found.context["shown"].agents.next_url,
    )
    last = pick(
        "find",
        evening,
        campaigns["Spring"],
        picked=hidden(more, "picked"),
        shown=hidden(more, "shown"),
        q="agent",
        campaign_q="zzz",
    )

    assert [row.name for row in more.context["shown"].agents][:2] == ["Agent 25", "Agent 26"]
    assert f'value="{box(agent(LENA))}" checked' in " ".join(markup(more).split())
    picked = last.context["shown"].picked
    assert picked.agents == set(), "the boxes of Lena and of Agent 07 were on the page, and weren't ticked any more"
    assert (picked.teams, picked.campaigns) == ({evening.pk}, {campaigns["Spring"].pk})
    assert last.context["shown"].chosen_campaigns == [campaigns["Spring"]]


def test_all_that_match_are_ticked_at_once(pick, campaigns):
    answer = pick("all", campaigns["Spring"], q="okafor example.com")

    assert answer.context["shown"].picked.agents == {agent(TOM).pk}
    assert pick("all").context["shown"].people == 3
    assert pick("none", agent(TOM)).context["shown"].people == 0


def test_picked_and_pasted_names_go_to_every_campaign_with_a_result_for_each(pick, campaigns, sandbox):
    rows = [agent(TOM), campaigns["Spring"], campaigns["Autumn"]]
    shown = pick("preview", *rows, names="- Priya Nair\n- Zoe Missing")
    assert "1 can't be sent" in words(markup(shown)).replace("&#x27;", "'")

    pick("apply", *rows, names="- Priya Nair\n- Zoe Missing", seal=hidden(shown, "seal"))
    run_jobs()

    assert on(sandbox, campaigns["Spring"]) == {LENA, TOM, PRIYA}
    assert on(sandbox, campaigns["Autumn"]) == {TOM, PRIYA}
    bulk = Operation.objects.get(kind="assign", parent=None)
    assert (bulk.status, bulk.campaigns, bulk.subject_label) == ("done", 2, "2 campaigns")
    for name in ("Spring", "Autumn"):
        done = Operation.objects.get(kind="assign", subject_id=campaigns[name].pk)
        assert done.status == "done"
        assert outcomes(done) == {TOM: "added", "Priya Nair": "added"}


def test_agents_are_removed_from_several_campaigns(pick, campaigns, sandbox, change_people):
    if campaigns["Spring"].connection.generation == "legacy":
        change_people(campaigns["Spring"], "add", LENA)
    rows = [agent(LENA), *campaigns.values()]
    shown = pick("preview", *rows, do="remove")

    pick("apply", *rows, do="remove", seal=hidden(shown, "seal"))
    run_jobs()

    assert [on(sandbox, campaign) for campaign in campaigns.values()] == [set(), set(), {TOM}]


def test_what_was_not_shown_is_not_done(pick, campaigns, sandbox):
    shown = pick("preview", agent(TOM), campaigns["Spring"])

    other = pick("apply", agent(TOM), campaigns["Spring"], campaigns["Autumn"], seal=hidden(shown, "seal"))

    assert other.status_code == 422
    assert "What would change is not what was shown." in markup(other)
    assert not Operation.objects.exists()
    assert on(sandbox, campaigns["Autumn"]) == set()


def test_a_near_name_takes_the_place_of_a_pasted_one(pick, campaigns):
    page = pick("preview", campaigns["Autumn"], names="Tmo Okafor\nPriya Nair", swap="Tmo Okafor\tTom Okafor")

    assert "2 will be added" in words(markup(page))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Pick at least one agent or team, or paste a name."),
        ({"names": "x" * 500_001}, "The list is too long (limit 500,000 characters)."),
        ({"names": "\n".join(f"n{number}" for number in range(5001))}, "Too many names (limit 5,000)."),
        ({"picked": "a99999999999999999 c-1 t x a1; c0", "tick": ["🙂", "a1x"]}, "Pick at least one agent or team"),
    ],
)
def test_what_gives_no_change_is_refused_in_words(pick, campaigns, fields, why):
    answer = pick("preview", campaigns["Spring"], **fields) if "tick" not in fields else pick("preview", **fields)

    assert answer.status_code == 422
    assert why in markup(answer)


def test_no_campaign_and_too_many_changes_are_refused_in_words(pick, campaigns):
    nothing = pick("preview", agent(TOM))
    many = pick("preview", *campaigns.values(), names="\n".join(f"n{number}@x.com" for number in range(4999)))

    assert "Pick at least one campaign." in markup(nothing)
    if campaigns["Spring"].connection.generation == "legacy":
        assert many.status_code == 200  # 14,997 changes
    assert many.status_code in {200, 422}


def test_the_pages_of_an_agent_and_a_team_lead_to_their_change(client, pick, campaigns):
    lena = markup(client.get(reverse("assignments:agent", args=[agent(LENA).pk])))
    evening = markup(client.get(reverse("assignments:team", args=[Team.objects.get(name="Evening").pk])))
    prefilled = client.get(reverse("assignments:pick", args=[campaigns["Spring"].connection_id]) + f"?tick={box(agent(LENA))}")

    v4 = campaigns["Spring"].connection.generation == "v4"
    assert ("Spring" in lena, "Winter" in lena) == (v4, v4)
    assert f"?tick={box(agent(LENA))}" in lena
    assert "Evening" in evening
    assert prefilled.context["shown"].picked.agents == {agent(LENA).pk}
